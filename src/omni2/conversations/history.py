"""What was said so far, as the engine needs it."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.conversations.models import Conversation, Message, TurnChunk
from omni2.kernel.errors import not_found
from omni2.kernel.jsons import loads

HISTORY_LIMIT = 80


@dataclass(frozen=True, slots=True)
class Said:
    """One stored message."""

    key: int
    message_id: str
    kind: str
    text: str
    data: dict[str, JsonValue]
    flow_id: str | None


async def get_conversation(session: AsyncSession, conversation_id: str, user_id: str) -> Conversation:
    """Return the user's own conversation; raise `Problem` 404 for any other."""
    row = await session.get(Conversation, conversation_id)
    if row is None or row.user_id != user_id:
        raise not_found("conversation")
    return row


async def list_said(session: AsyncSession, conversation_id: str, before_key: int | None = None) -> list[Said]:
    """Return the latest messages that stand, oldest first; only those before `before_key` when given."""
    query = select(Message).where(Message.conversation_id == conversation_id, Message.superseded_at.is_(None))
    if before_key is not None:
        query = query.where(Message.key < before_key)
    rows = await session.scalars(query.order_by(Message.key.desc()).limit(HISTORY_LIMIT))
    return [_said(row) for row in reversed(rows.all())]


async def get_question(session: AsyncSession, message_id: str, user_id: str) -> tuple[str, Said]:
    """Return conversation id and the user message that `message_id` answers (or is); raise `Problem` 404."""
    row = await session.scalar(select(Message).where(Message.message_id == message_id))
    if row is None or row.superseded_at is not None:
        raise not_found("message")
    await get_conversation(session, row.conversation_id, user_id)
    question = await session.scalar(
        select(Message)
        .where(
            Message.conversation_id == row.conversation_id,
            Message.kind == "user",
            Message.key <= row.key,
            Message.superseded_at.is_(None),
        )
        .order_by(Message.key.desc())
        .limit(1)
    )
    if question is None:
        raise not_found("message")
    return row.conversation_id, _said(question)


async def list_frames(session: AsyncSession, flow_id: str, after: int) -> list[JsonValue]:
    """Return the stored frames of a turn with a number above `after`, in order."""
    rows = await session.scalars(
        select(TurnChunk)
        .where(TurnChunk.flow_id == flow_id, TurnChunk.last_n > after)
        .order_by(TurnChunk.first_n)
    )
    frames: list[JsonValue] = []
    for row in rows:
        stored = loads(row.frames)
        if isinstance(stored, list):
            frames += stored[max(0, after - row.first_n + 1) :]
    return frames


async def find_answer(session: AsyncSession, flow_id: str) -> str | None:
    """Return the id of the last thing that was answered in a flow."""
    query = select(Message.message_id).where(Message.flow_id == flow_id, Message.kind == "assistant")
    return await session.scalar(query.order_by(Message.key.desc()).limit(1))


async def words_of(session: AsyncSession, flow_ids: Sequence[str]) -> dict[str, str]:
    """Return the questions and answers of some flows, by flow id, to be searched."""
    rows = await session.execute(
        select(Message.flow_id, Message.text)
        .where(Message.flow_id.in_(flow_ids), Message.kind != "tool")
        .order_by(Message.key)
    )
    words: dict[str, str] = {}
    for flow_id, text in rows:
        if flow_id is not None and text:
            words[flow_id] = f"{words[flow_id]}\n{text}" if flow_id in words else text
    return words


def _said(row: Message) -> Said:
    data = row.data if isinstance(row.data, dict) else {}
    return Said(row.key, row.message_id, row.kind, row.text, data, row.flow_id)
