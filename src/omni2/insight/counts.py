"""What the calls of a time window say of each server: how many, how many failed, how long they took."""

from collections import Counter
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import CallMark
from omni2.hub.hub import ServerNumbers
from omni2.kernel.ids import oldest_key

SAMPLE = 10_000
_FAILED = ("upstream_error", "timeout", "unknown")


async def server_counts(session: AsyncSession, since: datetime) -> dict[str, ServerNumbers]:
    """Return the numbers of the calls since a time, by slug; a server without calls is not there.

    Errors are the server's: tool errors, refusals and stops are not among them.
    """
    rows = await session.execute(
        select(CallMark.status, CallMark.server, func.count())
        .where(*_made(since), CallMark.status != "denied")
        .group_by(CallMark.status, CallMark.server)
    )
    calls: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for status, slug, count in rows:
        calls[slug] += count
        errors[slug] += count if status in _FAILED else 0
    latencies = await _latencies(session, since)
    return {
        slug: ServerNumbers(calls[slug], errors[slug], *latencies.get(slug, (None, None))) for slug in calls
    }


async def _latencies(session: AsyncSession, since: datetime) -> dict[str, tuple[float, float]]:
    """Return median and 95th percentile by slug, by nearest rank, over a bounded number of answered calls."""
    sample = (
        select(CallMark.server, CallMark.duration_ms)
        .where(*_made(since), CallMark.status.not_in(("denied", "cancelled")))
        .order_by(CallMark.key.desc())
        .limit(SAMPLE)
        .subquery()
    )
    place = func.row_number().over(partition_by=sample.c.server, order_by=sample.c.duration_ms)
    size = func.count().over(partition_by=sample.c.server)
    ranked = select(
        sample.c.server, sample.c.duration_ms, place.label("place"), size.label("size")
    ).subquery()
    median, high = (ranked.c.size + 1) // 2, (ranked.c.size * 95 + 99) // 100
    rows = await session.execute(
        select(
            ranked.c.server,
            func.max(case((ranked.c.place == median, ranked.c.duration_ms))),
            func.max(case((ranked.c.place == high, ranked.c.duration_ms))),
        )
        .where(ranked.c.place.in_((median, high)))
        .group_by(ranked.c.server)
    )
    return {server: (p50, p95) for server, p50, p95 in rows}


def _made(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a call ended since then; its key, which has the index, says so roughly."""
    return CallMark.key >= oldest_key(since), CallMark.at >= since
