"""However a turn ends: one `done`, one closed flow, nothing reserved, nothing marked as running."""

import asyncio
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from omni2.catalog.price import Price
from omni2.conversations.models import Conversation, Message
from omni2.engine.events import TurnEvent
from omni2.engine.turn import new_ask, run_turn
from omni2.flows.models import CallMark
from omni2.flows.recorder import Recorder
from omni2.identity.principal import Principal
from omni2.kernel.errors import Problem
from omni2.kernel.lane import Lane, Row, Step
from omni2.upstream.ports import ModelDone, TextDelta, ToolWish
from tests.support.app import Served, eventually
from tests.support.house import House, open_house, text_of, types_of
from tests.support.lanes import text_of_step
from tests.support.scripted_model import USAGE, Gate, says, wants

CODES = ("model_unreachable", "model_timeout", "model_auth_failed", "model_rate_limited", "model_failed")
TOKENS = Price(1_000_000, 1_000_000, 0, 0, 0, "set", "test")


class GatedLane:
    """The real lane, with a gate in front of every unit whose last step closes a flow."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.gate = Gate()

    async def commit(self, steps: list[Step]) -> list[Row | None]:
        """Commit, behind the gate if it is a closing."""
        if "UPDATE flows SET status" in text_of_step(steps[-1]):
            self.gate.reached.set()
            await self.gate.opened.wait()
        return await self._lane.commit(steps)


def nothing(problem: Problem | None = None) -> None:
    """Nobody waits for the question to be on record."""
    del problem


def principal_of(house: House) -> Principal:
    user = house.ann.user
    return Principal(user.user_id, user.email, user.name, user.role, "session", "none")


async def running_marks(served: Served) -> list[str | None]:
    """Return the marks of all conversations."""
    async with served.database.read() as session:
        return list(await session.scalars(select(Conversation.running_flow_id)))


async def said(served: Served, flow_id: str) -> list[tuple[str, str]]:
    """Return kind and text of what a turn left behind."""
    async with served.database.read() as session:
        rows = await session.scalars(select(Message).where(Message.flow_id == flow_id).order_by(Message.key))
        return [(row.kind, row.text) for row in rows]


async def test_a_stop_while_the_question_is_being_stored_leaves_it_stored_once(house: House) -> None:
    chat = await house.chat()
    process = house.served.process
    lane, held = process.engine.recorder.lane, process.registry
    async with house.served.writes_held():
        before = lane.units
        await chat.send(type="say", id="1", text="Never mind")
        await eventually(lambda: lane.units > before)
        (flow_id,) = [handle.flow_id for handle in held.of(house.ann.user_id) if handle.kind == "turn"]
        assert flow_id is not None
        stopping = asyncio.create_task(process.turns.stop(principal_of(house), flow_id))
        await eventually(lambda: any(handle.ending for handle in held.of(house.ann.user_id)))
    await stopping
    frames = await chat.turn(flow_id)
    assert [frame["type"] for frame in frames].count("done") == 1
    assert frames[-1]["status"] == "cancelled"
    kinds = await house.kinds(flow_id)
    assert kinds.count("auth_check") == 1
    assert kinds[-1] == "done"
    assert [kind for kind, _ in await said(house.served, flow_id)] == ["user", "assistant"]
    assert await running_marks(house.served) == [None]
    await house.served.require_balanced()


async def test_a_stop_while_the_end_is_being_stored_changes_nothing(house: House) -> None:
    engine = house.served.process.engine
    lane = GatedLane(engine.recorder.lane)
    recorder = Recorder(lane, engine.recorder.lease, engine.bus)  # pyright: ignore[reportArgumentType]
    events: list[TurnEvent] = []
    ask = new_ask("Hello", None, None, ())
    token = await house.served.process.authenticator.by_token(house.ann.token)
    turn = asyncio.create_task(
        run_turn(replace(engine, recorder=recorder), token, ask, events.append, nothing)
    )
    await lane.gate.reached.wait()
    turn.cancel()
    lane.gate.open()
    await asyncio.wait([turn])
    assert [event.type for event in events][-2:] == ["usage", "done"]
    assert [event.type for event in events].count("done") == 1
    head, _ = await house.served.flow(ask.flow_id)
    assert head.status == "ok"


async def test_no_frame_tells_of_a_call_or_an_end_before_the_record_does(tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/omni2.db"
    async with open_house(url, tmp_path) as house:
        house.model.play(wants("shop__echo", text="tea"), says("Yes."))
        ask = new_ask("Hello", None, None, ())
        early: list[str] = []

        def look(event: TurnEvent) -> None:
            stored = sqlite3.connect(tmp_path / "omni2.db")
            rows = stored.execute("SELECT checkpoints FROM flow_records").fetchall()
            stored.close()
            kinds = {item["kind"] for (row,) in rows for item in json.loads(row)}
            if event.type in {"tool_call", "tool_result", "done"} and event.type not in kinds:
                early.append(event.type)

        token = await house.served.process.authenticator.by_token(house.ann.token)
        await run_turn(house.served.process.engine, token, ask, look, nothing)
        assert early == []


async def test_a_model_that_fails_is_told_by_its_code_and_costs_nothing(
    house: House, subtests: pytest.Subtests
) -> None:
    for code in CODES:
        with subtests.test(code=code):
            house.model.play([Problem(code, 502, "The model does not answer. Try again.")])
            frames = await (await house.chat()).ask()
            assert types_of(frames) == ["thinking", "usage", "done"]
            assert (frames[-1]["status"], frames[-1]["code"]) == ("failed", code)
            error = await house.only(frames[0]["flow_id"], "error")
            assert error.data.model_dump()["code"] == code
            assert await house.served.ledger(house.ann) == []
            assert set(await running_marks(house.served)) == {None}
            await house.served.require_balanced()


async def test_a_bug_in_the_middle_of_a_turn_still_closes_everything(house: House) -> None:
    house.model.play([TextDelta("Half an "), RuntimeError("planted-secret in an exception")])
    chat = await house.chat()
    frames = await chat.ask()
    assert [frame["type"] for frame in frames].count("done") == 1
    assert (frames[-1]["status"], frames[-1]["code"]) == ("failed", "internal")
    assert "planted" not in json.dumps(chat.frames)
    assert (await house.kinds(frames[0]["flow_id"]))[-1] == "done"
    assert await said(house.served, frames[0]["flow_id"]) == [("user", "Hello"), ("assistant", "Half an ")]
    assert await running_marks(house.served) == [None]
    await house.served.require_balanced()


async def test_a_model_that_breaks_off_leaves_its_text_and_is_charged_for_it(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=TOKENS) as house:
        house.model.play([TextDelta("Half an answer"), Problem("model_failed", 502, "It broke off.")])
        frames = await (await house.chat()).ask()
        assert text_of(frames) == "Half an answer"
        assert frames[-1]["status"] == "failed"
        charged = [entry.micros for entry in await house.served.ledger(house.ann)]
        assert len(charged) == 1
        assert charged[0] > 0
        settled = (await house.only(frames[0]["flow_id"], "usage_settled")).data.model_dump()
        assert settled["charged_micros"] == charged[0]
        assert settled["refunded_micros"] == settled["reserved_micros"] - charged[0]
        await house.served.require_balanced()


async def test_a_model_that_is_not_offered_any_more_is_refused_in_words(house: House) -> None:
    chat = await house.chat()
    accepted = await chat.say(model="gone")
    last = (await chat.turn(accepted["flow_id"]))[-1]
    assert (last["status"], last["code"]) == ("failed", "model_unknown")
    assert house.model.requests == []
    assert await running_marks(house.served) == [None]


async def test_an_owner_that_lost_its_lease_releases_no_more_text(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("before, "), gate, TextDelta("after")])
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    await house.served.process.lease.release()
    gate.open()
    frames = await chat.turn(accepted["flow_id"])
    assert text_of(frames) == "before, "
    assert frames[-1]["status"] == "failed"


async def test_a_turn_that_takes_too_long_ends_as_failed(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, tmp_path, turn_timeout_s=1) as house:
        house.model.play([TextDelta("Well, "), Gate()])
        frames = await (await house.chat()).ask()
        assert (frames[-1]["status"], frames[-1]["code"]) == ("failed", "turn_timeout")
        assert house.model.closed == 1
        assert await running_marks(house.served) == [None]
        await house.served.require_balanced()


async def test_a_stop_cancels_the_model_and_keeps_the_text(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("So far "), gate])
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    await chat.send(type="stop", flow_id=accepted["flow_id"])
    frames = await chat.turn(accepted["flow_id"])
    assert frames[-1]["status"] == "cancelled"
    assert house.model.closed == 1
    assert (await said(house.served, accepted["flow_id"]))[-1] == ("assistant", "So far ")
    await house.served.require_balanced()


async def test_a_stop_during_a_call_cancels_it_upstream_and_notes_that(house: House) -> None:
    house.model.play(wants("shop__hold"), says("Never."))
    chat = await house.chat()
    accepted = await chat.say()
    await house.workshop.gate.reached.wait()
    await chat.send(type="stop", flow_id=accepted["flow_id"])
    frames = await chat.turn(accepted["flow_id"])
    assert frames[-1]["status"] == "cancelled"
    result = await house.only(accepted["flow_id"], "tool_result")
    assert result.data.model_dump()["status"] == "cancelled"
    assert result.duration_ms is not None
    async with house.served.database.read() as session:
        counted = (await session.scalars(select(CallMark))).one()
    assert (counted.server, counted.tool, counted.status) == ("shop", "hold", "cancelled")
    await asyncio.wait_for(house.workshop.disconnected.wait(), 10)


async def test_a_priced_tool_is_paid_for_when_it_was_called(house: House) -> None:
    async with house.served.client(house.boss) as client:
        path = f"/api/servers/{house.server_id}/tools/echo"
        assert (await client.patch(path, json={"price_micros": 700})).status_code == 200
    house.model.play(wants("shop__echo", text="tea"), says("Yes."))
    frames = await (await house.chat()).ask()
    kinds = await house.kinds(frames[0]["flow_id"])
    assert kinds[kinds.index("tool_call") - 1] == "usage_check"
    charged = {entry.kind: entry.micros for entry in await house.served.ledger(house.ann) if entry.micros}
    assert charged == {"model": 1_000, "tool": 700}
    assert next(frame for frame in frames if frame["type"] == "usage")["charged_micros"] == 1_700
    await house.served.require_balanced()


async def test_a_call_in_flight_is_paid_for_when_the_turn_ends_for_another_reason(house: House) -> None:
    async with house.served.client(house.boss) as client:
        for tool, price in (("hold", 700), ("echo", 900_000)):
            path = f"/api/servers/{house.server_id}/tools/{tool}"
            assert (await client.patch(path, json={"price_micros": price})).status_code == 200
    gate = Gate()
    wishes = [ToolWish("c1", "shop__hold", {}), ToolWish("c2", "shop__echo", {})]
    house.model.play([*wishes, ModelDone("tool_calls", USAGE, None)])
    del gate
    frames = await (await house.chat()).ask()
    assert (frames[-1]["status"], frames[-1]["code"]) == ("denied", "budget_exhausted")
    kinds = [(entry.kind, entry.micros) for entry in await house.served.ledger(house.ann) if entry.micros]
    assert kinds == [("model", 1_000), *[("tool", 700) for _ in house.workshop.calls]]
    await house.served.require_balanced()


@pytest.mark.parametrize("text", ["nul \x00 inside", "\ud83d lone"], ids=["nul", "surrogate"])
async def test_text_that_no_store_takes_is_mended_and_the_turn_ends_well(house: House, text: str) -> None:
    house.model.play([TextDelta(text)])
    frames = await (await house.chat()).ask()
    assert frames[-1]["status"] == "ok"
    assert await running_marks(house.served) == [None]


async def test_a_question_with_a_nul_character_is_taken_without_it(house: House) -> None:
    chat = await house.chat()
    frames = await chat.ask("tea \x00 time")
    assert frames[-1]["status"] == "ok"
    assert await said(house.served, frames[0]["flow_id"]) == [
        ("user", "tea  time"),
        ("assistant", "Hello there."),
    ]
