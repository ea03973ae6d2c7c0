"""The journal: append-only, one row for each change of configuration, sign-in, block, watch and export.

A row is written in the same transaction as what it tells of.
"""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Json, Key, Utc
from omni2.kernel.db import Work
from omni2.kernel.ids import new_id, new_key, now


class JournalRow(Base):
    """One thing that somebody did, in words and as data (never a secret)."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_kind_key", "kind", "key"),
        Index("ix_journal_actor_key", "actor_id", "key"),
    )

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    journal_id: Mapped[str] = mapped_column(String(36), unique=True)
    at: Mapped[datetime] = mapped_column(Utc)
    actor_id: Mapped[str | None] = mapped_column(String(36))
    actor_name: Mapped[str] = mapped_column(String(320))
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[str | None] = mapped_column(String(64))
    sentence: Mapped[str] = mapped_column(Text)
    data: Mapped[JsonValue] = mapped_column(Json)


class Actor:
    """Who did it: a user, or the command line."""

    __slots__ = ("name", "user_id")

    def __init__(self, user_id: str | None, name: str) -> None:
        self.user_id = user_id
        self.name = name


CONSOLE = Actor(None, "command line")


def write_journal(
    work: Work,
    actor: Actor,
    kind: str,
    sentence: str,
    *,
    subject_id: str | None = None,
    data: JsonValue = None,
) -> None:
    """Add a row to this transaction. `kind` is `noun.verb`, such as `user.blocked`."""
    work.session.add(
        JournalRow(
            key=new_key(),
            journal_id=new_id(),
            at=now(),
            actor_id=actor.user_id,
            actor_name=actor.name,
            kind=kind,
            subject_id=subject_id,
            sentence=sentence,
            data=data,
        )
    )
    work.emit("activity", {"kind": kind, "user_id": actor.user_id or subject_id})
