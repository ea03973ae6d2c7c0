"""The months that the steps of flows are kept in on PostgreSQL: made ahead of time, dropped as a whole.

A step belongs to the month in which its flow began, which its id tells (UUIDv7): so a flow is never divided,
and the unique index over flow and first number holds over all months (`docs/decisions/0011`).
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.kernel.db import Database
from omni2.kernel.duty import Duty
from omni2.kernel.ids import now, to_micros

log = structlog.get_logger(__name__)

PARENT = "flow_records"
REST = "flow_records_rest"
AHEAD = 2
LOOK_EVERY_S = 3_600.0
AGAIN_S = 60.0
_NAME = re.compile(r"flow_records_(to_)?(\d{4})(\d{2})")
_PARTITIONS = """
SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
WHERE inhparent = to_regclass('flow_records')
"""


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A partition: flows that began before `end` and, but for the first of all, not before `begin`."""

    end: datetime
    begin: datetime | None
    name: str


class Months:
    """Makes the partitions of this month and the next ones, one replica for all."""

    def __init__(self, database: Database, duty: Duty) -> None:
        self._database = database
        self._duty = duty

    async def run(self) -> None:
        """Make what is missing, then pause."""
        if await self._duty.held():
            await self.make()
            await asyncio.sleep(LOOK_EVERY_S)
        else:
            await asyncio.sleep(AGAIN_S)

    async def make(self, at: datetime | None = None) -> list[str]:
        """Make the partitions that are missing; return their names."""
        begin, made = first_of(at or now()), list[str]()
        for _ in range(AHEAD + 1):
            end = month_behind(begin)
            async with self._database.work() as work:
                known = await list_months(work.session)
                if not any(month.end >= end and (month.begin or begin) <= begin for month in known):
                    made.append(await _make(work.session, begin, end))
            begin = end
        if made:
            log.info("months_made", names=made)
        return made


async def list_months(session: AsyncSession) -> list[Month]:
    """Return the partitions by month, the oldest first."""
    found = [_NAME.fullmatch(name) for name in await session.scalars(text(_PARTITIONS))]
    months: list[Month] = []
    for match in found:
        if match is not None:
            at = datetime(int(match[2]), int(match[3]), 1, tzinfo=UTC)
            first = match[1] is not None
            months.append(Month(at if first else month_behind(at), None if first else at, match[0]))
    return sorted(months, key=lambda month: month.end)


async def drop_month(session: AsyncSession, month: Month) -> None:
    """Let go of a month, as the last statement of its transaction; fails when others hold it for long."""
    await session.execute(text("SET LOCAL lock_timeout = '2s'"))
    await session.execute(text(f"DROP TABLE {month.name}"))
    log.info("month_dropped", name=month.name)


def first_of(at: datetime) -> datetime:
    """Return when the month of a time began, UTC."""
    return at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def month_behind(begin: datetime) -> datetime:
    """Return when the month behind one began."""
    return datetime(begin.year + begin.month // 12, begin.month % 12 + 1, 1, tzinfo=UTC)


def id_at(at: datetime) -> str:
    """Return what no id of a flow is below that began at this time or later."""
    millis = to_micros(at) // 1_000
    return f"{millis >> 16:08x}-{millis & 0xFFFF:04x}"


async def _make(session: AsyncSession, begin: datetime, end: datetime) -> str:
    """Make a partition; what the partition for the rest has of it meanwhile moves there."""
    name, low, high = f"{PARENT}_{begin:%Y%m}", id_at(begin), id_at(end)
    within = f"flow_id >= '{low}' AND flow_id < '{high}'"
    for statement in (
        "SET LOCAL lock_timeout = '2s'",
        f"CREATE TABLE {name} (LIKE {PARENT}, CONSTRAINT pk_{name} PRIMARY KEY (key))",
        f"CREATE UNIQUE INDEX ix_{name}_flow_id_first_seq ON {name} (flow_id, first_seq)",
        f"LOCK TABLE {REST} IN ACCESS EXCLUSIVE MODE",
        f"INSERT INTO {name} SELECT * FROM {REST} WHERE {within}",  # noqa: S608 our own words
        f"DELETE FROM {REST} WHERE {within}",  # noqa: S608
        f"ALTER TABLE {PARENT} ATTACH PARTITION {name} FOR VALUES FROM ('{low}') TO ('{high}')",
    ):
        await session.execute(text(statement))
    return name
