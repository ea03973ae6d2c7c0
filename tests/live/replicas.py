"""Replicas for tests: a mirror, a registry and the watch of each, on one database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import select

from omni2.identity.auth import Authenticator
from omni2.identity.epochs import Mirror
from omni2.identity.follower import follow_epochs
from omni2.kernel.bus import Bus, MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.ids import new_id, now
from omni2.kernel.lease import Replica as ReplicaRow
from omni2.kernel.tasks import Supervisor
from omni2.live.block import Blocking
from omni2.live.models import BlockConfirmation
from omni2.live.registry import Ending, Handle, HandleKind, Registry
from omni2.live.watch import watch_epochs


@dataclass
class Replica:
    """One process's share of what is live."""

    replica_id: str
    database: Database
    mirror: Mirror
    registry: Registry
    blocking: Blocking
    authenticator: Authenticator


class Recorded:
    """A live thing that remembers how it was ended."""

    def __init__(
        self, user_id: str, kind: HandleKind = "socket", door: str = "chat", credential: str = "none"
    ) -> None:
        self.endings: list[Ending] = []
        self.handle = Handle(kind, user_id, door, credential, self._end)

    async def _end(self, ending: Ending) -> None:
        self.endings.append(ending)


@asynccontextmanager
async def replica(url: str, bus: Bus | None = None, *, listens: bool = True) -> AsyncIterator[Replica]:
    """A replica with a lease; one that does not listen follows nothing, as if it hung."""
    database = Database(url, bus or MemoryBus())
    mirror, supervisor, replica_id = Mirror(database), Supervisor(), new_id()
    registry = Registry(mirror)
    blocking = Blocking(database, mirror, registry, lambda: replica_id)
    authenticator = Authenticator(database, mirror)
    async with database.work() as work:
        until = now().replace(year=2999)
        work.session.add(ReplicaRow(replica_id=replica_id, started_at=now(), lease_until=until))
    await mirror.refresh()
    if listens:
        watch_epochs(mirror, blocking, authenticator, registry, supervisor)
        follow_epochs(supervisor, database, mirror, database.bus)
    yield Replica(replica_id, database, mirror, registry, blocking, authenticator)
    await supervisor.aclose()
    await database.aclose()


async def confirmed_by(database: Database, block_id: str) -> set[str]:
    """Return the replicas that confirmed a block."""
    async with database.read() as session:
        rows = await session.scalars(
            select(BlockConfirmation.replica_id).where(BlockConfirmation.block_id == block_id)
        )
        return set(rows)
