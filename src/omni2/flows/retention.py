"""How long the record is kept: content, flows and the journal by age, and what a person asked to be erased.

One replica works at it, in small batches, once a night. What it did is in the chains and in the journal.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from pydantic import JsonValue
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import FlowHead
from omni2.flows.partition import Month, id_at, list_months
from omni2.flows.retention_cut import CHAINS, cut_next
from omni2.flows.retention_erase import (
    erase_content,
    find_heads,
    index_anew,
    remove_flows,
    remove_journal,
    remove_month,
)
from omni2.flows.retention_models import Retention
from omni2.flows.retention_preview import ERASE, SUBJECTS, Subject, Talks
from omni2.flows.seal import Notary
from omni2.flows.seal_models import FollowerMark
from omni2.flows.seal_stump import fetch_beginning
from omni2.kernel.db import Database
from omni2.kernel.duty import Duty
from omni2.kernel.ids import now, to_micros
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.redact import ERASED

log = structlog.get_logger(__name__)

NEVER_RAN = -1
CONTENT = "retain:content"
AT_ONCE = 20
AT_ONCE_BESIDE_OTHERS = 200  # where the record does not wait for our writing
JOURNAL_AT_ONCE = 200
PAUSE_S = 0.1
LOOK_EVERY_S = 30.0
HOUR = 3
WEEK = 7 * 86_400_000 << 22  # in keys
SYSTEM = Actor(None, "omni2")
GONE = "The content of a person's flows and conversations is erased; what they did and cost stays."
NAMES: Mapping[str, str] = {
    "content": "the content of {} flows",
    "flows": "{} flows",
    "journal": "{} rows of the journal",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a class is kept, and when it is looked through next. `removed` is that of the last run.

    `removing` is what the run that is under way has removed so far.
    """

    subject: Subject
    days: int | None
    ran_at: datetime | None
    next_run_at: datetime | None
    removed: int | None
    removing: int = 0

    @property
    def next_before(self) -> datetime | None:
        """What the next run removes is older than this."""
        if self.days is None or self.next_run_at is None:
            return None
        return self.next_run_at - timedelta(days=self.days)


