"""The lease of a replica: a row that says it lives, and on an embedded database a file lock besides.

Whoever holds no lease may write and release nothing; its flows are closed by another.
"""

import fcntl
import os
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import String, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, now, uptime

LEASE_S = 2.0
RENEW_S = 0.5
_FOREVER = timedelta(days=36_500)


class Replica(Base):
    """One process that serves. `lease_until` in the past means that it is gone."""

    __tablename__ = "replicas"

    replica_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Utc)
    lease_until: Mapped[datetime] = mapped_column(Utc)


class Lease:
    """The lease of this process. On SQLite a file lock is the lease: the system ends it with the process."""

    def __init__(self, database: Database) -> None:
        self.replica_id = new_id()
        self._database = database
        self._until = 0.0
        self._lock: int | None = None

    @property
    def valid(self) -> bool:
        """Whether this process may still write and release, by a clock that runs during suspend."""
        return uptime() < self._until

    def lock(self) -> None:
        """On SQLite take the file lock; raise `Problem` when another process serves this data directory."""
        if self._database.is_sqlite and self._lock is None:
            self._lock = _take_lock(lock_path(self._database.path))

    async def acquire(self) -> None:
        """Take the lease; see `lock`, which comes before the schema is touched."""
        self.lock()
        started = uptime()
        async with self._database.work(urgent=True) as work:
            if self._database.is_sqlite:
                await work.session.execute(delete(Replica))
            until = now() + (_FOREVER if self._database.is_sqlite else timedelta(seconds=LEASE_S))
            work.session.add(Replica(replica_id=self.replica_id, started_at=now(), lease_until=until))
        self._until = float("inf") if self._database.is_sqlite else started + LEASE_S

    async def renew(self) -> None:
        """Extend the lease; a lease that ran out and was taken away is not extended."""
        if self._database.is_sqlite:
            return
        started = uptime()
        async with self._database.work(urgent=True) as work:
            result = await work.session.execute(
                update(Replica)
                .where(Replica.replica_id == self.replica_id, Replica.lease_until > now())
                .values(lease_until=now() + timedelta(seconds=LEASE_S))
                .returning(Replica.replica_id)
            )
            extended = result.scalar_one_or_none() is not None
        if extended:
            self._until = started + LEASE_S
        else:
            await self._rejoin()

    async def release(self) -> None:
        """Give the lease back, so that others need not wait for its end."""
        self._until = 0.0
        async with self._database.work(urgent=True) as work:
            await work.session.execute(delete(Replica).where(Replica.replica_id == self.replica_id))
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def _rejoin(self) -> None:
        self.replica_id = new_id()
        await self.acquire()


async def list_live_replicas(session: AsyncSession) -> list[str]:
    """Return the ids of the replicas whose lease still runs."""
    return list(await session.scalars(select(Replica.replica_id).where(Replica.lease_until > now())))


def lock_path(database: Path) -> Path:
    """Return the lock file that stands beside an embedded database."""
    return database.with_suffix(".lock")


def is_served(database: Path) -> bool:
    """Whether a live process serves this embedded database."""
    try:
        os.close(_take_lock(lock_path(database)))
    except Problem:
        return True
    return False


def _take_lock(path: Path) -> int:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise Problem(
            "already_served",
            409,
            f"Another omni2 process serves {path.parent}. Stop it, or name another directory with --data.",
        ) from error
    return descriptor
