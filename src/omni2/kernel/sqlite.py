"""Connections to the embedded database: how they are set, and how they end."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any
from weakref import WeakSet

import aiosqlite

from omni2.kernel.private import begin_private

BUSY_TIMEOUT_MS = 5_000


class Connection(aiosqlite.Connection):
    """A connection whose thread ends once, soon, and can be waited for.

    The library's own never answers the second of two calls of `stop`: a task that is cancelled while it
    closes its connection would wait for ever.
    """

    _ending: asyncio.Future[Any] | None = None

    def __init__(self, path: Path) -> None:
        super().__init__(lambda: _connect(path), iter_chunk_size=64)
        self._thread.daemon = True

    def stop(self) -> asyncio.Future[Any] | None:
        """End the statement that runs and then the thread; the future is done when it has."""
        if self._ending is None:
            if self._connection is not None:
                self._connection.interrupt()
            self._ending = super().stop()  # pyright: ignore[reportUnknownMemberType] of whatever comes
        return None if self._ending is None else asyncio.shield(self._ending)

    async def gone(self) -> None:
        """End it and return when its thread has ended."""
        ending = self.stop()
        if ending is not None:
            await ending
            self._thread.join()  # it has nothing left to do


def _connect(path: Path) -> sqlite3.Connection:
    begin_private(path)  # what stands beside it takes its mode
    return sqlite3.connect(path)


class Connections:
    """Opens the connections of one database and waits for the threads of those that were cut off."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: WeakSet[Connection] = WeakSet()

    async def open(self) -> Connection:
        """Open one, in a thread of its own."""
        connection = Connection(self._path)
        self._opened.add(connection)
        await connection
        return connection

    async def aclose(self) -> None:
        """End every thread that still runs, and wait for it."""
        await asyncio.gather(*(each.gone() for each in list(self._opened)))


def pragmas(synchronous: str) -> tuple[str, ...]:
    """Return what every connection to an embedded database is set to."""
    return (
        "PRAGMA journal_mode=WAL",
        f"PRAGMA synchronous={'NORMAL' if synchronous.upper() == 'NORMAL' else 'FULL'}",
        "PRAGMA foreign_keys=ON",
        f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
        "PRAGMA cache_size=-16000",
        "PRAGMA temp_store=MEMORY",
    )
