"""What people did lately: a union of journal and flow heads. Nothing is written for it."""

import re
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.checkpoints import Verdict
from omni2.flows.models import CallMark, FlowHead
from omni2.flows.queries import HIDDEN, Sight
from omni2.identity.models import User
from omni2.insight.schemas import Activity, ActivityFilter, ActivityList, ActivityType
from omni2.kernel.journal import JournalRow

SIGN_INS = ("user.signed_in", "user.joined", "setup.completed")
BLOCKS = ("user.blocked", "user.unblocked")
_DENIED = ("denied", "blocked")
_VERDICTS: dict[str, Verdict] = {
    "ok": "passed", "denied": "denied", "blocked": "denied", "failed": "failed", "unknown": "unknown",
}  # fmt: skip
_DEED = re.compile(r"(?:[A-Z][a-z]*ed|Made|Set|Put)\b")


async def list_activity(session: AsyncSession, sight: Sight, wanted: ActivityFilter) -> ActivityList:
    """Return the latest things that people did, newest first; hidden titles stay hidden here too."""
    found: list[tuple[int, Activity]] = []
    for query in _flows(wanted):
        rows = await session.execute(query.order_by(FlowHead.key.desc()).limit(wanted.limit))
        found += [(head.key, _of_flow(head, email, sight)) for head, email in rows]
    for call_query in _calls(wanted):
        calls = await session.execute(call_query.order_by(CallMark.key.desc()).limit(wanted.limit))
        found += [(call.key, _of_call(call, email)) for call, email in calls]
    for query in _journal(wanted):
        entries = await session.scalars(query.order_by(JournalRow.key.desc()).limit(wanted.limit))
        found += [(row.key, _of_journal(row)) for row in entries]
    found.sort(key=lambda item: item[0], reverse=True)
    return ActivityList(items=[activity for _, activity in found[: wanted.limit]])


def spoken(actor: str, sentence: str) -> str:
    """Return a sentence of the journal with the one who did it in front."""
    if sentence.startswith(actor):
        return sentence
    if _DEED.match(sentence):
        return f"{actor} {sentence[0].lower()}{sentence[1:]}"
    return f"{actor}: {sentence}"


def _flows(wanted: ActivityFilter) -> list[Select[FlowHead, str]]:
    """Return queries that each follow one index from its newest end."""
    query = select(FlowHead, User.email).join(User, User.user_id == FlowHead.user_id, isouter=True)
    if wanted.user:
        query = query.where(FlowHead.user_id == wanted.user)
    match wanted.type:
        case None:
            return [query]
        case "denial":
            return [query.where(FlowHead.status == status) for status in _DENIED]
        case "message":
            return [query.where(FlowHead.source == "chat", FlowHead.status.not_in(_DENIED))]
        case "tool_call":
            return [query.where(FlowHead.source != "chat", FlowHead.status.not_in(_DENIED))]
        case _:
            return []


def _calls(wanted: ActivityFilter) -> list[Select[CallMark, str]]:
    """Return the query of the calls within chats; a call through another door is a flow of its own."""
    if wanted.type not in {None, "tool_call"}:
        return []
    query = (
        select(CallMark, User.email)
        .join(FlowHead, FlowHead.flow_id == CallMark.flow_id)
        .join(User, User.user_id == CallMark.user_id, isouter=True)
        .where(FlowHead.source == "chat")
    )
    return [query.where(CallMark.user_id == wanted.user) if wanted.user else query]


def _journal(wanted: ActivityFilter) -> list[Select[JournalRow]]:
    """Return queries that each follow one index from its newest end."""
    query = select(JournalRow)
    if wanted.user:
        query = query.where(JournalRow.actor_id == wanted.user)
    match wanted.type:
        case None:
            return [query]
        case "sign_in":
            return [query.where(JournalRow.kind == kind) for kind in SIGN_INS]
        case "block":
            return [query.where(JournalRow.kind == kind) for kind in BLOCKS]
        case "config":
            return [query.where(JournalRow.kind.not_in((*SIGN_INS, *BLOCKS)))]
        case _:
            return []


def _of_flow(head: FlowHead, email: Any, sight: Sight) -> Activity:
    who = str(email) if email else "A deleted user"
    title = HIDDEN if sight.hides(head.user_id) else head.title
    kind: ActivityType = "message" if head.source == "chat" else "tool_call"
    deed = f'asked "{title}"' if kind == "message" else f"called {title}"
    sentence = f"{who} {deed}."
    if head.status in _DENIED:
        kind = "denial"
    if head.status not in {"ok", "running"}:
        sentence = f"{sentence} {head.sentence}"
    return Activity(
        at=head.started_at,
        type=kind,
        user_id=head.user_id,
        user_email=str(email) if email else None,
        sentence=sentence,
        flow_id=head.flow_id,
        verdict=_VERDICTS.get(head.status, "info"),
    )


def _of_call(call: CallMark, email: Any) -> Activity:
    who = str(email) if email else "A deleted user"
    came = "" if call.status == "ok" else f" ({call.status.replace('_', ' ')})"
    return Activity(
        at=call.at,
        type="tool_call",
        user_id=call.user_id,
        user_email=str(email) if email else None,
        sentence=f"{who} called {call.server}.{call.tool}{came}, {call.duration_ms:,.0f} ms.",
        flow_id=call.flow_id,
        verdict="passed" if call.status == "ok" else "failed",
    )


def _of_journal(row: JournalRow) -> Activity:
    kind: ActivityType = "config"
    if row.kind in SIGN_INS:
        kind = "sign_in"
    elif row.kind in BLOCKS:
        kind = "block"
    return Activity(
        at=row.at,
        type=kind,
        user_id=row.actor_id,
        user_email=row.actor_name if row.actor_id else None,
        sentence=spoken(row.actor_name, row.sentence),
        flow_id=None,
        verdict="info",
    )
