"""Tables of what was said: conversations, messages, and the stored stream of a running turn."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Json, Key, Utc


class Conversation(Base):
    """A conversation of one user. `running_flow_id` names the turn that is being answered."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_user_id_updated_at", "user_id", "updated_at"),)

    conversation_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36))
    title: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
    updated_at: Mapped[datetime] = mapped_column(Utc)
    running_flow_id: Mapped[str | None] = mapped_column(String(36))


class Message(Base):
    """One message: the user's, the assistant's, or a tool call. Never changed; a superseded one is hidden."""

    __tablename__ = "messages"
    __table_args__ = (Index("ix_messages_conversation_id_key", "conversation_id", "key"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    message_id: Mapped[str] = mapped_column(String(36), unique=True)
    conversation_id: Mapped[str] = mapped_column(
        ForeignKey("conversations.conversation_id", ondelete="CASCADE")
    )
    kind: Mapped[str] = mapped_column(String(12))
    flow_id: Mapped[str | None] = mapped_column(String(36), index=True)
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[JsonValue] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Utc)
    superseded_at: Mapped[datetime | None] = mapped_column(Utc)


class TurnChunk(Base):
    """A piece of the stream of a turn: the frames `first_n..last_n` as a JSON array."""

    __tablename__ = "turn_chunks"

    flow_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    first_n: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    last_n: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Utc)
    frames: Mapped[str] = mapped_column(Text)
