"""What a dead replica left open is closed as unknown, exactly once; a living owner is never overruled."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from omni2.conversations.models import Message
from omni2.engine.recovery import Recovery
from omni2.flows.checkpoints import ToolResult, UsageSettled
from omni2.flows.models import FlowHead
from omni2.flows.recorder import Recorder
from omni2.kernel.lane import Lane, Row, Step, UnitInvalid
from omni2.upstream.ports import ModelDone, TextDelta, ToolWish
from tests.support.app import CREDIT, serving_app
from tests.support.house import House, open_house
from tests.support.scripted_model import USAGE, Gate, wants


class RefusingLane:
    """The real lane, but for units about one flow, which the database can never take."""

    def __init__(self, lane: Lane, flow_id: str) -> None:
        self._lane = lane
        self._flow_id = flow_id

    async def commit(self, steps: list[Step]) -> list[Row | None]:
        """Commit, unless it is about that flow."""
        fixed = [value for step in steps if not callable(step.params) for value in step.params]
        if self._flow_id in fixed:
            raise UnitInvalid
        return await self._lane.commit(steps)


async def disown(house: House, flow_id: str) -> None:
    """Let a flow belong to a replica that holds no lease."""
    async with house.served.database.work() as work:
        owner = update(FlowHead).where(FlowHead.flow_id == flow_id).values(owner="gone")
        await work.session.execute(owner)


async def turn_facts(house: House, flow_id: str) -> dict[str, object]:
    """Return the facts of a turn as its last message has them."""
    async with house.served.database.read() as session:
        query = select(Message).where(Message.flow_id == flow_id, Message.kind == "assistant")
        (row,) = (await session.scalars(query)).all()
    assert isinstance(row.data, dict)
    facts = row.data["turn"]
    assert isinstance(facts, dict)
    return {**facts}


async def test_a_call_that_a_dead_owner_left_ends_as_unknown_and_its_costs_are_told(house: House) -> None:
    house.model.play(wants("shop__hold"))
    accepted = await (await house.chat()).say()
    await house.workshop.gate.reached.wait()
    await disown(house, accepted["flow_id"])
    await Recovery(house.served.process.engine).close_dead()
    head, checkpoints = await house.served.flow(accepted["flow_id"])
    assert (head.status, head.cost_micros) == ("unknown", CREDIT)
    results = [item for item in checkpoints if isinstance(item.data, ToolResult)]
    assert [(item.verdict, item.data.model_dump()["status"]) for item in results] == [("unknown", "unknown")]
    facts = await turn_facts(house, accepted["flow_id"])
    assert (facts["status"], facts["charged_micros"], facts["model"]) == ("unknown", CREDIT, "scripted")
    await house.served.require_balanced()


async def test_credits_that_a_dead_owner_held_are_charged_in_full(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("Half"), gate])
    accepted = await (await house.chat()).say()
    await gate.reached.wait()
    await disown(house, accepted["flow_id"])
    recovery = Recovery(house.served.process.engine)
    await asyncio.gather(recovery.close_dead(), recovery.close_dead())
    assert [entry.micros for entry in await house.served.ledger(house.ann)] == [CREDIT]
    settled = (await house.only(accepted["flow_id"], "usage_settled")).data
    assert isinstance(settled, UsageSettled)
    assert (settled.charged_micros, settled.refunded_micros) == (CREDIT, 0)
    await house.served.require_balanced()


async def test_the_total_of_a_recovered_flow_counts_the_calls_that_were_settled_before(house: House) -> None:
    async with house.served.client(house.boss) as client:
        path = f"/api/servers/{house.server_id}/tools/echo"
        assert (await client.patch(path, json={"price_micros": 700})).status_code == 200
    gate = Gate()
    house.model.play(wants("shop__echo", text="tea"), [TextDelta("Half"), gate])
    accepted = await (await house.chat()).say()
    await gate.reached.wait()
    await disown(house, accepted["flow_id"])
    await Recovery(house.served.process.engine).close_dead()
    head, _ = await house.served.flow(accepted["flow_id"])
    charged = sum(entry.micros for entry in await house.served.ledger(house.ann))
    assert head.cost_micros == charged == CREDIT + 700
    assert (await turn_facts(house, accepted["flow_id"]))["charged_micros"] == charged
    settled = (await house.only(accepted["flow_id"], "usage_settled")).data
    assert isinstance(settled, UsageSettled)
    assert (settled.reserved_micros, settled.charged_micros, settled.refunded_micros) == (charged, charged, 0)
    await house.served.require_balanced()


async def test_a_call_whose_arguments_were_refused_is_not_told_as_one_that_may_have_run(house: House) -> None:
    gate = Gate()
    wish = ToolWish("c1", "shop__echo", {}, invalid="they are not an object")
    house.model.play([wish, ModelDone("tool_calls", USAGE, None)], [TextDelta("Half"), gate])
    accepted = await (await house.chat()).say()
    await gate.reached.wait()
    await disown(house, accepted["flow_id"])
    await Recovery(house.served.process.engine).close_dead()
    head, _ = await house.served.flow(accepted["flow_id"])
    assert "tool_result" not in await house.kinds(accepted["flow_id"])
    assert head.tool_calls == 0


async def test_a_flow_that_cannot_be_closed_holds_up_the_recovery_of_no_other(house: House) -> None:
    flows: list[str] = []
    chat = await house.chat()
    for _ in range(2):
        gate = Gate()
        house.model.play([TextDelta("Half"), gate])
        accepted = await chat.say()
        await gate.reached.wait()
        flows.append(accepted["flow_id"])
        await disown(house, accepted["flow_id"])
    engine = house.served.process.engine
    lane = RefusingLane(engine.recorder.lane, flows[0])
    recorder = Recorder(lane, engine.recorder.lease, engine.bus)  # pyright: ignore[reportArgumentType]
    assert await Recovery(replace(engine, recorder=recorder)).close_dead() == 1
    assert [(await house.served.flow(flow_id))[0].status for flow_id in flows] == ["running", "unknown"]
    assert await Recovery(engine).close_dead() == 1
    await house.served.require_balanced()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_living_owner_is_never_overruled(database_url: str, tmp_path: Path) -> None:
    async with (
        open_house(database_url, tmp_path) as house,
        serving_app(database_url, tmp_path) as elsewhere,
    ):
        gate = Gate()
        house.model.play([TextDelta("Half"), gate])
        chat = await house.chat()
        accepted = await chat.say()
        await gate.reached.wait()
        assert await Recovery(elsewhere.process.engine).close_dead() == 0
        gate.open()
        assert (await chat.turn(accepted["flow_id"]))[-1]["status"] == "ok"
