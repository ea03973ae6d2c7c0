"""Flows on their way out: page by page, as a reader may see them, from any position, in constant memory."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.checkpoints import CHECKPOINTS
from omni2.flows.models import FlowHead, FlowRecord
from omni2.flows.queries import Sight, find_flows, list_flows, masked
from omni2.flows.schemas import FlowFilter, FlowQuery, FlowRow
from omni2.kernel.db import Database
from omni2.kernel.errors import not_found
from omni2.kernel.ids import to_micros
from omni2.kernel.page import encode
from omni2.kernel.search import after_key

FLOWS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which flows: those of a query, newest first, or these, oldest first.

    `after` is the flow behind which to go on. With `up_to` it is enough to come to that flow: a few more may
    follow.
    """

    query: FlowQuery
    flow_ids: Sequence[str] = ()
    after: str | None = None
    up_to: str | None = None

    @property
    def before(self) -> "Wanted":
        """What was exported before this goes on."""
        return replace(self, after=None, up_to=self.after)


@dataclass(frozen=True, slots=True)
class Phase:
    """One stored row of a flow, as this reader may see it; `key` is that of the row."""

    key: int
    first_seq: int
    last_seq: int
    at: int
    checkpoints: bytes


@dataclass(frozen=True, slots=True)
class Exported:
    """A flow with its whole record. `hidden` when its content was taken out."""

    row: FlowRow
    phases: tuple[Phase, ...]
    hidden: bool

    @property
    def checkpoints(self) -> bytes:
        """All checkpoints in order, a JSON array: exactly what is stored."""
        return b"[" + b",".join(phase.checkpoints[1:-1] for phase in self.phases) + b"]"


async def export_flows(database: Database, sight: Sight, wanted: Wanted) -> AsyncIterator[Exported]:
    """Yield flows; each page is read on its own: no transaction is open while somebody takes it in."""
    after, up_to = await _key(database, wanted.after), await _key(database, wanted.up_to)
    if wanted.flow_ids:
        flow_ids = await _oldest_first(database, wanted.flow_ids, after, up_to)
        for start in range(0, len(flow_ids), FLOWS_AT_ONCE):
            async with database.read() as session:
                rows = await find_flows(session, sight, flow_ids[start : start + FLOWS_AT_ONCE])
                found = await _with_records(session, sight, rows)
            for each in found:
                yield each
        return
    cursor = None if after is None else encode((after,))
    while True:
        async with database.read() as session:
            filter_ = FlowFilter.model_validate(
                {**wanted.query.model_dump(), "limit": FLOWS_AT_ONCE, "after": cursor}
            )
            page = await list_flows(session, sight, filter_)
            found = await _with_records(session, sight, page.items)
        for each in found:
            yield each
        cursor = page.next
        if cursor is None or (up_to is not None and (after_key(cursor) or 0) <= up_to):
            return


async def _oldest_first(
    database: Database, flow_ids: Sequence[str], after: int | None, up_to: int | None
) -> Sequence[str]:
    query = select(FlowHead.flow_id).where(FlowHead.flow_id.in_(flow_ids))
    if after is not None:
        query = query.where(FlowHead.key > after)
    if up_to is not None:
        query = query.where(FlowHead.key <= up_to)
    async with database.read() as session:
        return (await session.scalars(query.order_by(FlowHead.key))).all()


async def _key(database: Database, flow_id: str | None) -> int | None:
    if flow_id is None:
        return None
    async with database.read() as session:
        key = await session.scalar(select(FlowHead.key).where(FlowHead.flow_id == flow_id))
    if key is None:
        raise not_found("flow")
    return key


async def _with_records(session: AsyncSession, sight: Sight, rows: Sequence[FlowRow]) -> list[Exported]:
    flow_ids = [row.flow_id for row in rows]
    records = await session.scalars(
        select(FlowRecord)
        .where(FlowRecord.flow_id.in_(flow_ids))
        .order_by(FlowRecord.flow_id, FlowRecord.first_seq)
    )
    phases: dict[str, list[Phase]] = {flow_id: [] for flow_id in flow_ids}
    hidden = {row.flow_id: sight.hides(row.user_id) for row in rows}
    for record in records:
        body = record.checkpoints.encode()
        if hidden[record.flow_id]:
            body = _without_content(body, sight)
        at = to_micros(record.at)
        phases[record.flow_id].append(Phase(record.key, record.first_seq, record.last_seq, at, body))
    session.expunge_all()
    return [Exported(row, tuple(phases[row.flow_id]), hidden[row.flow_id]) for row in rows]


def _without_content(body: bytes, sight: Sight) -> bytes:
    steps = [masked(step, sight).model_dump(mode="json") for step in CHECKPOINTS.validate_json(body)]
    return orjson.dumps(steps)
