"""Kills a writing process again and again, on both databases, and looks for a lost or half-done unit.

`make soak` runs for ten minutes, `make soak ARGS=60` for one. The exit code says whether all was kept.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text

from tests.support.lanes import opened
from tests.support.services import Postgres

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_S = 600
MILLION = 1_000_000


async def main(seconds: float) -> int:
    """Soak both databases; return the exit code."""
    server = await asyncio.to_thread(Postgres)
    try:
        with tempfile.TemporaryDirectory() as folder:
            urls = {"SQLite": f"sqlite+aiosqlite:///{folder}/soak.db", "PostgreSQL": server.url("postgres")}
            lost = [await soak(name, url, seconds / len(urls)) for name, url in urls.items()]
    finally:
        await asyncio.to_thread(server.stop)
    return 1 if any(lost) else 0


async def soak(name: str, url: str, seconds: float) -> int:
    """Kill and look, until the time is over; return how many units were lost or half done."""
    end = time.monotonic() + seconds
    acknowledged: set[int] = set()
    rounds = 0
    while time.monotonic() < end:
        acknowledged |= await killed_run(url, rounds * MILLION)
        rounds += 1
    stored, half_done = await look(url)
    lost = len(acknowledged - stored)
    print(f"{name}: {rounds} kills, {len(acknowledged):,} acknowledged, {lost} lost, {half_done} half done")
    return lost + half_done


async def killed_run(url: str, first: int) -> set[int]:
    """Let the child write for up to a second, kill it, return what it had acknowledged."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.support.lane_child", url, str(first)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=asyncio.subprocess.PIPE,
    )
    assert child.stdout is not None
    first_line = await child.stdout.readline()
    reading = asyncio.ensure_future(child.stdout.read())
    await asyncio.sleep(random.random())  # noqa: S311 a moment to kill is no secret
    child.kill()
    lines = [first_line, *(await reading).splitlines()]
    await child.wait()
    return {int(line) for line in lines if line.strip()}


async def look(url: str) -> tuple[set[int], int]:
    """Return the stored keys, and how many units have only their first step."""
    async with opened(url) as (database, _), database.read() as session:
        rows = (await session.execute(text("SELECT key, name FROM items"))).all()
    return {row.key for row in rows}, sum(not row.name.startswith("acknowledged") for row in rows)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_S)))
