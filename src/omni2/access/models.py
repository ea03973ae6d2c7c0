"""Tables of who may: grants, and the immutable snapshots of access that flows point to."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Json, Utc


class Grant(Base):
    """A rule: whom (everyone, a role, a user), which servers, which tools are allowed and which denied."""

    __tablename__ = "grants"

    grant_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    subject: Mapped[str] = mapped_column(String(16))
    role: Mapped[str | None] = mapped_column(String(32))
    user_id: Mapped[str | None] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"), index=True)
    server: Mapped[str] = mapped_column(String(64), index=True)
    allow: Mapped[JsonValue] = mapped_column(Json)
    deny: Mapped[JsonValue] = mapped_column(Json)
    created_at: Mapped[datetime] = mapped_column(Utc)
    created_by: Mapped[str] = mapped_column(String(320))


class AccessSnapshot(Base):
    """What somebody could use at one time, stored once under its own hash. `body` is JSON text."""

    __tablename__ = "access_snapshots"

    access_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Utc)
