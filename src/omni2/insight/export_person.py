"""All that is kept of what one person did and said, as JSON lines: who, conversations, flows."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.conversations.models import Conversation, Message
from omni2.flows.queries import Sight
from omni2.flows.schemas import FlowQuery
from omni2.identity.models import User
from omni2.identity.team_schemas import TeamFilter
from omni2.identity.teams import list_teams
from omni2.insight.export import Wanted, export_flows
from omni2.insight.export_formats import as_line
from omni2.kernel.db import Database
from omni2.kernel.ids import now
from omni2.kernel.page import MAX_LIMIT

TALKS_AT_ONCE = 20


async def export_person(database: Database, sight: Sight, user: User) -> AsyncIterator[bytes]:
    """Yield one line about the person, one a conversation with its messages, and one a flow.

    Nothing is held but a few conversations or flows at a time. `sight` must show the person's content.
    """
    who: dict[str, Any] = {"user_id": user.user_id, "email": user.email, "name": user.name, "role": user.role}
    async with database.read() as session:
        teams, _ = await list_teams(session, TeamFilter(member=user.user_id, limit=MAX_LIMIT))
    who["teams"] = [team.name for team, _ in teams]
    head = {"omni2_person": 1, **who, "created_at": user.created_at, "exported_at": now()}
    yield _line(head)
    after = ""
    while True:
        async with database.read() as session:
            talks = await _talks(session, user.user_id, after)
        for talk in talks:
            yield _line(talk)
        if len(talks) < TALKS_AT_ONCE:
            break
        after = talks[-1]["conversation_id"]
    wanted = Wanted(FlowQuery(user=user.user_id))
    async for flow in export_flows(database, sight, wanted):
        yield as_line(flow) + b"\n"


async def _talks(session: AsyncSession, user_id: str, after: str) -> list[dict[str, Any]]:
    """Return the next few conversations with all that was said in them, also what was said anew."""
    query = select(Conversation).where(Conversation.user_id == user_id, Conversation.conversation_id > after)
    found = await session.scalars(query.order_by(Conversation.conversation_id).limit(TALKS_AT_ONCE))
    rows = found.all()
    said: dict[str, list[dict[str, Any]]] = {row.conversation_id: [] for row in rows}
    messages = select(Message).where(Message.conversation_id.in_(list(said))).order_by(Message.key)
    for each in await session.scalars(messages):
        words = {"message_id": each.message_id, "kind": each.kind, "at": each.created_at, "text": each.text}
        more = {"data": each.data, "flow_id": each.flow_id, "superseded_at": each.superseded_at}
        said[each.conversation_id].append({**words, **more})
    return [
        {
            "conversation_id": row.conversation_id,
            "title": row.title,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
            "messages": said[row.conversation_id],
        }
        for row in rows
    ]


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z) + b"\n"
