"""How long the history of many flows takes to answer: views, users, words, counts, and opening a flow.

100,000 flows by default, on both databases; `OMNI2_BENCH_FLOWS=1000000` for the figures of the guarantee,
`OMNI2_BENCH_ON=postgresql` (or `sqlite`) for one of them alone, and `OMNI2_BENCH_URL` to measure a database
that `bench.flows_generate` filled before.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg
from sqlalchemy import func, select

from bench.flows_generate import generate, index
from omni2.flows.counting import count_flows
from omni2.flows.models import FlowHead
from omni2.flows.queries import Sight, get_flow, list_checkpoints, list_flows
from omni2.flows.schemas import CheckpointRange, FlowFilter, FlowQuery
from omni2.identity.models import User
from omni2.insight.conversations import TalkFilter, list_talks
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from tests.support.services import Postgres

ROUNDS = 20
ADMIN = Sight("nobody", all_flows=True, content=True)
QUERIES = {
    "all flows": "",
    "view Denied": "status:denied,blocked",
    "view Errors": "status:failed,unknown",
    "view Slow": "duration:>10s",
    "view Expensive": "cost:>0.01",
    "very slow": "duration:>50s",
    "busiest user": "user:{busy}",
    "quiet user": "user:{quiet}",
    "quiet user's denials": "user:{quiet} status:denied",
    "busiest user, one server, not denied": "user:{busy} server:weather -status:denied",
    "one tool": "tool:billing.export_ledger",
    "tools get_*": "tool:get_*",
    "failed calls of one tool": "tool:weather.forecast status:failed",
    "a month, one server": "server:crm since:60d until:30d",
    "common word": "text:invoice",
    "rare words": 'text:"order 4711 for oslo"',
    "a word that nobody said": "text:zebrafish",
    "words and a status": 'text:"pull request" status:denied',
    "words and a quiet user": "text:warranty user:{quiet}",
    "a bare word": "warranty",
    "an error code": "error:upstream_error",
    "a kind of step": "kind:blocked",
    "dear and denied (almost none)": "cost:>0.02 status:denied",
}


async def main() -> None:
    """Measure what is named, or both databases filled anew."""
    if given := os.environ.get("OMNI2_BENCH_URL"):
        await measure("the database given", given)
        return
    flows = int(os.environ.get("OMNI2_BENCH_FLOWS", "100000"))
    only = os.environ.get("OMNI2_BENCH_ON")
    if only != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            await fill_and_measure("SQLite", f"sqlite+aiosqlite:///{Path(folder) / 'omni2.db'}", flows)
    if only == "sqlite":
        return
    server = await asyncio.to_thread(Postgres)
    try:
        await fill_and_measure("PostgreSQL", server.url("postgres"), flows)
    finally:
        await asyncio.to_thread(server.stop)


async def fill_and_measure(name: str, url: str, flows: int) -> None:
    """Fill a database and measure it."""
    began = time.perf_counter()
    await generate(url, flows)
    print(
        f"{name}: {flows:,} flows made at {flows / (time.perf_counter() - began):,.0f} a second", flush=True
    )
    print(f"{name}: indexed at {await index(url):,.0f} flows a second", flush=True)
    await measure(name, url)


async def measure(name: str, url: str) -> None:
    """Print median and 95th percentile of each query, in milliseconds."""
    database = Database(url, MemoryBus())
    try:
        await _analyse(database)
        busy, quiet = await _people(database)
        print(f"{name:44} {'page':>16} {'counts':>16}   rows  counted")
        for words, query in QUERIES.items():
            q = query.format(busy=busy, quiet=quiet)
            await _measure_query(database, words, q)
        await _measure_opening(database)
        await _measure_talks(database, quiet)
    finally:
        await database.aclose()


async def _measure_query(database: Database, words: str, q: str) -> None:
    rows, counted = 0, ""

    async def page() -> None:
        nonlocal rows
        async with database.read() as session:
            found = await list_flows(session, ADMIN, FlowFilter(q=q))
            rows = len(found.items)
            if found.searched_to is not None:
                rows = -rows

    async def counts() -> None:
        nonlocal counted
        async with database.read() as session:
            found = await count_flows(session, ADMIN, FlowQuery(q=q))
            counted = f"{found.count:,}{'+' if found.capped or found.searched_to else ''}"

    print(f"  {words:42} {await _timed(page)} {await _timed(counts)} {rows:6}  {counted}", flush=True)


async def _measure_opening(database: Database) -> None:
    async with database.read() as session:
        middle = await session.scalar(select(func.min(FlowHead.key) / 2 + func.max(FlowHead.key) / 2))
        ids = (
            await session.scalars(
                select(FlowHead.flow_id)
                .where(FlowHead.key > middle, FlowHead.source == "chat")
                .order_by(FlowHead.key)
                .limit(ROUNDS)
            )
        ).all()
    waiting = list(ids)

    async def opening() -> None:
        flow_id = waiting.pop() if waiting else ids[0]
        async with database.read() as session:
            await get_flow(session, ADMIN, flow_id)
            await list_checkpoints(session, ADMIN, flow_id, CheckpointRange())

    print(f"  {'opening a flow':42} {await _timed(opening)}")


async def _measure_talks(database: Database, quiet: str) -> None:
    for words, wanted in {
        "conversations": TalkFilter(),
        "conversations with words": TalkFilter(q="warranty"),
        "conversations with words nobody said": TalkFilter(q="zebrafish"),
        "conversations of a quiet user": TalkFilter(user=quiet),
        "conversations with a denial": TalkFilter(status=["denied"]),
        "conversations with a server": TalkFilter(server="weather"),
    }.items():

        async def talks(wanted: TalkFilter = wanted) -> None:
            async with database.read() as session:
                await list_talks(session, ADMIN, wanted)

        print(f"  {words:42} {await _timed(talks)}", flush=True)


async def _timed(act: Callable[[], Awaitable[None]]) -> str:
    """Return median and 95th percentile, the first (cold) time among them."""
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await act()
        took.append((time.perf_counter() - began) * 1_000)
    return f"{statistics.median(took):6.0f} {sorted(took)[int(len(took) * 0.95) - 1]:6.0f} ms"


async def _people(database: Database) -> tuple[str, str]:
    """Return the e-mails of somebody with very many flows and of somebody with few."""
    async with database.read() as session:
        emails = (await session.scalars(select(User.email).order_by(User.email))).all()
    number = {int(email.split(".")[2].split("@")[0]): email for email in emails if email.count(".") == 3}
    return number[0], number[max(number)]


async def _analyse(database: Database) -> None:
    """Let PostgreSQL tidy and know its tables, as its own autovacuum does, which takes minutes for many."""
    if not database.is_sqlite:
        dsn = database.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(dsn)
        for table in ("flows", "flow_records", "flow_docs", "flow_terms", "flow_postings", "messages"):
            await connection.execute(f"VACUUM (ANALYZE) {table}")
        await connection.close()
