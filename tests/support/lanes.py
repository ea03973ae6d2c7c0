"""Lanes for tests and benchmarks, and the table they write to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from omni2.flows.indexer import BATCH, Indexer, Said, nothing_said
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.lane import Lane, Step, Writer
from omni2.kernel.lane_postgres import PostgresWriter
from omni2.kernel.lane_sqlite import SqliteWriter
from omni2.kernel.statement import Statement

ITEMS = "CREATE TABLE IF NOT EXISTS items (key BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE)"


def lane_of(database: Database) -> Lane:
    """Return a lane that writes to `database`, not open yet."""
    return Lane(writer_of(database))


def writer_of(database: Database) -> Writer:
    """Return what writes to `database`, not open yet."""
    if database.is_sqlite:
        return SqliteWriter(database.path, database.gate, database.synchronous)
    return PostgresWriter(database.url)


async def catch_up(database: Database, said: Said = nothing_said, size: int = BATCH) -> int:
    """Index everything that can be; return how many flows that were."""
    indexer = Indexer(database, writer_of(database), said=said)
    await indexer.open()
    try:
        return await indexer.catch_up(size)
    finally:
        await indexer.aclose()


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[tuple[Database, Lane]]:
    """Open a database that has the table `items`, and its lane."""
    database = Database(url, MemoryBus())
    async with database.work() as work:
        connection = await work.session.connection()
        await connection.exec_driver_sql(ITEMS)
    lane = lane_of(database)
    await lane.open()
    try:
        yield database, lane
    finally:
        await lane.aclose()
        await database.aclose()


def insert(key: int, name: str | None = None) -> Step:
    """Return the step that adds an item."""
    return Step(
        "INSERT INTO items (key, name) VALUES ($1, $2)", (key, f"item {key}" if name is None else name), 1
    )


def rename(key: int, name: str) -> Step:
    """Return the step that renames an item, which must exist."""
    return Step("UPDATE items SET name = $2 WHERE key = $1", (key, name), 1)


async def keys(database: Database) -> list[int]:
    """Return the keys of all items, in order."""
    async with database.read() as session:
        connection = await session.connection()
        return [int(row[0]) for row in await connection.exec_driver_sql("SELECT key FROM items ORDER BY key")]


def text_of_step(step: Step) -> str:
    """Return the SQL of a step, as it is written."""
    return step.sql.template if isinstance(step.sql, Statement) else step.sql
