"""Conversations as those who look after others find them: by what happened in them, the latest first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.conversations.models import Conversation
from omni2.conversations.queries import list_messages
from omni2.conversations.schemas import MessagePage, MessageRange, MessageView
from omni2.flows.checkpoints import FlowStatus
from omni2.flows.finding import Meaning
from omni2.flows.models import FlowHead
from omni2.flows.queries import FORMER_USER, HIDDEN, Sight, meaning_of
from omni2.flows.query import Part
from omni2.flows.scanning import scan
from omni2.flows.schemas import FlowQuery, Query, Statuses
from omni2.identity.models import User
from omni2.kernel.errors import not_found
from omni2.kernel.ids import uptime
from omni2.kernel.page import MAX_LIMIT, Page, encode
from omni2.kernel.search import Words, after_key

PIECE = 4
BUDGET_S = 0.4


class TalkFilter(BaseModel):
    """Which conversations: those with a turn for which all of this holds. `user` is a name, e-mail or id."""

    model_config = ConfigDict(extra="forbid")

    q: Query = ""
    user: Words = ""
    server: Words = ""
    status: Statuses = Field(default_factory=list[FlowStatus])
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    limit: int = Field(default=30, ge=1, le=MAX_LIMIT)
    after: Words | None = None


class TalkRow(BaseModel):
    """A conversation in one line. Money is micro-USD; `status` is what came of its last turn."""

    conversation_id: str
    user_id: str
    user_email: str
    user_name: str
    first_message: str
    started_at: datetime
    last_at: datetime
    duration_ms: float
    turns: int
    tool_calls: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    servers: list[str]
    status: FlowStatus
    troubled: int
    deleted: bool


class TalkPage(Page[TalkRow]):
    """Conversations; with `searched_to` only those since then were looked at, and `next` goes on there."""

    searched_to: datetime | None = None


TalkId = Annotated[str, Field(max_length=36)]


async def list_talks(session: AsyncSession, sight: Sight, wanted: TalkFilter) -> TalkPage:
    """Return one page of conversations, by their latest turn that is meant."""
    parts = [
        Part(key, (value,)) for key, value in (("user", wanted.user), ("server", wanted.server)) if value
    ]
    if words := wanted.q.strip():
        parts.append(Part("text", (words,)))
    if wanted.until is not None:
        parts.append(Part("until", at=wanted.until))
    meaning = await meaning_of(
        session, sight, FlowQuery(status=wanted.status, since=wanted.since), tuple(parts)
    )
    meaning.on_head.append(FlowHead.conversation_id.is_not(None))
    after = after_key(wanted.after)
    found, stopped_at = await _latest(session, meaning, after, wanted.limit)
    rows = await _rows(session, sight, [conversation_id for conversation_id, _ in found[: wanted.limit]])
    if len(found) > wanted.limit:
        return TalkPage(items=rows, next=encode((found[wanted.limit - 1][1],)))
    if stopped_at is None:
        return TalkPage(items=rows)
    to = await session.scalar(select(FlowHead.started_at).where(FlowHead.key == stopped_at))
    return TalkPage(items=rows, next=encode((stopped_at,)), searched_to=to)


async def get_talk(session: AsyncSession, sight: Sight, conversation_id: str) -> TalkRow:
    """Return one conversation; raise `Problem` 404 for an unknown one and for one out of sight."""
    rows = await _rows(session, sight, [conversation_id])
    if not rows:
        raise not_found("conversation")
    return rows[0]


async def read_talk(
    session: AsyncSession, sight: Sight, conversation_id: str, wanted: MessageRange
) -> MessagePage:
    """Return what was said as far as the reader may see; raise `Problem` 404 as `get_talk`, or if deleted."""
    talk = await get_talk(session, sight, conversation_id)
    page = await list_messages(session, talk.user_id, conversation_id, wanted)
    if not sight.hides(talk.user_id):
        return page
    return page.model_copy(update={"items": [_hidden(item) for item in page.items]})


async def _latest(
    session: AsyncSession, meaning: Meaning, after: int | None, limit: int
) -> tuple[list[tuple[str, int]], int | None]:
    """Return up to `limit + 1` conversations, each with the key of its latest turn that is meant."""
    base = cast("Select[Any]", select(FlowHead.key, FlowHead.conversation_id))
    end = uptime() + BUDGET_S
    found: dict[str, int] = {}
    place = after
    while True:
        piece = await scan(session, meaning, base, place, PIECE * (limit + 1))
        fresh = [row for row in piece.rows if row.conversation_id not in found]
        before = await _shown_before(session, meaning, {row.conversation_id for row in fresh}, after)
        for row in fresh:
            if row.conversation_id not in before:
                found.setdefault(row.conversation_id, row.key)
        place = piece.stopped_at
        if place is None and len(piece.rows) == PIECE * (limit + 1):
            place = piece.rows[-1].key
        if place is None or len(found) > limit:
            return list(found.items()), None
        if uptime() > end:
            return list(found.items()), place


async def _shown_before(
    session: AsyncSession, meaning: Meaning, conversation_ids: set[str], after: int | None
) -> set[str]:
    """Return those of these conversations that an earlier page has shown, for a later turn."""
    if after is None or not conversation_ids:
        return set()
    query = select(FlowHead.conversation_id).where(
        FlowHead.conversation_id.in_(conversation_ids),
        FlowHead.key >= after,
        *meaning.on_head,
        *meaning.on_index,
    )
    return {conversation_id for conversation_id in await session.scalars(query) if conversation_id}


async def _rows(session: AsyncSession, sight: Sight, conversation_ids: Sequence[str]) -> list[TalkRow]:
    query = (
        select(FlowHead, User.email, User.name)
        .join(User, User.user_id == FlowHead.user_id, isouter=True)
        .where(FlowHead.conversation_id.in_(conversation_ids))
        .order_by(FlowHead.key)
    )
    if not sight.all_flows:
        query = query.where(FlowHead.user_id == sight.user_id)
    turns: dict[str | None, list[Any]] = {}
    for row in await session.execute(query):
        turns.setdefault(row[0].conversation_id, []).append(row)
    standing = set(
        await session.scalars(
            select(Conversation.conversation_id).where(Conversation.conversation_id.in_(conversation_ids))
        )
    )
    return [_row(turns[one], sight, deleted=one not in standing) for one in conversation_ids if one in turns]


def _row(turns: Sequence[Any], sight: Sight, *, deleted: bool) -> TalkRow:
    heads: list[FlowHead] = [row[0] for row in turns]
    first, last = heads[0], heads[-1]
    ended = max(head.ended_at or head.started_at for head in heads)
    email = turns[0].email or FORMER_USER
    servers = {
        str(server) for head in heads for server in (head.servers if isinstance(head.servers, list) else [])
    }
    return TalkRow.model_validate(
        {
            "conversation_id": first.conversation_id,
            "user_id": first.user_id,
            "user_email": email,
            "user_name": turns[0].name or email,
            "first_message": HIDDEN if sight.hides(first.user_id) else first.title,
            "started_at": first.started_at,
            "last_at": last.started_at,
            "duration_ms": (ended - first.started_at).total_seconds() * 1_000,
            "turns": len(heads),
            "tool_calls": sum(head.tool_calls for head in heads),
            "input_tokens": sum(head.input_tokens for head in heads),
            "output_tokens": sum(head.output_tokens for head in heads),
            "cost_micros": sum(head.cost_micros for head in heads),
            "servers": sorted(servers),
            "status": last.status,
            "troubled": sum(head.status not in {"ok", "running"} for head in heads),
            "deleted": deleted,
        }
    )


def _hidden(item: MessageView) -> MessageView:
    call = item.call
    if call is not None:
        call = call.model_copy(update={"arguments": HIDDEN, "preview": HIDDEN})
    return item.model_copy(update={"text": HIDDEN if item.text else "", "call": call})
