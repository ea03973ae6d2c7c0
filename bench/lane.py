"""How many durable units a second the lane commits, as a ratio to a bare loop with one commit a unit."""

import asyncio
import sqlite3
import tempfile
import time
from itertools import count
from pathlib import Path

from omni2.kernel.lane import Lane
from omni2.kernel.sqlite import pragmas
from tests.support.lanes import ITEMS, insert, opened
from tests.support.services import Postgres

SECONDS = 2.0
CALLERS = (1, 8, 64, 256)


async def main() -> None:
    """Measure both databases and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        bare = bare_loop(Path(folder) / "bare.db")
        print(f"{'bare SQLite loop, one commit a unit':44} {bare:9,.0f} units/s   1.00")
        await measure("SQLite", f"sqlite+aiosqlite:///{folder}/lane.db", bare)
    server = await asyncio.to_thread(Postgres)
    try:
        await measure("PostgreSQL", server.url("postgres"), bare)
    finally:
        await asyncio.to_thread(server.stop)


async def measure(name: str, url: str, bare: float) -> None:
    """Print a line for each number of callers."""
    numbers = count(1)
    async with opened(url) as (_, lane):
        for callers in CALLERS:
            units, batches = lane.units, lane.batches
            began = time.perf_counter()
            await asyncio.gather(*(commit_until(lane, numbers, began + SECONDS) for _ in range(callers)))
            rate = (lane.units - units) / (time.perf_counter() - began)
            size = (lane.units - units) / max(1, lane.batches - batches)
            what = f"lane on {name}, {callers} callers, {size:.0f} a commit"
            print(f"{what:44} {rate:9,.0f} units/s {rate / bare:6.2f}", flush=True)


async def commit_until(lane: Lane, numbers: "count[int]", end: float) -> None:
    """Commit one unit after the other until the time is over."""
    while time.perf_counter() < end:
        await lane.commit([insert(next(numbers))])


def bare_loop(path: Path) -> float:
    """Return units a second of a plain connection with the same durability."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in pragmas("FULL"):
        connection.execute(pragma)
    connection.execute(ITEMS)
    began = time.perf_counter()
    key = 0
    while time.perf_counter() - began < SECONDS:
        key += 1
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO items (key, name) VALUES (?1, ?2)", (key, f"item {key}"))
        connection.execute("COMMIT")
    connection.close()
    return key / (time.perf_counter() - began)
