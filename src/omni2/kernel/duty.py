"""Duties: work that one replica at a time does for all, by a row that says who and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import String, text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc
from omni2.kernel.db import Database
from omni2.kernel.ids import now, to_micros, uptime

HELD_S = 15.0
RENEW_S = 5.0

_TAKE = """
INSERT INTO duties (name, holder, until) VALUES (:name, :holder, :until)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE duties.holder = excluded.holder OR duties.until < :now
RETURNING holder
"""


class DutyRow(Base):
    """Who does it now. `until` in the past means that anybody may take it over."""

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(36))
    until: Mapped[datetime] = mapped_column(Utc)


class Duty:
    """One duty, as a replica sees it. An embedded database has one replica, which always has the duty."""

    def __init__(self, database: Database, name: str, replica_id: Callable[[], str]) -> None:
        self._database = database
        self._name = name
        self._replica_id = replica_id
        self._asked = float("-inf")
        self._held = database.is_sqlite

    async def held(self) -> bool:
        """Whether it is ours; asked of the database every few seconds, long before it would run out."""
        if self._database.is_sqlite:
            return True
        if uptime() - self._asked < RENEW_S:
            return self._held
        self._asked = uptime()
        params = {
            "name": self._name,
            "holder": self._replica_id(),
            "now": to_micros(now()),
            "until": to_micros(now() + timedelta(seconds=HELD_S)),
        }
        async with self._database.work() as work:
            taken = await work.session.scalar(text(_TAKE), params)
        self._held = taken is not None
        return self._held
