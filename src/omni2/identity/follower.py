"""Keeps the mirror fresh: SQLite's data_version every 50 ms, PostgreSQL every 250 ms, the bus at once."""

import asyncio
import sqlite3

from omni2.identity.epochs import Mirror
from omni2.kernel.bus import Bus
from omni2.kernel.db import Database, unavailable
from omni2.kernel.ids import uptime
from omni2.kernel.tasks import Supervisor

SQLITE_POLL_S = 0.05
POSTGRES_POLL_S = 0.25
_NEWEST = "SELECT COALESCE(MAX(seq), 0) FROM epochs"


def follow_epochs(supervisor: Supervisor, database: Database, mirror: Mirror, bus: Bus) -> None:
    """Start the loops that watch for changes made here, on other replicas and by the command line."""

    async def poll_postgres() -> None:
        await mirror.refresh()
        await asyncio.sleep(POSTGRES_POLL_S)

    async def listen() -> None:
        async with bus.subscribe("epochs") as inbox:
            while True:
                await inbox.get()
                await mirror.refresh()

    watch = _SqliteWatch(database, mirror)
    supervisor.loop("epochs_poll", watch.poll if database.is_sqlite else poll_postgres)
    supervisor.loop("epochs_bus", listen)


class _SqliteWatch:
    """`PRAGMA data_version` costs microseconds and moves with every commit of any other connection.

    Most commits are records, which change no epoch: the newest one says so for as little.
    """

    def __init__(self, database: Database, mirror: Mirror) -> None:
        self._path = database.path
        self._mirror = mirror
        self._connection: sqlite3.Connection | None = None
        self._seen = -1

    async def poll(self) -> None:
        """Look once, read when something moved, then pause."""
        started = uptime()
        try:
            version = self._ask("PRAGMA data_version")
            moved = version != self._seen and not self._mirror.has_read(self._ask(_NEWEST))
        except sqlite3.Error as error:
            self._connection = None
            raise unavailable() from error
        if moved:
            await self._mirror.refresh()
        else:
            self._mirror.keep_fresh(started)
        self._seen = version
        await asyncio.sleep(SQLITE_POLL_S)

    def _ask(self, sql: str) -> int:
        if self._connection is None:
            self._connection = sqlite3.connect(f"file:{self._path}?mode=ro", uri=True, timeout=1)
        row: tuple[int] = self._connection.execute(sql).fetchone()
        return row[0]
