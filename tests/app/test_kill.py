"""`kill -9` of the whole server under load loses no acknowledged record and leaves nothing running."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select

from omni2.conversations.models import Conversation, Message
from omni2.flows.checkpoints import Checkpoint, Done, ToolCall, ToolResult
from omni2.flows.models import FlowHead
from omni2.usage.models import BudgetWindow, Reservation
from omni2.usage.verify import verify_ledger
from tests.support.app import Person, Served, add_model, grant, read_flow, serving_app
from tests.support.clients import ChatClient, Frame
from tests.support.house import add_shop, text_of
from tests.support.mcp_servers.raw_http import serving
from tests.support.mcp_servers.workshop import Workshop
from tests.support.nursery import Nursery

SOCKETS = 6
ROUNDS = 5
SERIES = ["sqlite"] * 5 + ["postgresql"]
ACKNOWLEDGED = ("tool_call", "tool_result", "done")


@dataclass
class Load:
    """Clients that ask without end; `frames` is everything they were sent, over all rounds."""

    person: Person
    frames: list[Frame] = field(default_factory=list[Frame])
    numbers: "count[int]" = field(default_factory=count)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int = 0

    def note(self, frame: Frame) -> None:
        """Keep a frame; wake whoever waits for many."""
        self.frames.append(frame)
        if len(self.frames) >= self.wanted:
            self.enough.set()

    async def ask(self, url: str) -> None:
        """Ask over a connection of one's own until it is cut."""
        with suppress(AssertionError, OSError, EOFError):
            chat = await ChatClient.connect(url, {"Authorization": f"Bearer {self.person.token}"})
            chat.on_frame = self.note
            await chat.welcome()
            while True:
                await chat.ask(f"question {next(self.numbers)}")


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    """Where the servers come from."""
    opened = Nursery()
    yield opened
    opened.close()


async def one_round(nursery: Nursery, url: str, data: Path, load: Load) -> None:
    """Let them ask, and kill the server at a moment that nobody knows."""
    async with nursery.child(url, data) as origin:
        load.enough.clear()
        load.wanted = len(load.frames) + random.randint(60, 400)
        asking = [asyncio.create_task(load.ask(origin)) for _ in range(SOCKETS)]
        await asyncio.wait_for(load.enough.wait(), 30)
    await asyncio.wait(asking)


async def furnish(url: str, data: Path, upstream: str) -> Person:
    """Prepare the database: people with credits, the shop, a model."""
    async with serving_app(url, data) as served:
        boss, ann = await served.person("Boss", "admin"), await served.person("Ann")
        await add_model(served.database)
        await add_shop(served, boss, upstream)
        await grant(served.database, "shop")
        async with served.client(boss) as client:
            limit = {"limit_micros": 10**12}
            assert (await client.put(f"/api/users/{ann.user_id}/budget", json=limit)).status_code == 200
        return ann


async def closed_flows(served: Served) -> dict[str, tuple[FlowHead, list[Checkpoint]]]:
    """Wait until no flow is left running; return all of them."""
    async with asyncio.timeout(30):
        while True:
            async with served.database.read() as session:
                heads = (await session.scalars(select(FlowHead))).all()
            if not any(head.status == "running" for head in heads):
                return {head.flow_id: await read_flow(served.database, head.flow_id) for head in heads}
            await asyncio.sleep(0.1)


def is_stored(frame: Frame, checkpoints: list[Checkpoint]) -> bool:
    """Whether what a frame tells of is on record."""
    for item in checkpoints:
        match item.data:
            case ToolCall() if frame["type"] == "tool_call" and item.data.call_id == frame["call_id"]:
                return True
            case ToolResult() if frame["type"] == "tool_result" and item.data.call_id == frame["call_id"]:
                return item.data.status == frame["status"]
            case Done() if frame["type"] == "done":
                return item.data.status == frame["status"]
            case _:
                continue
    return False


def require_whole(checkpoints: list[Checkpoint]) -> None:
    """Assert that a flow counts without holes, ends with `done`, and that every call has one result."""
    assert [item.seq for item in checkpoints] == list(range(1, len(checkpoints) + 1))
    assert [item.kind for item in checkpoints].count("done") == 1
    assert checkpoints[-1].kind == "done"
    called = [item.data.call_id for item in checkpoints if isinstance(item.data, ToolCall)]
    assert called == [item.data.call_id for item in checkpoints if isinstance(item.data, ToolResult)]


async def require_settled(served: Served) -> None:
    """Assert that nothing is held, the books are right and no conversation is marked as running."""
    async with served.database.read() as session:
        assert await verify_ledger(session) == []
        assert list(await session.scalars(select(Reservation))) == []
        assert {window.reserved_micros for window in await session.scalars(select(BudgetWindow))} == {0}
        assert set(await session.scalars(select(Conversation.running_flow_id))) == {None}


async def require_text_stands(served: Served, flow_id: str, frames: list[Frame]) -> None:
    """Assert that the stored answer of a turn that was cut is what had been streamed, as far as it goes."""
    async with served.database.read() as session:
        query = select(Message.text).where(Message.flow_id == flow_id, Message.kind == "assistant")
        stored = "".join(await session.scalars(query))
    streamed = text_of(frames)
    assert streamed.startswith(stored) or stored.startswith(streamed)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", SERIES, indirect=True)
async def test_a_killed_server_loses_no_record_and_closes_its_flows_at_the_next_start(
    nursery: Nursery, database_url: str, tmp_path: Path
) -> None:
    workshop, data = Workshop(), tmp_path / "data"
    async with serving(workshop) as upstream:
        load = Load(await furnish(database_url, data, upstream))
        for _ in range(ROUNDS):
            await one_round(nursery, database_url, data, load)
        async with serving_app(database_url, data) as served:
            flows = await closed_flows(served)
            await require_settled(served)
            unknown = [flow_id for flow_id, (head, _) in flows.items() if head.status == "unknown"]
            for flow_id in unknown:
                of = [frame for frame in load.frames if frame.get("flow_id") == flow_id and "n" in frame]
                await require_text_stands(served, flow_id, of)
    told = [frame for frame in load.frames if frame["type"] in ACKNOWLEDGED]
    assert [frame for frame in told if not is_stored(frame, flows[frame["flow_id"]][1])] == []
    for _, checkpoints in flows.values():
        require_whole(checkpoints)
    intents = {
        str(item.data.arguments)
        for _, checkpoints in flows.values()
        for item in checkpoints
        if isinstance(item.data, ToolCall)
    }
    assert {str(arguments) for _, arguments in workshop.calls} <= intents
    assert unknown
    assert len(told) > len(unknown)
