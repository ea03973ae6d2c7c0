"""No number of a flow is stored twice, whatever the store does late; nothing on record is contradicted."""

from collections import Counter
from datetime import timedelta
from typing import Literal

import pytest
from sqlalchemy import func, select

from omni2.flows.checkpoints import AuthCheck, BlockCheck, ToolFilter
from omni2.flows.models import FlowHead, FlowRecord
from omni2.flows.phase import Entry, Opening
from omni2.flows.recorder import Flow
from omni2.kernel.errors import Problem
from omni2.kernel.lane import Step
from tests.flows.test_recorder import stored
from tests.support.slow_store import LateLane, late_lane
from tests.support.stage import Person, Stage

AUTH = AuthCheck(method="session")
BLOCK = BlockCheck(scope="chat", epoch=0)
FILTER = ToolFilter(access_id="a", offered=0, removed=0)
When = Literal["before the closing", "never", "after the closing"]


@pytest.fixture
async def ann(stage: Stage) -> Person:
    return await stage.person("Ann")


async def records(stage: Stage, flow: Flow) -> int:
    """Return the number of records of a flow."""
    async with stage.database.read() as session:
        query = select(func.count()).select_from(FlowRecord).where(FlowRecord.flow_id == flow.flow_id)
        return await session.scalar(query) or 0


async def cut(stage: Stage, flow: Flow, late: LateLane, *entries: Entry) -> None:
    """Write a phase whose wait is cut."""
    standing, stage.recorder.lane = stage.recorder.lane, late
    with pytest.raises(Problem, match="database_unavailable"):
        await flow.write(*entries)
    stage.recorder.lane = standing


def rename(person: Person) -> Step:
    """Return a step that is no checkpoint."""
    return Step("UPDATE users SET name = 'Renamed' WHERE user_id = $1", (person.user_id,), expect=1)


@pytest.mark.parametrize("first", [True, False], ids=["first phase", "later phase"])
@pytest.mark.parametrize("when", ["before the closing", "never", "after the closing"])
async def test_no_number_of_a_flow_is_stored_twice(
    stage: Stage, ann: Person, when: When, *, first: bool
) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    if not first:
        await flow.write(Entry(AUTH))
    async with late_lane(stage.database) as late:
        await cut(stage, flow, late, Entry(BLOCK), Entry(FILTER))
        if when != "after the closing":
            await late.let_on(fail=when == "never")
        with pytest.raises(Problem, match="record_in_doubt"):
            await flow.write(Entry(AUTH))
        await flow.end("failed")
    head, items = await stored(stage, flow.flow_id)
    assert [item.seq for item in items] == list(range(1, len(items) + 1))
    expected = [*([] if first else ["auth_check"]), "block_check", "tool_filter", "done"]
    assert [item.kind for item in items] == expected
    assert head is not None
    assert (head.status, head.last_seq) == ("failed", len(items))


async def test_what_happened_behind_a_doubt_is_told_by_the_closing(stage: Stage, ann: Person) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    async with late_lane(stage.database) as late:
        await cut(stage, flow, late, Entry(AUTH))
        told: list[object] = []
        with pytest.raises(Problem, match="record_in_doubt"):
            await flow.write(Entry(BLOCK), again=[rename(ann)], then=told.append)
        with pytest.raises(Problem, match="record_in_doubt"):
            await flow.write(Entry(FILTER))
        assert told == [None]
        await flow.end("failed")
    _, items = await stored(stage, flow.flow_id)
    assert Counter(item.kind for item in items) == {"auth_check": 1, "block_check": 1, "done": 1}
    assert [item.seq for item in items] == [1, 2, 3]


async def test_a_phase_without_checkpoints_leaves_no_record_and_keeps_the_fence(
    stage: Stage, ann: Person
) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    await flow.write(Entry(AUTH))
    await flow.write(steps=[rename(ann)])
    await flow.write(steps=[rename(ann)])
    assert await records(stage, flow) == 1
    await flow.end("ok")
    assert await records(stage, flow) == 2
    with pytest.raises(Problem, match="flow_closed"):
        await flow.write(steps=[rename(ann)])


async def test_two_writers_of_one_flow_store_each_number_once(stage: Stage, ann: Person) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    await flow.write(Entry(AUTH))
    _, items = await stored(stage, flow.flow_id)
    other = stage.recorder.open(flow.opening)
    other.continue_behind(items, timedelta())
    await flow.write(Entry(BLOCK))
    with pytest.raises(Problem, match="flow_closed"):
        await other.write(Entry(FILTER))
    await flow.end("ok")
    _, items = await stored(stage, flow.flow_id)
    assert [(item.seq, item.kind) for item in items] == [(1, "auth_check"), (2, "block_check"), (3, "done")]
    async with stage.database.read() as session:
        assert await session.scalar(select(FlowHead.last_seq).where(FlowHead.flow_id == flow.flow_id)) == 3
