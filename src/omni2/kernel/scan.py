"""Plain reads in batches, away from the event loop: for what walks whole tables behind the commit."""

import asyncio
import sqlite3
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

from sqlalchemy import text

from omni2.kernel.db import Database, unavailable
from omni2.kernel.sqlite import BUSY_TIMEOUT_MS

Params = Mapping[str, str | int | None]
Tuples = Sequence[tuple[Any, ...]]


class Scan:
    """Reads with `:name` parameters. On SQLite one read-only connection in one thread, opened when needed."""

    def __init__(self, database: Database) -> None:
        self.is_sqlite = database.is_sqlite
        self._database = database
        self._thread: ThreadPoolExecutor | None = None
        self._connection: sqlite3.Connection | None = None

    async def fetch(self, sql: str, params: Params | None = None) -> Tuples:
        """Return all rows of a statement; raise `Problem` when the store does not answer."""
        if not self.is_sqlite:
            async with self._database.read() as session:
                return [tuple(row) for row in await session.execute(text(sql), params or {})]
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix="scan")
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._fetch, sql, params or {})
        except sqlite3.OperationalError as error:
            raise unavailable() from error

    def as_bytes(self, column: str) -> str:
        """Return the expression for the UTF-8 bytes of a text column."""
        return f"CAST({column} AS BLOB)" if self.is_sqlite else f"convert_to({column}, 'UTF8')"

    def among(self, column: str, name: str) -> str:
        """Return the condition that a text column is in the JSON array of the parameter `name`."""
        if self.is_sqlite:
            return f"{column} IN (SELECT value FROM json_each(:{name}))"  # noqa: S608 our own words
        return f"{column} IN (SELECT jsonb_array_elements_text(CAST(:{name} AS jsonb)))"

    async def aclose(self) -> None:
        """Close the connection and end its thread."""
        if self._thread is not None:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
            self._thread.shutdown(wait=False)
            self._thread = None

    def _fetch(self, sql: str, params: Params) -> Tuples:
        connection = self._connection or self._connect()
        try:
            return connection.execute(sql, params).fetchall()
        except sqlite3.OperationalError as error:
            if "UTF-8" not in str(error):
                raise
        connection.text_factory = _text  # for this one alone: it is called for each value
        try:
            return connection.execute(sql, params).fetchall()
        finally:
            connection.text_factory = str

    def _connect(self) -> sqlite3.Connection:
        place = f"file:{quote(str(self._database.path))}?mode=ro"
        connection = sqlite3.connect(place, uri=True, timeout=BUSY_TIMEOUT_MS / 1000, isolation_level=None)
        self._connection = connection
        return connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _text(value: bytes) -> str:
    """Return a text column; what is not UTF-8 is read all the same, as something else than was written."""
    return str(value, "utf-8", "replace")
