"""Tables of watching: who may be watched until when, and the lists of people that watchers keep."""

from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Json, Utc


class Term:
    """From `since` on, up to `until` or until it is ended; who set and who ended it by their names."""

    since: Mapped[datetime] = mapped_column(Utc)
    until: Mapped[datetime] = mapped_column(Utc, index=True)
    set_by: Mapped[str] = mapped_column(String(320))
    ended_at: Mapped[datetime | None] = mapped_column(Utc)
    ended_by: Mapped[str | None] = mapped_column(String(320))


class Monitoring(Term, Base):
    """The flows of a user may be watched live."""

    __tablename__ = "monitorings"
    __table_args__ = (Index("ix_monitorings_user_id_since", "user_id", "since"),)

    monitoring_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))


class TeamMonitoring(Term, Base):
    """The flows of whoever belongs to a team at the moment may be watched live."""

    __tablename__ = "team_monitorings"

    monitoring_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    team_id: Mapped[str] = mapped_column(ForeignKey("teams.team_id", ondelete="CASCADE"), index=True)


class WatchList(Base):
    """Some people under a name, kept by one watcher. `user_ids` is a JSON array, in their order."""

    __tablename__ = "watch_lists"
    __table_args__ = (Index("ix_watch_lists_owner_id_name", "owner_id", "name", unique=True),)

    list_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.user_id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    user_ids: Mapped[JsonValue] = mapped_column(Json, nullable=False)
    changed_at: Mapped[datetime] = mapped_column(Utc)