class Keeper:
    """Looks after the age of the record."""

    def __init__(self, database: Database, notary: Notary, duty: Duty, zone: str, talks: Talks) -> None:
        self.talks = talks
        self._database = database
        self._notary = notary
        self._duty = duty
        self._zone = ZoneInfo(zone)

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
        """Remove one batch of what is older; return how many flows or rows of the journal it looked at."""
        async with self._notary.turn:
            try:
                return await self._batch(subject, {"before": to_micros(before)})
            finally:
                self._notary.forget()

    async def drop_month(self, before: datetime) -> bool:
        """Drop the oldest month of steps if all of its flows ended before; return whether it was."""
        if self._database.is_sqlite:
            return False
        async with self._notary.turn:
            try:
                async with self._database.work() as work:
                    months = [month for month in await list_months(work.session) if month.end <= before]
                    if not months or await self._is_needed(work.session, months[0], before):
                        return False
                    await remove_month(work.session, self._notary, months[0])
                    return True
            finally:
                self._notary.forget()

    async def _is_needed(self, session: AsyncSession, month: Month, before: datetime) -> bool:
        """Whether a flow of a month still runs, or ended too late to go."""
        sql = (
            "SELECT 1 FROM flows WHERE flow_id < :end AND (status = 'running' OR ended_at >= :before) LIMIT 1"
        )
        params = {"end": id_at(month.end), "before": to_micros(before)}
        return await session.scalar(text(sql), params) is not None

    async def cut(self, subject: Subject, policy: str) -> bool:
        """Cut a piece off a chain whose rows are removed; return whether there was one."""
        async with self._notary.turn:
            try:
                for source in CHAINS[subject]:
                    if await cut_next(self._notary, source, policy) is not None:
                        return True
            finally:
                self._notary.forget()
        return False

    async def retain(self) -> bool:
        """Remove one batch of what is due, then cut one piece off its chains; return whether anything was."""
        for rule in await self.rules():
            if rule.days is None or rule.next_run_at is None or rule.next_run_at > now():
                continue
            before = now() - timedelta(days=rule.days)
            if rule.subject == "flows" and await self.drop_month(before):
                return True
            if not await self.apply(rule.subject, before) and not await self.cut(
                rule.subject, _policy(rule.subject, rule.days, before)
            ):
                await self._note(rule.subject)
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
                    await _count(work.session, subject, len(found))
            return len(found)
        over = "status != 'running' AND ended_at < :before"
        if subject == "content":
            return await self._erase_batch(CONTENT, over, params)
        at_once = AT_ONCE if self._database.is_sqlite else AT_ONCE_BESIDE_OTHERS
        heads = await find_heads(notary.scan, over, params, at_once)
        if heads:
            async with self._database.work() as work:
                await remove_flows(work.session, notary, heads)
                await _count(work.session, subject, len(heads))
        return len(heads)

    async def _erase_batch(self, mark: str, where: str, params: dict[str, Any]) -> int:
        """Erase the content of the next flows and what was said in them; return how many were looked at.

        The mark says how far this came; flows that began before others and ended behind them are found by
        looking a week further back. What is not sealed yet is left for another time.
        """
        async with self._database.read() as session:
            position = await session.scalar(select(FollowerMark.key).where(FollowerMark.name == mark)) or 0
        behind = {**params, "position": position - WEEK, "erased": ERASED}
        where = f"{where} AND key > :position AND title != :erased"
        heads = await find_heads(self._notary.scan, where, behind, AT_ONCE)
        if not heads:
            return 0
        async with self._database.work() as work:
            changed = await erase_content(work.session, self._notary, heads)
            await self.talks.erase_of_flows(work.session, [head[1] for head in heads])
            await _move(work.session, mark, max(position, heads[-1][0]))
            if mark == CONTENT:
                await _count(work.session, "content", changed)
        return len(heads) if changed or heads[-1][0] > position else 0

    async def _erase(self) -> bool:
        """Go on with what people asked to be erased; return whether there was anything to do."""
        asked = select(FollowerMark.name).where(FollowerMark.name.startswith(ERASE)).limit(1)
        async with self._database.read() as session:
            mark = await session.scalar(asked)
        return mark is not None and await self.erase_user(mark.removeprefix(ERASE))

    async def erase_user(self, user_id: str) -> bool:
        """Erase one batch of a person's flows, then of what else they said; return whether there may be more.

        The end is journaled.
        """
        mark = f"{ERASE}{user_id}"
        async with self._notary.turn:
            try:
                where = "status != 'running' AND user_id = :user_id"
                if await self._erase_batch(mark, where, {"user_id": user_id}):
                    return True
            finally:
                self._notary.forget()
        async with self._database.work() as work:
            flow_ids = await self.talks.erase_next(work.session, user_id)
            if flow_ids is not None:
                keys = await work.session.scalars(select(FlowHead.key).where(FlowHead.flow_id.in_(flow_ids)))
                await index_anew(work.session, keys.all())
                return True
            await work.session.execute(delete(FollowerMark).where(FollowerMark.name == mark))
            sentence = (
                "The content of a person's flows and conversations is erased; what they did and cost stays."
            )
            write_journal(work, SYSTEM, "user.erased", sentence, subject_id=user_id)
        return False

    async def _note(self, subject: Subject) -> None:
        """Write down that a run is over, and what it came to."""
        cuts = {source: await fetch_beginning(self._notary.scan, source) for source in CHAINS[subject]}
        async with self._database.work() as work:
            row = await work.session.get(Retention, subject, populate_existing=True)
            if row is None:
                return
            row.ran_at, row.removed, row.removing = now(), row.removing, 0
            if row.removed:
                what = NAMES[subject].format(row.removed)
                ends: JsonValue = {
                    source: [n, total, chain.hex()] for source, (n, total, chain) in cuts.items()
                }
                sentence = f"Retention removed {what}."
                write_journal(
                    work, SYSTEM, "retention.ran", sentence, subject_id=subject, data={"stumps": ends}
                )

    def _rule(self, subject: Subject, row: Retention | None) -> Rule:
        if row is None:
            return Rule(subject, None, None, None, None)
        ran = row.removed != NEVER_RAN
        due = None if row.days is None or row.ran_at is None else next_night(row.ran_at, self._zone)
        return Rule(
            subject, row.days, row.ran_at if ran else None, due, row.removed if ran else None, row.removing
        )


def next_night(at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first three o'clock in the morning behind a time, in the organisation's zone."""
    local = at.astimezone(zone)
    night = local.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    return (night if night > local else night + timedelta(days=1)).astimezone(at.tzinfo)


async def keep_for(session: AsyncSession, subject: Subject, days: int | None) -> None:
    """Set how long a class is kept. A first run is never at once: it waits for the night."""
    row = await session.get(Retention, subject)
    if row is None:
        session.add(Retention(subject=subject, days=days, ran_at=now(), removed=NEVER_RAN, removing=0))
        return
    if row.days is None:
        row.ran_at = now()
    row.days = days


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


async def _count(session: AsyncSession, subject: Subject, removed: int) -> None:
    """Count what a run has removed, in the transaction that does."""
    more = update(Retention).where(Retention.subject == subject)
    await session.execute(more.values(removing=Retention.removing + removed))


def _policy(subject: Subject, days: int, before: datetime) -> str:
    """Return by which policy rows go, as a stump says it."""
    when = "what was written" if subject == "journal" else "what ended"
    kept = {"content": "content is", "flows": "flows are", "journal": "the journal is"}[subject]
    return f"{kept} kept for {days} days: {when} before {before:%Y-%m-%dT%H:%M:%SZ} went"
