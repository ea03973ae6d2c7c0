"""Reads conversations and what was said in them, for their own user."""

from sqlalchemy import ColumnElement, exists, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.conversations.history import get_conversation
from omni2.conversations.models import Conversation, Message, TurnChunk
from omni2.conversations.schemas import (
    AssistantData,
    CallView,
    ConversationFilter,
    ConversationView,
    MessagePage,
    MessageRange,
    MessageView,
    RunningTurn,
    ToolData,
    TurnView,
)
from omni2.kernel.errors import invalid
from omni2.kernel.ids import from_micros, to_micros
from omni2.kernel.page import Page, cut, decode
from omni2.kernel.search import after_key, contains

_TIME_LIMIT = 1 << 56


async def list_conversations(
    session: AsyncSession, user_id: str, wanted: ConversationFilter
) -> Page[ConversationView]:
    """Return one page of the user's conversations, the one last spoken in first."""
    query = select(Conversation).where(Conversation.user_id == user_id)
    if words := wanted.q.strip():
        query = query.where(or_(contains(Conversation.title, words), _said(words)))
    if (position := _position(wanted.after)) is not None:
        query = query.where(tuple_(Conversation.updated_at, Conversation.conversation_id) < position)
    query = query.order_by(Conversation.updated_at.desc(), Conversation.conversation_id.desc())
    found = (await session.scalars(query.limit(wanted.limit + 1))).all()
    rows, following = cut(found, wanted.limit, lambda row: (to_micros(row.updated_at), row.conversation_id))
    return Page[ConversationView](items=[conversation_view(row) for row in rows], next=following)


async def list_messages(
    session: AsyncSession, user_id: str, conversation_id: str, wanted: MessageRange
) -> MessagePage:
    """Return one page of the messages that stand, in order; raise `Problem` 404 for a foreign one."""
    conversation = await get_conversation(session, conversation_id, user_id)
    query = select(Message).where(Message.conversation_id == conversation_id, Message.superseded_at.is_(None))
    if (key := after_key(wanted.after)) is not None:
        query = query.where(Message.key > key)
    found = (await session.scalars(query.order_by(Message.key).limit(wanted.limit + 1))).all()
    rows, following = cut(found, wanted.limit, lambda row: (row.key,))
    running = await _running(session, conversation.running_flow_id)
    return MessagePage(items=[message_view(row) for row in rows], next=following, running=running)


def conversation_view(row: Conversation) -> ConversationView:
    """Return a conversation as it is shown."""
    return ConversationView(
        conversation_id=row.conversation_id,
        title=row.title,
        created_at=row.created_at,
        updated_at=row.updated_at,
        running_flow_id=row.running_flow_id,
    )


def message_view(row: Message) -> MessageView:
    """Return a message as it is shown: a tool's whole result stays here, its preview goes."""
    call: CallView | None = None
    turn: TurnView | None = None
    if row.kind == "tool":
        call = CallView.model_validate(ToolData.model_validate(row.data).model_dump(exclude={"text"}))
    elif row.kind == "assistant":
        turn = AssistantData.model_validate(row.data).turn
    return MessageView.model_validate(
        {
            "message_id": row.message_id,
            "kind": row.kind,
            "flow_id": row.flow_id,
            "text": "" if row.kind == "tool" else row.text,
            "created_at": row.created_at,
            "call": call,
            "turn": turn,
        }
    )


async def _running(session: AsyncSession, flow_id: str | None) -> RunningTurn | None:
    if flow_id is None:
        return None
    last_n = await session.scalar(select(func.max(TurnChunk.last_n)).where(TurnChunk.flow_id == flow_id))
    return RunningTurn(flow_id=flow_id, last_n=last_n or 0)


def _said(words: str) -> ColumnElement[bool]:
    return exists().where(
        Message.conversation_id == Conversation.conversation_id,
        Message.superseded_at.is_(None),
        Message.kind != "tool",
        contains(Message.text, words),
    )


def _position(after: str | None) -> tuple[object, str] | None:
    cursor = decode(after, 2)
    if cursor is None:
        return None
    if not isinstance(cursor[0], int) or not 0 <= cursor[0] < _TIME_LIMIT:
        raise invalid("after", "This page cursor is not valid. Start from the first page.")
    return from_micros(cursor[0]), str(cursor[1])
