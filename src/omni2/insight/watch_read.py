"""What watchers are shown, read from the record: what grew since, and a user as they are now."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.checkpoints import CHECKPOINTS, Checkpoint
from omni2.flows.models import FlowHead, FlowRecord
from omni2.flows.queries import Sight, find_flows, masked
from omni2.flows.schemas import FlowRow
from omni2.kernel.db import Database
from omni2.kernel.ids import new_key

LATEST = 10
RUNNING_LIMIT = 100
RECORDS_LIMIT = 1_000
PART_RECORDS = 50
PART_CHARS = 100_000
RECENT_KEYS = 10_000 << 22  # ten seconds of the append-only keys
EVERYTHING = Sight("", all_flows=True, content=True)
NO_CONTENT = Sight("", all_flows=True, content=False)


@dataclass(slots=True)
class Growth:
    """What one look found: heads by flow id, their checkpoints in order, and whether there is more."""

    heads: dict[str, FlowRow] = field(default_factory=dict[str, FlowRow])
    hidden_heads: dict[str, FlowRow] = field(default_factory=dict[str, FlowRow])
    steps: list[Checkpoint] = field(default_factory=list[Checkpoint])
    complete: bool = True


async def read_growth(session: AsyncSession, after: Mapping[str, int], *, hidden: bool) -> Growth:
    """Return what flows have behind the numbers in `after`; `hidden`: also as read without the content.

    The heads are read first, so that none knows of more steps than are found.
    """
    growth = Growth()
    growth.heads = {row.flow_id: row for row in await find_flows(session, EVERYTHING, after)}
    if hidden:
        growth.hidden_heads = {row.flow_id: row for row in await find_flows(session, NO_CONTENT, after)}
    behind = [
        and_(FlowRecord.flow_id == flow_id, FlowRecord.last_seq > seq) for flow_id, seq in after.items()
    ]
    records = await session.scalars(
        select(FlowRecord.checkpoints)
        .where(or_(*behind))
        .order_by(FlowRecord.flow_id, FlowRecord.first_seq)
        .limit(RECORDS_LIMIT)
    )
    found = records.all()
    growth.complete = len(found) < RECORDS_LIMIT
    steps = [step for record in found for step in CHECKPOINTS.validate_json(record)]
    growth.steps = [step for step in steps if step.seq > after.get(step.flow_id, 0)]
    return growth


async def list_moving(session: AsyncSession, since: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return flow and user id of what may have grown: what runs, and what began within seconds.

    `since` says from which append-only key on each user is watched; what was over by then is no news.
    """
    recent = new_key() - RECENT_KEYS
    rows = await session.execute(
        select(FlowHead.flow_id, FlowHead.user_id, FlowHead.status, FlowHead.key)
        .where(FlowHead.user_id.in_(since))
        .where(or_(FlowHead.status == "running", FlowHead.key > recent))
    )
    return [
        (flow_id, user_id)
        for flow_id, user_id, status, key in rows
        if status == "running" or key > since[user_id]
    ]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a user's snapshot: some flows with some of their checkpoints, as the reader may see them."""

    flows: Sequence[tuple[FlowRow, Sequence[Checkpoint]]]
    last: bool = False


async def read_snapshot(
    database: Database, sight: Sight, user_id: str, have: Mapping[str, int]
) -> AsyncIterator[Part]:
    """Yield a user as they are now in parts of bounded size: the latest flows in one line each, oldest first,
    and all steps, behind what the reader has, of the flows that run, that the reader has, and of the latest.
    """
    async with database.read() as session:
        flow_ids = await _shown_flows(session, user_id, have)
        rows = await find_flows(session, sight, flow_ids)
    yield Part([(row, []) for row in rows])
    latest = rows[-1].flow_id if rows else None
    for row in rows:
        if row.status == "running" or row.flow_id in have or row.flow_id == latest:
            async for steps in _read_steps(database, sight, row.flow_id, have.get(row.flow_id, 0)):
                yield Part([(row, steps)])
    yield Part([], last=True)


async def _shown_flows(session: AsyncSession, user_id: str, have: Mapping[str, int]) -> set[str]:
    own = FlowHead.user_id == user_id
    latest = select(FlowHead.flow_id).where(own).order_by(FlowHead.key.desc()).limit(LATEST)
    running = select(FlowHead.flow_id).where(own, FlowHead.status == "running").limit(RUNNING_LIMIT)
    known = select(FlowHead.flow_id).where(own, FlowHead.flow_id.in_(have))
    return {flow_id for query in (latest, running, known) for flow_id in await session.scalars(query)}


async def _read_steps(
    database: Database, sight: Sight, flow_id: str, after: int
) -> AsyncIterator[Sequence[Checkpoint]]:
    while True:
        async with database.read() as session:
            found = await session.scalars(
                select(FlowRecord.checkpoints)
                .where(FlowRecord.flow_id == flow_id, FlowRecord.last_seq > after)
                .order_by(FlowRecord.first_seq)
                .limit(PART_RECORDS)
            )
            records = found.all()
        for part in _parts(records):
            steps = [step for record in part for step in CHECKPOINTS.validate_json(record)]
            fresh = [masked(step, sight) for step in steps if step.seq > after]
            if fresh:
                yield fresh
                after = fresh[-1].seq
        if len(records) < PART_RECORDS:
            return


def _parts(records: Sequence[str]) -> Iterator[list[str]]:
    """Yield records in runs of a size that a reader takes at once; one that is too big is alone."""
    part: list[str] = []
    size = 0
    for record in records:
        if part and size + len(record) > PART_CHARS:
            yield part
            part, size = [], 0
        part.append(record)
        size += len(record)
    if part:
        yield part
