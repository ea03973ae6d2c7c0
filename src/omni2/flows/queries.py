"""Reads flows: lists, one flow, its checkpoints. What a reader may not see is hidden here, for every door."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, func, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.checkpoints import CHECKPOINTS, Checkpoint, ToolCall, ToolResult
from omni2.flows.finding import Meaning, Reader, mean
from omni2.flows.models import FlowHead, FlowRecord
from omni2.flows.query import Part, parse
from omni2.flows.scanning import scan
from omni2.flows.schemas import CheckpointRange, FlowFilter, FlowPage, FlowQuery, FlowRow
from omni2.identity.models import User
from omni2.identity.principal import Principal
from omni2.kernel.errors import not_found
from omni2.kernel.ids import now
from omni2.kernel.page import Page, cut, encode
from omni2.kernel.search import after_key

HIDDEN = "[hidden]"
FORMER_USER = "(deleted user)"


@dataclass(frozen=True, slots=True)
class Sight:
    """What a reader may see: all flows or only their own, with the content of foreign ones or without."""

    user_id: str
    all_flows: bool
    content: bool

    def hides(self, user_id: str) -> bool:
        """Whether the content of a flow of `user_id` is hidden."""
        return not self.content and user_id != self.user_id


def sight_of(principal: Principal) -> Sight:
    """Return what the role of `principal` lets them see."""
    return Sight(principal.user_id, principal.may("flows.read"), principal.may("flows.content"))


async def list_flows(session: AsyncSession, sight: Sight, wanted: FlowFilter) -> FlowPage:
    """Return one page of flows, newest first; raise `Problem` query_malformed.

    What would take too long is not looked for to the end: the page then says how far it looked.
    """
    meaning = await meaning_of(session, sight, wanted)
    base = cast("Select[Any]", _heads(sight))
    found = await scan(session, meaning, base, after_key(wanted.after), wanted.limit + 1)
    rows, following = cut(found.rows, wanted.limit, lambda row: (row[0].key,))
    if following is None and found.stopped_at is not None:
        to = await session.scalar(select(FlowHead.started_at).where(FlowHead.key == found.stopped_at))
        items = [_flow_row(row, sight) for row in rows]
        following = encode((found.stopped_at,))
        return FlowPage(items=items, next=following, searched_to=to, behind=found.behind)
    items = [_flow_row(row, sight) for row in rows]
    return FlowPage(items=items, next=following, behind=found.behind)


async def meaning_of(
    session: AsyncSession, sight: Sight, wanted: FlowQuery, more: Sequence[Part] = ()
) -> Meaning:
    """Return what a query means to a reader, narrowed by `more`; raise `Problem` query_malformed."""
    reader = Reader(
        sight.user_id, sight.all_flows, sight.content, session.get_bind().dialect.name == "sqlite"
    )
    typed = parse(wanted.q, ZoneInfo(wanted.zone), now())
    return await mean(session, reader, (*_given(wanted), *typed, *more))


def _given(wanted: FlowQuery) -> list[Part]:
    """Return the parts that came as parameters of their own."""
    parts: list[Part] = []
    if wanted.user:
        parts.append(Part("user_id", (wanted.user,)))
    if wanted.status:
        parts.append(Part("status", tuple(wanted.status)))
    if wanted.source:
        parts.append(Part("source", (wanted.source,)))
    if wanted.conversation:
        parts.append(Part("conversation", (wanted.conversation,)))
    if wanted.since is not None:
        parts.append(Part("since", at=wanted.since))
    return parts


async def get_flow(session: AsyncSession, sight: Sight, flow_id: str) -> FlowRow:
    """Return one flow; raise `Problem` 404 for an unknown one and, no different, for one out of sight."""
    row = (await session.execute(_heads(sight).where(FlowHead.flow_id == flow_id))).one_or_none()
    if row is None:
        raise not_found("flow")
    return _flow_row(row, sight)


async def find_flows(session: AsyncSession, sight: Sight, flow_ids: Collection[str]) -> list[FlowRow]:
    """Return those of these flows that are in sight, oldest first, by one query."""
    found = await session.execute(_heads(sight).where(FlowHead.flow_id.in_(flow_ids)).order_by(FlowHead.key))
    return [_flow_row(row, sight) for row in found]


async def list_checkpoints(
    session: AsyncSession, sight: Sight, flow_id: str, wanted: CheckpointRange
) -> Page[Checkpoint]:
    """Return checkpoints in order of `seq`, which is the cursor; raise `Problem` 404 as `get_flow` does."""
    known = select(FlowHead.key).where(FlowHead.flow_id == flow_id, _in_sight(sight))
    if await session.scalar(known) is None:
        raise not_found("flow")
    first, last = wanted.after + 1, wanted.after + wanted.limit + 1
    records = await session.scalars(
        select(FlowRecord.checkpoints)
        .where(FlowRecord.flow_id == flow_id, FlowRecord.last_seq >= first, FlowRecord.first_seq <= last)
        .order_by(FlowRecord.first_seq)
    )
    steps = [step for record in records for step in CHECKPOINTS.validate_json(record) if step.seq >= first]
    shown = [masked(step, sight) for step in steps[: wanted.limit]]
    return Page[Checkpoint](items=shown, next=str(shown[-1].seq) if len(steps) > wanted.limit else None)


def masked(checkpoint: Checkpoint, sight: Sight) -> Checkpoint:
    """Return the checkpoint as this reader may see it."""
    if not sight.hides(checkpoint.user_id):
        return checkpoint
    match checkpoint.data:
        case ToolCall() as call:
            data = call.model_copy(update={"arguments": HIDDEN})
        case ToolResult() as result:
            data = result.model_copy(update={"preview": HIDDEN})
        case _:
            return checkpoint
    return checkpoint.model_copy(update={"data": data})


def _heads(sight: Sight) -> Select[FlowHead, int, str, str]:
    written = (
        select(func.max(FlowRecord.last_seq)).where(FlowRecord.flow_id == FlowHead.flow_id).scalar_subquery()
    )
    steps = case((FlowHead.status == "running", func.coalesce(written, 0)), else_=FlowHead.last_seq)
    heads = select(FlowHead, steps.label("steps"), User.email, User.name)
    return heads.join(User, User.user_id == FlowHead.user_id, isouter=True).where(_in_sight(sight))


def _in_sight(sight: Sight) -> ColumnElement[bool]:
    return true() if sight.all_flows else FlowHead.user_id == sight.user_id


def _flow_row(row: Any, sight: Sight) -> FlowRow:
    head: FlowHead = row[0]
    return FlowRow.model_validate(
        {
            "flow_id": head.flow_id,
            "user_id": head.user_id,
            "user_email": row.email or FORMER_USER,
            "user_name": row.name or row.email or FORMER_USER,
            "source": head.source,
            "conversation_id": head.conversation_id,
            "title": HIDDEN if sight.hides(head.user_id) else head.title,
            "status": head.status,
            "started_at": head.started_at,
            "ended_at": head.ended_at,
            "duration_ms": head.duration_ms,
            "steps": row.steps,
            "tool_calls": head.tool_calls,
            "input_tokens": head.input_tokens,
            "output_tokens": head.output_tokens,
            "cost_micros": head.cost_micros,
            "servers": head.servers,
            "sentence": head.sentence,
            "model": head.model,
        }
    )
