"""Either side may vanish at any moment: nothing in the log, no task left, and the turn goes on to its end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import select

from omni2.conversations.models import Conversation
from omni2.flows.models import FlowHead
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.upstream.ports import TextDelta
from omni2.usage.models import Reservation
from tests.support.app import eventually
from tests.support.clients import RawClient
from tests.support.house import House, open_house
from tests.support.scripted_model import Gate, ScriptedModel, says, wants


@contextmanager
def nothing_said(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Assert that no warning was logged, by us or by what we stand on."""
    caplog.set_level(logging.WARNING)
    caplog.clear()
    with structlog.testing.capture_logs() as entries:
        yield
    assert [entry for entry in entries if entry["log_level"] not in {"debug", "info"}] == []
    assert [record.getMessage() for record in caplog.records] == []


@pytest.fixture
async def quiet(house: House, caplog: pytest.LogCaptureFixture) -> AsyncIterator[None]:
    """Assert that nothing was said until the server has stopped."""
    with nothing_said(caplog):
        yield
        await house.served.aclose()
        await house.served.stop()


def tasks_of_chats() -> set[str]:
    """Return the names of the tasks that connections and turns run in."""
    names = {task.get_name() for task in asyncio.all_tasks()}
    return {name for name in names if name.startswith(("follow", "chat writer", "turn", "chunks"))}


async def require_nothing_left(house: House) -> None:
    """Wait until Ann has nothing live and no task of hers is left."""
    registry = house.served.process.registry
    await eventually(lambda: not registry.of(house.ann.user_id) and not tasks_of_chats())


async def raw_client(house: House) -> RawClient:
    raw = await RawClient.connect(house.served.url, house.served.credentials(house.ann))
    await raw.read_until(b"welcome")
    return raw


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("sent", [0, 20, 120])
async def test_a_client_that_leaves_in_the_handshake_leaves_nothing(house: House, sent: int) -> None:
    before = len(asyncio.all_tasks())
    for end in (RawClient.reset, RawClient.close):
        raw = await RawClient.connect(house.served.url, {}, upgrade=False)
        host = house.served.url.removeprefix("http://")
        await raw.handshake(host, house.served.credentials(house.ann), part=sent)
        end(raw)
    await eventually(lambda: len(asyncio.all_tasks()) <= before)


@pytest.mark.usefixtures("quiet")
async def test_a_client_that_leaves_before_it_is_greeted_leaves_nothing(house: House) -> None:
    for end in (RawClient.reset, RawClient.close):
        raw = await RawClient.connect(house.served.url, house.served.credentials(house.ann))
        end(raw)
    chat = await house.chat()
    assert (await chat.ask())[-1]["status"] == "ok"
    await chat.aclose()
    await require_nothing_left(house)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("end", [RawClient.reset, RawClient.close])
async def test_a_turn_goes_on_when_its_socket_is_cut_in_the_middle_of_the_text(
    house: House, end: Any
) -> None:
    gate = Gate()
    house.model.play([TextDelta("Half"), gate, *(TextDelta(" and half") for _ in range(50))])
    raw = await raw_client(house)
    await raw.send(type="say", id="1", text="Hello")
    await gate.reached.wait()
    end(raw)
    gate.open()
    await require_nothing_left(house)
    (flow,) = await house.served.flows(house.ann)
    assert flow.status == "ok"
    await house.served.require_balanced()


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("end", [RawClient.reset, RawClient.close])
async def test_a_turn_goes_on_when_its_socket_is_cut_during_a_call(house: House, end: Any) -> None:
    house.model.play(wants("shop__hold"), says("Held."))
    raw = await raw_client(house)
    await raw.send(type="say", id="1", text="Hello")
    await house.workshop.gate.reached.wait()
    end(raw)
    house.workshop.gate.opened.set()
    await require_nothing_left(house)
    (flow,) = await house.served.flows(house.ann)
    assert (flow.status, flow.tool_calls) == ("ok", 1)


@pytest.mark.usefixtures("quiet")
async def test_a_client_that_leaves_right_after_its_stop_is_obeyed(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("Half"), gate])
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    await chat.send(type="stop", flow_id=accepted["flow_id"])
    chat.cut()
    await require_nothing_left(house)
    (flow,) = await house.served.flows(house.ann)
    assert flow.status == "cancelled"


@pytest.mark.usefixtures("quiet")
async def test_a_client_that_reads_nothing_and_then_leaves_holds_no_task(house: House) -> None:
    raw = await raw_client(house)
    house.model.play([TextDelta("x" * 20_000) for _ in range(400)])
    await raw.send(type="say", id="1", text="Talk")
    await raw.send(type="ping")
    await eventually(lambda: house.model.closed == 1)
    raw.reset()
    await require_nothing_left(house)


async def test_when_the_server_stops_running_turns_are_closed_as_cancelled(
    database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gate = Gate()
    model = ScriptedModel([TextDelta("Half"), gate])
    before = asyncio.all_tasks()
    async with open_house(database_url, tmp_path / "data", model) as house:
        raw = await raw_client(house)
        await raw.send(type="say", id="1", text="Hello")
        chat = await house.chat()
        await gate.reached.wait()
        with nothing_said(caplog):
            await house.served.stop()
        assert await chat.closed() == 1012
        raw.close()
    database = Database(database_url, MemoryBus())
    async with database.read() as session:
        assert list(await session.scalars(select(FlowHead.status))) == ["cancelled"]
        assert list(await session.scalars(select(Conversation.running_flow_id))) == [None]
        assert list(await session.scalars(select(Reservation))) == []
    await database.aclose()
    assert {task.get_name() for task in asyncio.all_tasks() - before} == set()
