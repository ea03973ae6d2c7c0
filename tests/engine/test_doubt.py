"""Whenever the store fails in a turn, after the commit or before: what stands is whole, and paid for once."""

from collections import Counter
from dataclasses import replace
from typing import Literal

import pytest

from omni2.engine.events import TurnDone, TurnEvent
from omni2.engine.turn import Ask, new_ask, run_turn
from omni2.flows.checkpoints import ToolCall, ToolResult
from omni2.flows.recorder import Recorder
from omni2.kernel.db import unavailable
from omni2.kernel.lane import Lane, Row, Step
from tests.engine.test_endings import nothing, running_marks, said
from tests.support.house import House
from tests.support.scripted_model import says, wants

PHASES = 8
When = Literal["before", "after"]


class FailingLane:
    """The real lane, which fails once, at unit number `at`, before or after its commit."""

    def __init__(self, lane: Lane, at: int, when: When) -> None:
        self._lane = lane
        self._at = at
        self._when = when
        self.units = 0

    async def commit(self, steps: list[Step]) -> list[Row | None]:
        """Commit; the store is gone at the chosen unit."""
        self.units += 1
        if self.units != self._at:
            return await self._lane.commit(steps)
        if self._when == "after":
            await self._lane.commit(steps)
        raise unavailable()


async def price_echo(house: House) -> None:
    """Let a call of `echo` cost 700 micro-USD."""
    async with house.served.client(house.boss) as client:
        path = f"/api/servers/{house.server_id}/tools/echo"
        assert (await client.patch(path, json={"price_micros": 700})).status_code == 200


async def run(house: House, at: int, when: When) -> tuple[Ask, Recorder, list[TurnEvent]]:
    """Run a turn with one priced call over a store that fails once."""
    engine = house.served.process.engine
    lane = FailingLane(engine.recorder.lane, at, when)
    recorder = Recorder(lane, engine.recorder.lease, engine.bus)  # pyright: ignore[reportArgumentType]
    house.model.play(wants("shop__echo", text="tea"), says("Yes."))
    events: list[TurnEvent] = []
    ask = new_ask("Hello", None, None, ())
    principal = await house.served.process.authenticator.by_token(house.ann.token)
    await run_turn(replace(engine, recorder=recorder), principal, ask, events.append, nothing)
    return ask, recorder, events


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(1, PHASES + 1))
async def test_a_store_that_fails_once_leaves_a_whole_record_and_right_books(
    house: House, at: int, when: When
) -> None:
    await price_echo(house)
    ask, recorder, events = await run(house, at, when)
    (done,) = [event for event in events if isinstance(event, TurnDone)]
    assert done.status == ("failed" if at < PHASES else "unknown")
    await recorder.retry_closings()
    head, checkpoints = await house.served.flow(ask.flow_id)
    kinds = await house.kinds(ask.flow_id)
    assert head.status == ("failed" if at < PHASES else "ok")
    assert kinds[0] == "auth_check"
    assert (kinds[-1], kinds.count("done")) == ("done", 1)
    calls = [item.data.call_id for item in checkpoints if isinstance(item.data, ToolCall)]
    results = [item.data for item in checkpoints if isinstance(item.data, ToolResult)]
    assert [result.call_id for result in results] == calls
    assert {result.status for result in results} <= {"ok" if house.workshop.calls else "cancelled"}
    assert head.tool_calls == len(calls)
    ledger = await house.served.ledger(house.ann)
    happened = {"model": len(house.model.requests), "tool": len(house.workshop.calls)}
    assert Counter(entry.kind for entry in ledger) == Counter(happened)
    assert head.cost_micros == sum(entry.micros for entry in ledger)
    assert await running_marks(house.served) == [None]
    assert [kind for kind, _ in await said(house.served, ask.flow_id)].count("user") == 1
    await house.served.require_balanced()
