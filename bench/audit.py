"""Seals and verifies a record of many rows on SQLite: `python -m bench.audit [ROWS]`."""

import asyncio
import resource
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

import orjson

from omni2.flows import seal
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.ids import new_id, new_key, now, to_micros
from omni2.migrations import upgrade
from tests.support.lanes import lane_of
from tests.support.proven import office_of

ROWS = 200_000
STEPS = 6


def fill(path: Path, rows: int) -> None:
    """Write flows of two phases of six checkpoints each, about as large as those of a call to a tool."""
    store = sqlite3.connect(path, isolation_level=None)
    store.execute("BEGIN")
    user_id, owner, at = new_id(), new_id(), to_micros(now())
    for number in range(rows // 2):
        flow_id = new_id()
        step = {
            "flow_id": flow_id, "user_id": user_id, "source": "mcp", "at": now(), "verdict": "passed",
            "kind": "tool_call", "data": {"server": "wiki", "tool": "search", "arguments": {"q": number}},
        }  # fmt: skip
        body = orjson.dumps([step] * STEPS).decode()
        head = (new_key(), flow_id, user_id, owner, f"wiki.search {number}", at, at, number % 900, 2 * STEPS)
        store.execute(
            "INSERT INTO flows (key, flow_id, user_id, source, owner, status, title, sentence, started_at,"
            " ended_at, duration_ms, last_seq, tool_calls, input_tokens, output_tokens, cost_micros, servers)"
            " VALUES (?, ?, ?, 'mcp', ?, 'ok', ?, 'Answered.', ?, ?, ?, ?, 1, 0, 0, 0, '[\"wiki\"]')",
            head,
        )
        for first in (1, STEPS + 1):
            store.execute(
                "INSERT INTO flow_records VALUES (?, ?, ?, ?, ?, ?, ?)",
                (new_key(), flow_id, user_id, first, first + STEPS - 1, at, body),
            )
    store.execute("COMMIT")
    store.close()


async def main(rows: int = ROWS) -> None:
    """Print how many rows a second are sealed and verified, what CPU a row takes, and what memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "omni2.db"
        database = Database(f"sqlite+aiosqlite:///{path}", MemoryBus())
        await upgrade(database)
        fill(path, rows)
        lane = lane_of(database)
        await lane.open()
        office = office_of(database, lane, Path(folder))
        clock = Clock()
        await office.notary.finish()
        clock.say("sealed", rows + rows // 2, f"{seal.BATCH} rows a link")
        start, clock = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, Clock()
        report = await office.report()
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - start
        assert report.well, report.fault
        clock.say("verified", sum(report.rows.values()), f"+{grown / 1024:.0f} MiB")
        await office.scan.aclose()
        await lane.aclose()
        await database.aclose()


class Clock:
    """Time and CPU since it was made."""

    def __init__(self) -> None:
        self.began, self.used = time.perf_counter(), time.process_time()

    def say(self, what: str, rows: int, words: str) -> None:
        """Print a line."""
        took, used = time.perf_counter() - self.began, time.process_time() - self.used
        print(f"{what:9}{rows:10,} rows{rows / took:10,.0f}/s{used / rows * 1e6:7.1f} us CPU a row  {words}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS))
