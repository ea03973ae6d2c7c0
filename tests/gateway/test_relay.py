"""Parked calls between two replicas whose bus loses what it likes: told in the end, or lost by name."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import JsonValue

from omni2.engine.requests import Answered, Timing
from omni2.engine.tools import Called
from omni2.gateway import relay
from omni2.gateway.parking import Elsewhere, Parked, Parking, ParkingLink
from omni2.gateway.relay import Interim, Relay
from omni2.gateway.wire import Fault
from omni2.kernel.bus import MemoryBus
from omni2.kernel.errors import Problem
from omni2.kernel.secrets import Sealer
from omni2.kernel.tasks import Supervisor

QUESTION: dict[str, dict[str, JsonValue]] = {"name": {"method": "elicitation/create", "params": {}}}
CONTEXT = "whose call it is"


class LossyBus(MemoryBus):
    """Loses the first messages of the kinds in `losing`, as many as it says."""

    def __init__(self) -> None:
        super().__init__()
        self.losing: dict[str, int] = {}

    async def publish(self, topic: str, payload: JsonValue) -> None:
        kind = payload.get("kind") if isinstance(payload, dict) else None
        if isinstance(kind, str) and self.losing.get(kind, 0) > 0:
            self.losing[kind] -= 1
            return
        await super().publish(topic, payload)


@dataclass
class Ear:
    """The way to a client: what it heard."""

    heard: list[bytes] = field(default_factory=list[bytes])
    over: bool = False

    async def event(self, body: bytes) -> None:
        self.heard.append(body)


@dataclass
class Two:
    """The replica where calls wait (`here`), and the one that retries reach (`there`)."""

    bus: LossyBus
    here: Parking
    there: Parking
    near: Relay

    async def park(self, link: ParkingLink, task: "asyncio.Task[Answered]") -> str:
        """Wait until a call asks, and park it; return the state."""
        await link.questions
        return self.here.park(Parked("ann", task, link, CONTEXT))

    async def retry(self, state: str, way: Ear | None = None, **answers: JsonValue) -> Answered | Interim:
        """Go on from the other replica."""
        found = self.there.take(state, CONTEXT)
        assert isinstance(found, Elsewhere)
        async with asyncio.timeout(20):
            return await self.near.go_on(found, answers, way)


@pytest.fixture
async def two(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Two]:
    monkeypatch.setattr(relay, "SAID_AGAIN_S", 0.01)
    bus, supervisor, sealer = LossyBus(), Supervisor(), Sealer(b"the same on both")
    here, there = Parking(sealer, lambda: "here"), Parking(sealer, lambda: "there")
    relays = Relay(bus, here), Relay(bus, there)
    for one in relays:
        one.supervise(supervisor)
    yield Two(bus, here, there, relays[1])
    await supervisor.aclose()


def link_of(**meta: Any) -> ParkingLink:
    return ParkingLink(None, {"elicitation": {}}, meta, None)


def came(text: str) -> Answered:
    return Answered("flow", Called("ok", text, text, 1.0), Timing(0, 0, 0, 0, 0))


async def asking(link: ParkingLink, times: int = 1) -> Answered:
    """Ask, say how far it is, and answer with what was answered."""
    words: list[str] = []
    for _ in range(times):
        words.append(str((await link.ask(QUESTION))["name"]))
        await link.progress({"progress": len(words)})
    return came(" ".join(words))


async def test_what_a_call_says_and_what_comes_of_it_reach_the_other_replica(two: Two) -> None:
    link, ear = link_of(progressToken="p"), Ear()
    state = await two.park(link, asyncio.create_task(asking(link)))
    assert await two.retry(state, ear, name="Ann") == came("Ann")
    assert [b"notifications/progress" in body for body in ear.heard] == [True]
    with pytest.raises(Fault, match="does not stand for a call"):
        await two.retry(state, name="Ann")


async def test_what_is_said_to_a_client_that_does_not_read_is_bounded_and_the_end_is_told(two: Two) -> None:
    link, said = link_of(progressToken="p"), asyncio.Event()

    class Slow(Ear):
        async def event(self, body: bytes) -> None:
            await said.wait()
            await super().event(body)

    async def talk() -> Answered:
        await link.ask(QUESTION)
        for number in range(3 * relay.MAX_WAITING):
            await link.progress({"progress": number})
            await asyncio.sleep(0)
        said.set()
        return came("Ann")

    ear = Slow()
    state = await two.park(link, asyncio.create_task(talk()))
    assert await two.retry(state, ear, name="Ann") == came("Ann")
    assert 0 < len(ear.heard) <= relay.MAX_WAITING + 1


async def test_a_client_that_takes_no_stream_is_told_the_end_alone(two: Two) -> None:
    link = link_of(progressToken="p")
    state = await two.park(link, asyncio.create_task(asking(link)))
    assert await two.retry(state, None, name="Ann") == came("Ann")


async def test_a_call_that_asks_again_waits_where_it_was(two: Two) -> None:
    link = link_of()
    state = await two.park(link, asyncio.create_task(asking(link, 2)))
    again = await two.retry(state, name="Ann")
    assert isinstance(again, Interim)
    assert (again.requests, two.here.count) == (QUESTION, 1)
    assert await two.retry(again.state, name="Bob") == came("Ann Bob")
    assert two.here.count == 0


@pytest.mark.parametrize("kind", ["done", "heard"])
async def test_what_came_of_a_call_is_said_until_it_was_heard(two: Two, kind: str) -> None:
    link = link_of()
    state = await two.park(link, asyncio.create_task(asking(link)))
    two.bus.losing[kind] = 2
    assert await two.retry(state, name="Ann") == came("Ann")


async def test_how_a_call_fails_is_told_as_it_was(two: Two) -> None:
    link = link_of()

    async def fail() -> Answered:
        await link.ask(QUESTION)
        raise Problem("budget_exhausted", 402, "No credits.", rule="daily credits")

    state = await two.park(link, asyncio.create_task(fail()))
    with pytest.raises(Problem) as caught:
        await two.retry(state, name="Ann")
    told = caught.value
    assert (told.code, told.status, told.detail) == ("budget_exhausted", 402, "No credits.")
    assert told.extra == {"rule": "daily credits"}


async def test_a_retry_that_got_lost_on_the_way_may_come_again(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "TAKEN_WITHIN_S", 0.05)
    link = link_of()
    state = await two.park(link, asyncio.create_task(asking(link)))
    two.bus.losing["take"] = 1
    with pytest.raises(Problem, match="call_lost"):
        await two.retry(state, name="Ann")
    assert await two.retry(state, name="Ann") == came("Ann")


async def test_a_call_of_which_nothing_is_heard_is_lost_by_name_and_ends(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "SILENT_S", 0.05)
    link = link_of()

    async def hang() -> Answered:
        await link.ask(QUESTION)
        await asyncio.Event().wait()
        raise AssertionError

    call = asyncio.create_task(hang())
    state = await two.park(link, call)
    two.bus.losing["runs"] = 1_000
    monkeypatch.setattr(relay, "TAKEN_WITHIN_S", 0.05)
    with pytest.raises(Problem, match="call_lost"):
        await two.retry(state, name="Ann")
    await asyncio.wait({call}, timeout=20)
    assert call.cancelled()
