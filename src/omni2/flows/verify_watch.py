"""Verifies the whole record again and again, unhurried, and remembers what came of it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import select

from omni2.flows.anchor_hook import Courier
from omni2.flows.retention import Keeper
from omni2.flows.seal import Notary
from omni2.flows.seal_anchor import read_anchors
from omni2.flows.seal_keys import PUBLIC_FILE, load_witness
from omni2.flows.seal_models import SealCheck
from omni2.flows.verify import Report, Walk, verify
from omni2.kernel.db import Database
from omni2.kernel.duty import Duty
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.scan import Scan

log = structlog.get_logger(__name__)

EVERY_S = 30.0
SHARE = 0.05  # of the time that it may be at work
ROWS_AT_ONCE = 400
PAUSE_S = 0.02
AGAIN_S = 2.0
RECENT_FILES = 2
NAME = "record"
SYSTEM = Actor(None, "omni2")


@dataclass(frozen=True, slots=True)
class Proof:
    """Who seals, verifies, looks after the age of the record and sends its anchors in this process."""

    notary: Notary
    checker: "Checker"
    keeper: Keeper
    courier: Courier


class Checker:
    """Walks over the record. What it finds is one row, read by the pages."""

    def __init__(self, database: Database, data: Path, anchors: Path, replica_id: Callable[[], str]) -> None:
        self.scan = Scan(database)
        self._database = database
        self._data = data
        self._anchors = anchors
        self._duty = Duty(database, "verify", replica_id)
        self._wanted = asyncio.Event()
        self._turn = asyncio.Lock()

    async def run(self) -> None:
        """One walk, then a pause that is many times as long, or until somebody asks."""
        pause = EVERY_S
        if self._wanted.is_set() or await self._duty.held():
            self._wanted.clear()
            report = await self.check()
            pause = max(EVERY_S, report.duration_s / SHARE)
        try:
            async with asyncio.timeout(pause):
                await self._wanted.wait()
        except TimeoutError:
            return

    def ask(self) -> None:
        """Begin the next walk now."""
        self._wanted.set()

    async def check(self) -> Report:
        """Walk, a second time if something is wrong: rows may have moved under the first one. Remember it."""
        async with self._turn:
            report = await self._walk()
            if not report.well:
                await asyncio.sleep(AGAIN_S)
                report = await self._walk()
            await self._remember(report)
        return report

    async def aclose(self) -> None:
        """Let go of the database."""
        await self.scan.aclose()

    async def _walk(self) -> Report:
        witness = load_witness(self._data / PUBLIC_FILE)
        files = sorted(self._anchors.glob("*.jsonl"))[-RECENT_FILES:]
        try:
            anchors = await asyncio.to_thread(read_anchors, files, witness)
        except Problem as problem:
            return Report(False, problem.detail, {}, 0, 0, None, None, 0.0)  # noqa: FBT003 it is not well
        walk = Walk(self.scan, witness, anchors, allow_unsealed=True, at_once=ROWS_AT_ONCE, pause=_pause)
        return await verify(walk)

    async def _remember(self, report: Report) -> None:
        async with self._database.work() as work:
            before = await work.session.get(SealCheck, NAME)
            fresh = SealCheck(
                name=NAME,
                at=now(),
                well=report.well,
                sealed_at=report.sealed_at,
                rows=sum(report.rows.values()),
                unsealed=report.unsealed,
                duration_ms=int(report.duration_s * 1000),
                words=report.fault or "",
            )
            if report.fault and (before is None or before.words != report.fault):
                log.error("record_broken", fault=report.fault)
                write_journal(work, SYSTEM, "record.broken", f"The record does not verify. {report.fault}")
            await work.session.merge(fresh)


async def _pause() -> None:
    await asyncio.sleep(PAUSE_S)


async def find_check(database: Database) -> SealCheck | None:
    """Return what the latest walk found, or None before the first."""
    async with database.read() as session:
        return await session.scalar(select(SealCheck).where(SealCheck.name == NAME))
