"""Tables of what happened: the head of each flow, and its record in phases."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import BigInteger, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Json, Key, Utc


class FlowHead(Base):
    """One flow. The key is append-only and ours; the public id stands beside it."""

    __tablename__ = "flows"
    __table_args__ = (
        Index("ix_flows_user_id_key", "user_id", "key"),
        Index("ix_flows_status_key", "status", "key"),
        Index(
            "ix_flows_conversation_id_key",
            "conversation_id",
            "key",
            sqlite_where=text("conversation_id IS NOT NULL"),
            postgresql_where=text("conversation_id IS NOT NULL"),
        ),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    flow_id: Mapped[str] = mapped_column(String(36), unique=True)
    user_id: Mapped[str] = mapped_column(String(36))
    source: Mapped[str] = mapped_column(String(8))
    conversation_id: Mapped[str | None] = mapped_column(String(36))
    owner: Mapped[str] = mapped_column(String(36))
    status: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(Text)
    sentence: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(Utc)
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    duration_ms: Mapped[float | None] = mapped_column()
    last_seq: Mapped[int] = mapped_column(Integer)
    tool_calls: Mapped[int] = mapped_column(Integer)
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    cost_micros: Mapped[int] = mapped_column(BigInteger)
    model: Mapped[str | None] = mapped_column(String(200))
    servers: Mapped[JsonValue] = mapped_column(Json)


class FlowRecord(Base):
    """One phase of a flow: a JSON array of its checkpoints, in order, written once and never changed."""

    __tablename__ = "flow_records"
    __table_args__ = (Index("ix_flow_records_flow_id_first_seq", "flow_id", "first_seq", unique=True),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    flow_id: Mapped[str] = mapped_column(String(36))
    user_id: Mapped[str] = mapped_column(String(36))
    first_seq: Mapped[int] = mapped_column(Integer)
    last_seq: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Utc)
    checkpoints: Mapped[str] = mapped_column(Text)


class CallMark(Base):
    """One call to a server, for counting: who, where, how it ended, how long it took."""

    __tablename__ = "calls"
    __table_args__ = (Index("ix_calls_user_id_key", "user_id", "key"),)

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    flow_id: Mapped[str] = mapped_column(String(36))
    user_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(Utc)
    server: Mapped[str] = mapped_column(String(64))
    tool: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(16))
    duration_ms: Mapped[float] = mapped_column()


class FlowDoc(Base):
    """What is searched of a closed flow, lower case. Filled behind the commit; `kinds` has a bit a kind."""

    __tablename__ = "flow_docs"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    kinds: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text)


class FlowTerm(Base):
    """A value that flows are found by, such as the tool `wiki.search`, and how many indexed flows have it."""

    __tablename__ = "flow_terms"
    __table_args__ = (Index("ix_flow_terms_name_value", "name", "value", unique=True),)

    term_id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(String(300))
    flows: Mapped[int] = mapped_column(BigInteger)


class FlowPosting(Base):
    """One flow that has a term; in the order of keys, so that the newest are read first."""

    __tablename__ = "flow_postings"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term_id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class FlowWaiting(Base):
    """A flow that still ran when the index came by."""

    __tablename__ = "flow_waiting"

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)


class FlowIndex(Base):
    """How far the index has come: every flow up to `position` is indexed or waits.

    `forgotten` counts how often it had to forget: what it read before such a moment is not written after it.
    """

    __tablename__ = "flow_index"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    forgotten: Mapped[int] = mapped_column(BigInteger, server_default="0")


class SavedView(Base):
    """A query that somebody keeps under a name, for themselves."""

    __tablename__ = "flow_views"
    __table_args__ = (Index("ix_flow_views_user_id_name", "user_id", "name", unique=True),)

    view_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
