"""How long the record is kept: content, flows and the journal by age, and what a person asked to be erased.

One replica works at it, in small batches, once a night. What it did is in the chains and in the journal.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast, get_args
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import FlowHead
from omni2.flows.retention_erase import ERASED, erase_content, find_heads, remove_flows, remove_journal
from omni2.flows.retention_models import Retention
from omni2.flows.seal import Notary
from omni2.flows.seal_models import FollowerMark
from omni2.kernel.db import Database
from omni2.kernel.duty import Duty
from omni2.kernel.ids import now, to_micros
from omni2.kernel.journal import Actor, write_journal

log = structlog.get_logger(__name__)

Subject = Literal["content", "flows", "journal"]
SUBJECTS: tuple[Subject, ...] = get_args(Subject)
NEVER_RAN = -1
AT_ONCE = 20
JOURNAL_AT_ONCE = 200
PAUSE_S = 0.1
LOOK_EVERY_S = 30.0
HOUR = 3
WEEK = 7 * 86_400_000 << 22  # in keys
SYSTEM = Actor(None, "omni2")
ERASE = "era:"  # and the id of a person: no longer than a name of a mark may be
NAMES: Mapping[str, str] = {
    "content": "the content of {} flows",
    "flows": "{} flows",
    "journal": "{} rows of the journal",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a class is kept, and when it is looked through next. `removed` is that of the last run."""

    subject: Subject
    days: int | None
    ran_at: datetime | None
    next_run_at: datetime | None
    removed: int | None


class Keeper:
    """Looks after the age of the record."""

    def __init__(self, database: Database, notary: Notary, duty: Duty, zone: str) -> None:
        self._database = database
        self._notary = notary
        self._duty = duty
        self._zone = ZoneInfo(zone)
        self._removed: dict[str, int] = {}

    async def run(self) -> None:
        """One batch of whatever is due, then a pause."""
        worked = await self._duty.held() and (await self._erase() or await self.retain())
        await asyncio.sleep(PAUSE_S if worked else LOOK_EVERY_S)

    async def rules(self) -> list[Rule]:
        """Return the rule of each class."""
        async with self._database.read() as session:
            rows = {row.subject: row for row in await session.scalars(select(Retention))}
        return [self._rule(subject, rows.get(subject)) for subject in SUBJECTS]

    async def apply(self, subject: Subject, before: datetime) -> int:
        """Remove one batch of what is older; return how many flows or rows of the journal that were."""
        async with self._notary.turn:
            try:
                return await self._batch(subject, {"before": to_micros(before)})
            finally:
                self._notary.forget()

    async def retain(self) -> bool:
        """Remove one batch of what is due; return whether anything was."""
        for rule in await self.rules():
            if rule.days is None or rule.next_run_at is None or rule.next_run_at > now():
                continue
            count = await self.apply(rule.subject, now() - timedelta(days=rule.days))
            self._removed[rule.subject] = self._removed.get(rule.subject, 0) + count
            if count == 0:
                await self._note(rule.subject, self._removed.pop(rule.subject))
            return True
        return False

    async def _batch(self, subject: Subject, params: dict[str, Any]) -> int:
        notary = self._notary
        if subject == "journal":
            sql = "SELECT key FROM journal WHERE at < :before ORDER BY key LIMIT :limit"
            found = await notary.scan.fetch(sql, {**params, "limit": JOURNAL_AT_ONCE})
            if found:
                async with self._database.work() as work:
                    await remove_journal(work.session, notary, [row[0] for row in found])
            return len(found)
        over = "status != 'running' AND ended_at < :before"
        if subject == "content":
            return (await self._erase_batch("retain:content", over, params))[1]
        heads = await find_heads(notary.scan, over, params, AT_ONCE)
        if heads:
            async with self._database.work() as work:
                await remove_flows(work.session, notary, heads)
        return len(heads)

    async def _erase_batch(self, mark: str, where: str, params: dict[str, Any]) -> tuple[int, int]:
        """Erase the content of the next flows; return how many were found, and how many rows changed.

        The mark says how far this came; flows that began before others and ended behind them are found by
        looking a week further back. What is not sealed yet is left for another time.
        """
        async with self._database.read() as session:
            position = await session.scalar(select(FollowerMark.key).where(FollowerMark.name == mark)) or 0
        behind = {**params, "position": position - WEEK, "erased": ERASED}
        where = f"{where} AND key > :position AND title != :erased"
        heads = await find_heads(self._notary.scan, where, behind, AT_ONCE)
        changed = 0
        if heads:
            async with self._database.work() as work:
                changed = await erase_content(work.session, self._notary, heads)
                await _move(work.session, mark, max(position, heads[-1][0]))
        return len(heads), changed

    async def _erase(self) -> bool:
        """Go on with what people asked to be erased; return whether there was anything to do."""
        asked = select(FollowerMark.name).where(FollowerMark.name.startswith(ERASE)).limit(1)
        async with self._database.read() as session:
            mark = await session.scalar(asked)
        return mark is not None and await self.erase_user(mark.removeprefix(ERASE))

    async def erase_user(self, user_id: str) -> bool:
        """Erase one batch of a person's flows; return whether there may be more. The end is journaled."""
        mark = f"{ERASE}{user_id}"
        async with self._notary.turn:
            try:
                where = "status != 'running' AND user_id = :user_id"
                found, changed = await self._erase_batch(mark, where, {"user_id": user_id})
            finally:
                self._notary.forget()
        if found:
            return changed > 0
        async with self._database.work() as work:
            await work.session.execute(delete(FollowerMark).where(FollowerMark.name == mark))
            sentence = "The content of a person's flows is erased; what they did and cost stays."
            write_journal(work, SYSTEM, "user.erased", sentence, subject_id=user_id)
        return False

    async def _note(self, subject: Subject, removed: int) -> None:
        async with self._database.work() as work:
            row = await work.session.get(Retention, subject)
            if row is not None:
                row.ran_at, row.removed = now(), removed
            if removed:
                what = NAMES[subject].format(removed)
                write_journal(work, SYSTEM, "retention.ran", f"Retention removed {what}.", subject_id=subject)

    def _rule(self, subject: Subject, row: Retention | None) -> Rule:
        if row is None:
            return Rule(subject, None, None, None, None)
        ran = row.removed != NEVER_RAN
        due = None if row.days is None or row.ran_at is None else next_night(row.ran_at, self._zone)
        return Rule(subject, row.days, row.ran_at if ran else None, due, row.removed if ran else None)


