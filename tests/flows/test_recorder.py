"""The record of a flow: durable phases, no holes, one end, fenced by owner, never lost."""

import asyncio

import pytest
from sqlalchemy import select, text, update

from omni2.flows import recorder
from omni2.flows.checkpoints import CHECKPOINTS, AuthCheck, BlockCheck, Checkpoint, Done, ErrorStep
from omni2.flows.models import FlowHead, FlowRecord
from omni2.flows.phase import Entry, Opening
from omni2.flows.recorder import Flow
from omni2.flows.steps import fence
from omni2.kernel.errors import Problem
from omni2.kernel.lane import Step, UnitRefused
from tests.support.lanes import lane_of
from tests.support.stage import Person, Stage

AUTH = AuthCheck(method="session")
BLOCK = BlockCheck(scope="chat", epoch=0)
REFUSED = Step("UPDATE users SET name = 'x' WHERE user_id = 'nobody'", (), expect=1)


async def stored(stage: Stage, flow_id: str) -> tuple[FlowHead | None, list[Checkpoint]]:
    """Return a flow as stored."""
    async with stage.database.read() as session:
        head = await session.scalar(select(FlowHead).where(FlowHead.flow_id == flow_id))
        query = (
            select(FlowRecord.checkpoints).where(FlowRecord.flow_id == flow_id).order_by(FlowRecord.first_seq)
        )
        return head, [item for row in await session.scalars(query) for item in CHECKPOINTS.validate_json(row)]


@pytest.fixture
async def ann(stage: Stage) -> Person:
    return await stage.person("Ann")


async def test_what_is_noted_becomes_durable_with_the_next_phase(stage: Stage, ann: Person) -> None:
    async with stage.recorder.open(Opening(ann.user_id, "chat", "Hello")) as flow:
        flow.note(Entry(AUTH))
        assert await stored(stage, flow.flow_id) == (None, [])
        await flow.write(Entry(BLOCK))
        _, items = await stored(stage, flow.flow_id)
        assert [(item.seq, item.kind) for item in items] == [(1, "auth_check"), (2, "block_check")]
    head, items = await stored(stage, flow.flow_id)
    assert head is not None
    assert (head.status, head.last_seq) == ("ok", 3)
    assert [item.seq for item in items] == [1, 2, 3]
    assert isinstance(items[-1].data, Done)


async def test_a_refused_phase_leaves_nothing_and_what_was_noted_still_waits(
    stage: Stage, ann: Person
) -> None:
    async with stage.recorder.open(Opening(ann.user_id, "chat", "Hello")) as flow:
        flow.note(Entry(AUTH))
        with pytest.raises(UnitRefused) as refusal:
            await flow.write(Entry(BLOCK), steps=[REFUSED])
        assert refusal.value.index == 0
        assert not flow.is_recorded
        assert await stored(stage, flow.flow_id) == (None, [])
        await flow.write()
    _, items = await stored(stage, flow.flow_id)
    assert [item.kind for item in items] == ["auth_check", "done"]


async def test_a_phase_whose_caller_is_cancelled_counts_once(stage: Stage, ann: Person) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    flow.note(Entry(AUTH))
    async with stage.database.work() as work:
        if not stage.database.is_sqlite:
            await work.session.execute(text("LOCK TABLE flow_records IN EXCLUSIVE MODE"))
        writing = asyncio.create_task(flow.write(Entry(BLOCK)))
        await asyncio.sleep(0)
        writing.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert flow.is_recorded
    await flow.end("cancelled")
    _, items = await stored(stage, flow.flow_id)
    assert [item.kind for item in items] == ["auth_check", "block_check", "done"]
    assert [item.seq for item in items] == [1, 2, 3]


async def test_what_is_noted_while_a_phase_is_written_goes_with_the_next(stage: Stage, ann: Person) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    writing = asyncio.create_task(flow.write(Entry(AUTH)))
    await asyncio.sleep(0)
    flow.note(Entry(BLOCK))
    await writing
    await flow.end("ok")
    _, items = await stored(stage, flow.flow_id)
    assert [(item.seq, item.kind) for item in items] == [(1, "auth_check"), (2, "block_check"), (3, "done")]


async def test_many_phases_at_once_count_without_holes(stage: Stage, ann: Person) -> None:
    async with stage.recorder.open(Opening(ann.user_id, "chat", "Hello")) as flow:
        await asyncio.gather(*(flow.write(Entry(AUTH), Entry(BLOCK)) for _ in range(50)))
    _, items = await stored(stage, flow.flow_id)
    assert [item.seq for item in items] == list(range(1, 102))


