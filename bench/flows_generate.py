"""Fills a database with flows as the product records them: many, seeded, over 90 days, by bulk.

`python -m bench.flows_generate URL [FLOWS] [SEED]`, a URL as SQLAlchemy takes it, such as
`sqlite+aiosqlite:////tmp/omni2.db`. About 12 checkpoints a flow; the index of them is filled behind.
"""

import asyncio
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from bench.flows_made import Made, Maker
from omni2.conversations.history import words_of
from omni2.flows.indexer import Indexer
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.migrations import upgrade
from tests.support.lanes import writer_of

FLOWS = 1_000_000
BATCH = 5_000
INDEX_BATCH = 2_000
Row = tuple[Any, ...]
COLUMNS = {
    "users": ("user_id", "email", "name", "role", "status", "created_at", "last_seen_at"),
    "flows": (
        *("key", "flow_id", "user_id", "source", "conversation_id", "owner", "status", "title", "sentence"),
        *("started_at", "ended_at", "duration_ms", "last_seq", "tool_calls", "input_tokens", "output_tokens"),
        *("cost_micros", "model", "servers"),
    ),
    "flow_records": ("key", "flow_id", "user_id", "first_seq", "last_seq", "at", "checkpoints"),
    "calls": ("key", "flow_id", "user_id", "at", "server", "tool", "status", "duration_ms"),
    "conversations": ("conversation_id", "user_id", "title", "created_at", "updated_at"),
    "messages": (*("key", "message_id", "conversation_id", "kind", "flow_id", "text", "data", "created_at"),),
}


@dataclass(slots=True)
class Bulk:
    """Rows on their way, by table."""

    rows: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in COLUMNS})

    def take(self, made: Made) -> None:
        """Add all rows of one flow."""
        for table, rows in made.rows.items():
            self.rows[table] += rows


async def generate(url: str, flows: int, seed: int = 1, end: float | None = None) -> None:
    """Fill a database, its schema first; `end` is the time of the last flow (seconds since 1970)."""
    database = Database(url, MemoryBus())
    try:
        await upgrade(database)
        maker = Maker(random.Random(seed), flows, time.time() if end is None else end)  # noqa: S311
        store = _sqlite(database) if database.is_sqlite else _postgres(database)
        await store(maker)
    finally:
        await database.aclose()


async def index(url: str) -> float:
    """Let the product's own index catch up; return flows a second."""
    database = Database(url, MemoryBus(), synchronous="NORMAL")
    indexer = Indexer(database, writer_of(database), said=words_of)
    await indexer.open()
    began, total = time.perf_counter(), 0
    try:
        while (done := await indexer.take(INDEX_BATCH)) > 0:
            total += done
            if total % 100_000 < INDEX_BATCH:
                print(f"  indexed {total:,} in {time.perf_counter() - began:,.0f} s", flush=True)
    finally:
        await indexer.aclose()
        await database.aclose()
    return total / (time.perf_counter() - began)


def _batches(maker: Maker) -> Iterator[Bulk]:
    bulk = Bulk()
    bulk.rows["users"] += maker.users
    for number, made in enumerate(maker.flows(), 1):
        bulk.take(made)
        if number % BATCH == 0:
            yield bulk
            bulk = Bulk()
    yield bulk


def _sqlite(database: Database) -> Any:
    async def store(maker: Maker) -> None:
        await asyncio.to_thread(_fill_sqlite, str(database.path), maker)

    return store


def _fill_sqlite(path: str, maker: Maker) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-400000")
    for bulk in _batches(maker):
        connection.execute("BEGIN")
        for table, rows in bulk.rows.items():
            names = ", ".join(COLUMNS[table])
            places = ", ".join("?" * len(COLUMNS[table]))
            connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", rows)
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _postgres(database: Database) -> Any:
    async def store(maker: Maker) -> None:
        dsn = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(dsn)
        try:
            for bulk in _batches(maker):
                async with connection.transaction():
                    for table, rows in bulk.rows.items():
                        await connection.copy_records_to_table(
                            table, records=rows, columns=list(COLUMNS[table])
                        )
        finally:
            await connection.close()

    return store


def main(words: list[str]) -> int:
    """Generate and index; return the exit code."""
    if not words:
        print(__doc__, file=sys.stderr)
        return 2
    flows = int(words[1]) if len(words) > 1 else FLOWS
    began = time.perf_counter()
    asyncio.run(generate(words[0], flows, int(words[2]) if len(words) > 2 else 1))
    print(f"{flows:,} flows in {time.perf_counter() - began:,.0f} s", flush=True)
    rate = asyncio.run(index(words[0]))
    print(f"indexed at {rate:,.0f} flows a second")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