def next_night(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first three o'clock in the morning behind a time, in the organisation's zone."""
    local = at.astimezone(zone)
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return (night if night > local else night + timedelta(days=1)).astimezone(at.tzinfo)


async def keep_for(session: AsyncSession, subject: Subject, days: int | None) -> None:
    """Set how long a class is kept. A first run is never at once: it waits for the night."""
    row = await session.get(Retention, subject)
    if row is None:
        session.add(Retention(subject=subject, days=days, ran_at=now(), removed=NEVER_RAN))
        return
    if row.days is None:
        row.ran_at = now()
    row.days = days


async def preview(session: AsyncSession, subject: Subject, days: int) -> int:
    """Return how many flows or rows of the journal are older."""
    before = to_micros(now() - timedelta(days=days))
    sql = {
        "journal": "SELECT count(*) FROM journal WHERE at < :before",
        "flows": "SELECT count(*) FROM flows WHERE status != 'running' AND ended_at < :before",
        "content": "SELECT count(*) FROM flows WHERE status != 'running' AND ended_at < :before"
        " AND title != '[erased]'",
    }[subject]
    return cast("int", await session.scalar(text(sql), {"before": before}))


async def preview_erasure(session: AsyncSession, user_id: str) -> tuple[int, bool]:
    """Return how many flows of a person have content, and whether it is being erased."""
    counted = select(func.count()).select_from(FlowHead)
    flows = await session.scalar(counted.where(FlowHead.user_id == user_id, FlowHead.title != ERASED))
    return flows or 0, await session.get(FollowerMark, f"{ERASE}{user_id}") is not None


async def ask_erasure(session: AsyncSession, user_id: str) -> None:
    """Write down that the content of a person's flows is to be erased."""
    await _move(session, f"{ERASE}{user_id}", -1)


async def _move(session: AsyncSession, name: str, key: int) -> None:
    await session.execute(
        text(
            "INSERT INTO follower_marks (name, key) VALUES (:name, :key)"
            " ON CONFLICT (name) DO UPDATE SET key = excluded.key"
        ),
        {"name": name, "key": key},
    )