async def test_a_flow_ends_once_whoever_ends_it_first(stage: Stage, ann: Person) -> None:
    async with stage.recorder.open(Opening(ann.user_id, "chat", "Hello")) as flow:
        await flow.write(Entry(AUTH))
        await asyncio.gather(flow.end("cancelled"), flow.end("ok"), flow.end("failed"))
    head, items = await stored(stage, flow.flow_id)
    assert head is not None
    assert head.status == "cancelled"
    assert [item.kind for item in items] == ["auth_check", "done"]


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Problem("forbidden", 403, "No."), "denied", "forbidden"),
        (Problem("model_failed", 502, "It broke."), "failed", "model_failed"),
        (ValueError("planted-secret"), "failed", "internal"),
        (asyncio.CancelledError(), "cancelled", "cancelled"),
    ],
)
async def test_an_exception_ends_the_flow_and_goes_on(
    stage: Stage, ann: Person, error: BaseException, status: str, code: str
) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    with pytest.raises(type(error)):
        await fall_over(flow, error)
    head, items = await stored(stage, flow.flow_id)
    assert head is not None
    assert head.status == status
    assert isinstance(items[-2].data, ErrorStep)
    assert items[-2].data.code == code
    assert "planted" not in str(items)


async def fall_over(flow: Flow, error: BaseException) -> None:
    """Raise within a flow."""
    async with flow:
        await flow.write(Entry(AUTH))
        raise error


async def test_an_owner_whose_flow_was_closed_by_another_writes_nothing_more(
    stage: Stage, ann: Person
) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    await flow.write(Entry(AUTH))
    async with stage.database.work() as work:
        await work.session.execute(
            update(FlowHead).where(FlowHead.flow_id == flow.flow_id).values(status="unknown")
        )
    for late in (flow.write(Entry(BLOCK)), flow.end("ok")):
        with pytest.raises(Problem, match="flow_closed"):
            await late
    head, items = await stored(stage, flow.flow_id)
    assert head is not None
    assert (head.status, [item.kind for item in items]) == ("unknown", ["auth_check"])


async def test_a_closing_that_the_store_refused_is_written_when_it_is_back(stage: Stage, ann: Person) -> None:
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    await flow.write(Entry(AUTH))
    closed = lane_of(stage.database)
    standing, stage.recorder.lane = stage.recorder.lane, closed
    with pytest.raises(Problem, match="database_unavailable"):
        await flow.end("ok", Entry(BLOCK))
    stage.recorder.lane = standing
    await stage.recorder.retry_closings()
    _, items = await stored(stage, flow.flow_id)
    assert [item.kind for item in items] == ["auth_check", "block_check", "done"]


async def test_a_closing_that_the_database_never_takes_holds_up_no_other(stage: Stage, ann: Person) -> None:
    invalid = Step("INSERT INTO flows (key) VALUES ($1)", (1,))
    rename = Step("UPDATE users SET name = 'Renamed' WHERE user_id = $1", (ann.user_id,), expect=1)
    stage.recorder.keep_closing("broken", [invalid])
    stage.recorder.keep_closing("sound", [rename])
    await stage.recorder.retry_closings()
    async with stage.database.read() as session:
        query = text("SELECT name FROM users WHERE user_id = :user_id")
        assert await session.scalar(query, {"user_id": ann.user_id}) == "Renamed"


def when_ready(ann: Person) -> Step:
    """Return a step that is refused until Ann is called Ready."""
    query = "UPDATE users SET name = 'Closed' WHERE user_id = $1 AND name = 'Ready'"
    return Step(query, (ann.user_id,), expect=1)


async def name_of(stage: Stage, ann: Person) -> str:
    async with stage.database.read() as session:
        query = text("SELECT name FROM users WHERE user_id = :user_id")
        return str(await session.scalar(query, {"user_id": ann.user_id}))


async def test_a_closing_that_is_refused_is_tried_again_while_its_flow_is_open_and_ours(
    stage: Stage, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "RETRY_S", 0.0)
    flow = stage.recorder.open(Opening(ann.user_id, "chat", "Hello"))
    await flow.write(Entry(AUTH))
    stage.recorder.keep_closing(flow.flow_id, [when_ready(ann)])
    stage.recorder.keep_closing("nobody's", [when_ready(ann)])
    await stage.recorder.retry_closings()
    await stage.change(ann, name="Ready")
    for _ in range(4):
        await stage.recorder.retry_closings()
    assert await name_of(stage, ann) == "Closed"
    await flow.end("ok")
    await stage.change(ann, name="Ready")
    stage.recorder.keep_closing(flow.flow_id, [when_ready(ann), fence(flow.flow_id, "nobody")])
    for _ in range(4):
        await stage.recorder.retry_closings()
    assert await name_of(stage, ann) == "Ready"


async def test_closings_that_wait_are_bounded_in_number(
    stage: Stage, ann: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder, "RETRY_S", 0.0)
    monkeypatch.setattr(recorder, "UNCLOSED_LIMIT", 2)
    for number in range(3):
        rename = Step("UPDATE users SET name = name || $1 WHERE user_id = $2", (str(number), ann.user_id))
        stage.recorder.keep_closing(f"flow {number}", [rename])
    await stage.recorder.retry_closings()
    assert (await name_of(stage, ann)).endswith("n12")
