"""Takes what was said out of conversations; that it was said, when, and in which flow stays."""

from collections.abc import Mapping, Sequence

from pydantic import JsonValue
from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.conversations.models import Conversation, Message, TurnChunk
from omni2.kernel.redact import ERASED

AT_ONCE = 20


class Erasing:
    """What whoever looks after the age of the record needs of conversations."""

    async def count(self, session: AsyncSession, user_id: str) -> int:
        """Return how many conversations of a person hold anything that was said."""
        query = select(func.count()).select_from(Conversation).where(_has_content(user_id))
        return await session.scalar(query) or 0

    async def erase_of_flows(self, session: AsyncSession, flow_ids: list[str]) -> None:
        """Erase what was said in these flows, and the titles of the conversations that began with it."""
        messages = (await session.scalars(select(Message).where(Message.flow_id.in_(flow_ids)))).all()
        await _erase(session, messages)
        await session.execute(delete(TurnChunk).where(TurnChunk.flow_id.in_(flow_ids)))

    async def erase_next(self, session: AsyncSession, user_id: str) -> list[str] | None:
        """Erase the next few conversations of a person in which no turn runs.

        Returns the flows in which that was said, or None when there is no such conversation.
        """
        wanted = select(Conversation.conversation_id).where(_has_content(user_id))
        wanted = wanted.where(Conversation.running_flow_id.is_(None)).limit(AT_ONCE)
        ids = (await session.scalars(wanted)).all()
        if not ids:
            return None
        messages = (await session.scalars(select(Message).where(Message.conversation_id.in_(ids)))).all()
        await _erase(session, messages)
        titled = update(Conversation).where(Conversation.conversation_id.in_(ids)).values(title=ERASED)
        await session.execute(titled)
        return sorted({message.flow_id for message in messages if message.flow_id is not None})


def _has_content(user_id: str) -> ColumnElement[bool]:
    said = exists().where(
        Message.conversation_id == Conversation.conversation_id, Message.text.not_in(("", ERASED))
    )
    return (Conversation.user_id == user_id) & or_(Conversation.title != ERASED, said)


async def _erase(session: AsyncSession, messages: Sequence[Message]) -> None:
    if not messages:
        return
    for message in messages:
        message.text = ERASED if message.text else ""
        message.data = _bare(message.kind, message.data)
    await session.flush()
    ids = {message.conversation_id for message in messages}
    of_each = select(func.min(Message.key)).where(Message.conversation_id.in_(ids))
    firsts = (await session.scalars(of_each.group_by(Message.conversation_id))).all()
    begun = select(Message.conversation_id).where(Message.key.in_(firsts), Message.text == ERASED)
    titled = update(Conversation).where(
        Conversation.conversation_id.in_((await session.scalars(begun)).all())
    )
    await session.execute(titled.values(title=ERASED))


def _bare(kind: str, data: JsonValue) -> JsonValue:
    """Return what a message stores beside its text, without arguments and results."""
    if not isinstance(data, dict):
        return data
    if kind == "tool":
        return {**data, "arguments": ERASED, "preview": ERASED, "text": ERASED}
    wishes = data.get("tool_calls")
    if not isinstance(wishes, list):
        return data
    return {**data, "tool_calls": [_without_arguments(wish) for wish in wishes]}


def _without_arguments(wish: JsonValue) -> JsonValue:
    return {**wish, "arguments": ERASED} if isinstance(wish, Mapping) else wish
