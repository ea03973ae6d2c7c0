"""`kill -9` at any moment loses no acknowledged unit and leaves none half done."""

import asyncio
import sys

import pytest
from sqlalchemy import text

from omni2.kernel.db import Database
from tests.support.lanes import opened
from tests.support.source import ROOT

ROUNDS = 5
ACKNOWLEDGED = 150


async def acknowledged_before_the_kill(url: str, first: int) -> set[int]:
    """Run the writing process, kill it in full flight, return the keys that it was told are durable."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.lane_child", url, str(first)),
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    lines = [await child.stdout.readline() for _ in range(ACKNOWLEDGED)]
    child.kill()
    lines += (await child.stdout.read()).splitlines()
    await child.wait()
    return {int(line) for line in lines if line.strip()}


async def named(database: Database) -> dict[int, str]:
    """Return the name of every item."""
    async with database.read() as session:
        return {row.key: row.name for row in await session.execute(text("SELECT key, name FROM items"))}


@pytest.mark.slow
async def test_a_killed_process_loses_nothing_that_it_acknowledged(database_url: str) -> None:
    acknowledged: set[int] = set()
    for number in range(ROUNDS):
        async with asyncio.timeout(30):
            acknowledged |= await acknowledged_before_the_kill(database_url, number * 1_000_000)
    async with opened(database_url) as (database, _):
        stored = await named(database)
    assert acknowledged <= stored.keys()
    assert {name for name in stored.values() if not name.startswith("acknowledged")} == set()
