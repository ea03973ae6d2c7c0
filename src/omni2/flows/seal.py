"""Seals the record behind its commit: new rows become links of signed chains, within about a second.

One replica at a time does it for all, in its own name. The rows are read by position, so that a crash loses
nothing: up to where the table ended a moment ago, whatever the clock says. Rows that come behind that, since
they waited long for their commit or the clock was set back, are found by looking again.
"""

import asyncio
import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.seal_anchor import AnchorFile, End
from omni2.flows.seal_digest import (
    DESCRIBE,
    HEAD_COLUMNS,
    JOURNAL_COLUMNS,
    RECORD_COLUMNS,
    SALT,
    Source,
    inner_digest,
    leaf_of,
    split,
)
from omni2.flows.seal_keys import Signer
from omni2.flows.seal_store import (
    Sealed,
    fetch_ends,
    fetch_links_over,
    fetch_marks,
    insert_link,
    make_link,
    set_mark,
)
from omni2.kernel.duty import Duty
from omni2.kernel.errors import Problem
from omni2.kernel.ids import key_at, now, uptime
from omni2.kernel.jsons import dumps
from omni2.kernel.lane import Lane, Step, UnitRefused
from omni2.kernel.scan import Scan

log = structlog.get_logger(__name__)

BATCH = 512
PAUSE_S = 0.5
SHARE = 0.25  # of the time that it may work while there is much to do
BEHIND_S = 0.3  # so long after a row was seen, no older key comes any more
LAST = (1 << 63) - 1
SECOND = 1_000 << 22  # in keys
LOOK_AGAIN_S = (30, 3_600)
LOOK_EVERY_S = 10.0
ANCHOR_EVERY_S = 5.0
KEYS_AT_ONCE = 4_096
_PARAMETER = re.compile(r"\$(\d+)")

Rows = Sequence[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Top:
    """Where a table ended at a time (uptime), and where it had ended at least `BEHIND_S` before."""

    before: int
    key: int
    at: float


_HEADS = f"SELECT {HEAD_COLUMNS} FROM flows WHERE "  # noqa: S608 our own words


class Notary:
    """Writes the chains and the anchors. `writer` is the id under which this process runs."""

    def __init__(
        self, scan: Scan, lane: Lane, signer: Signer, anchors: AnchorFile, writer: Callable[[], str]
    ) -> None:
        self.scan = scan
        self.signer = signer
        self.anchors = anchors
        self.turn = asyncio.Lock()
        self._lane = lane
        self._writer = writer
        self._ends: dict[Source, End] | None = None
        self._marks: dict[tuple[str, int], int] = {}
        self._anchored: dict[Source, End] = {}
        self._anchored_at = float("-inf")
        self._looked_at = float("-inf")
        self._tops: dict[Source, Top] = {}
        self._clock = 0

    async def follow(self, duty: Duty) -> None:
        """One pass, then a pause; while there is much to do, short ones in which others work."""
        if not await duty.held():
            self._ends = None
            await asyncio.sleep(PAUSE_S)
            return
        started = uptime()
        more = await self.seal()
        await asyncio.sleep((uptime() - started) * (1 / SHARE - 1) if more else PAUSE_S)

    async def finish(self) -> bool:
        """Seal all that stands, however young; return whether there was anything.

        For a process that ends, and for the command line.
        """
        before = dict(await self._known())
        while await self.seal(everything=True):
            pass
        return before != self._ends

    async def seal(self, *, everything: bool = False) -> bool:
        """Seal what is new; return whether there may be more. Raises `Problem` when the store fails."""
        async with self.turn:
            try:
                return await self._seal(everything=everything)
            except (Problem, UnitRefused):
                self._ends = None  # what we know of the chains may be out of date
                raise

    async def append(self, sealed: Iterable[Sealed], steps: Sequence[Step]) -> None:
        """Add links and do `steps` in the same unit. The caller holds `turn`."""
        ends = await self._known()
        unit = list(steps)
        fresh = dict(ends)
        at = now()
        for part in sealed:
            if part.rows:
                link = make_link(part, fresh[part.source], self._writer(), at)
                fresh[part.source] = End(link.n, link.total, link.chain)
                unit.append(insert_link(link, self.signer))
        if not unit:
            return
        await self._lane.commit(unit)
        self._ends = fresh

    async def append_to(self, session: AsyncSession, sealed: Iterable[Sealed], steps: Sequence[Step]) -> None:
        """As `append`, in a transaction of the caller's, who holds `turn` and calls `forget` behind it."""
        self._ends = None
        ends, at = dict(await self._known()), now()
        self._ends = None
        for step in steps:
            await _run(session, step)
        for part in sealed:
            if part.rows:
                link = make_link(part, ends[part.source], self._writer(), at)
                ends[part.source] = End(link.n, link.total, link.chain)
                await _run(session, insert_link(link, self.signer))

    async def anchor(self) -> None:
        """Write where the chains end to the file outside, unless it says so already."""
        ends = await self._known()
        if ends != self._anchored:
            told = {source: end for source, end in ends.items() if end.n}
            await asyncio.to_thread(self.anchors.append, now(), told)
            self._anchored = dict(ends)
        self._anchored_at = uptime()

    async def line(self) -> bytes:
        """Return the signed line that says where the chains end now."""
        ends = await fetch_ends(self.scan)
        return self.anchors.line(now(), {source: end for source, end in ends.items() if end.n})

    def forget(self) -> None:
        """Read anew where the chains end before the next link: somebody else may have written."""
        self._ends = None

    async def _seal(self, *, everything: bool) -> bool:
        await self._known()
        more, back = False, self._watch_clock()
        for source in FOLLOWED:
            bound = LAST if everything else await self._bound(source)
            more = await self._seal_new(source, bound) or more
        if everything or back or uptime() - self._looked_at >= LOOK_EVERY_S:
            more = await self._look_again(soon=back) or more
        if not more or uptime() - self._anchored_at >= ANCHOR_EVERY_S:
            await self.anchor()
        return more

    async def _bound(self, source: Source) -> int:
        """Return up to where a table holds no gaps any more: where it ended a moment ago."""
        top = self._tops.get(source)
        if top is None or uptime() - top.at >= BEHIND_S:
            found = await self.scan.fetch(f"SELECT MAX(key) FROM {_TABLES[source]}")  # noqa: S608 our own words
            last = -1 if found[0][0] is None else found[0][0]
            top = Top(-1 if top is None else top.key, last, uptime())
            self._tops[source] = top
        return top.before

    def _watch_clock(self) -> bool:
        """Whether the clock is behind what is sealed: new rows then have keys among those that were read.

        When it was set back, what is looked through again begins anew at where it is now.
        """
        clock = key_at(now())
        read = max(self._marks.get((source, 0), -1) for source in FOLLOWED)
        if clock < (self._clock or read) - SECOND:
            for source in FOLLOWED:
                for lag_s in LOOK_AGAIN_S:
                    mark = self._marks.get((source, lag_s), -1)
                    self._marks[source, lag_s] = min(mark, key_at(now() - timedelta(seconds=lag_s)))
            log.warning("clock_set_back")
        self._clock = clock
        return clock < read - SECOND

    async def _known(self) -> dict[Source, End]:
        if self._ends is None:
            self._marks = await fetch_marks(self.scan)
            self._ends = await fetch_ends(self.scan)
        return self._ends

    async def _seal_new(self, source: Source, bound: int) -> bool:
        """Seal the rows behind the mark; return whether a whole batch was there."""
        mark = self._marks.get((source, 0), -1)
        rows = await self._fetch(source, "key > :low AND key <= :high", {"low": mark, "high": bound})
        if not rows:
            return False
        await self._add(source, rows, [set_mark(source, 0, rows[-1][0])])
        self._marks[source, 0] = rows[-1][0]
        return len(rows) == BATCH

    async def _look_again(self, *, soon: bool) -> bool:
        """Seal rows that came after those of greater keys; return whether there is more to look at.

        With `soon` the first look goes up to the moment, for rows that a clock set back puts there.
        """
        more = False
        for source in FOLLOWED:
            for lag_s in LOOK_AGAIN_S:
                age_s = BEHIND_S if soon and lag_s == LOOK_AGAIN_S[0] else lag_s
                more = await self._look_through(source, lag_s, age_s) or more
        if not more:
            self._looked_at = uptime()
        return more

    async def _look_through(self, source: Source, lag_s: int, age_s: float) -> bool:
        mark = self._marks.get((source, lag_s), -1)
        bound = min(key_at(now() - timedelta(seconds=age_s)), self._marks.get((source, 0), -1))
        table = _TABLES[source]
        sql = f"SELECT key FROM {table} WHERE key > :low AND key <= :high ORDER BY key LIMIT :limit"  # noqa: S608
        found = await self.scan.fetch(sql, {"low": mark, "high": bound, "limit": KEYS_AT_ONCE})
        if not found:
            return False
        keys = {row[0] for row in found}
        for link in await fetch_links_over(self.scan, source, found[0][0], found[-1][0]):
            keys.difference_update(link.keys)
        steps = [set_mark(source, lag_s, found[-1][0])]
        if keys:
            missed = sorted(keys)[:BATCH]
            if len(missed) < len(keys):
                steps = []
            where = f"key IN ({', '.join(map(str, missed))})"
            await self._add(source, await self._fetch(source, where, {}), steps)
            log.info("sealed_late", source=source, rows=len(missed))
        else:
            await self.append((), steps)
        if steps:
            self._marks[source, lag_s] = found[-1][0]
        return len(found) == KEYS_AT_ONCE or not steps

    async def _fetch(self, source: Source, where: str, params: dict[str, int]) -> Rows:
        columns = JOURNAL_COLUMNS
        if source == "records":
            columns = f"{RECORD_COLUMNS}, {self.scan.as_bytes('checkpoints')}"
        sql = f"SELECT {columns} FROM {_TABLES[source]} WHERE {where} ORDER BY key LIMIT :limit"  # noqa: S608
        return await self.scan.fetch(sql, {**params, "limit": BATCH})

    async def _add(self, source: Source, rows: Rows, steps: Sequence[Step]) -> None:
        heads = await self._heads(rows) if source == "records" else {}
        parts = await asyncio.to_thread(_sealed, source, rows, heads)
        await self.append(parts, steps)

    async def _heads(self, rows: Rows) -> dict[str, tuple[Any, ...]]:
        flow_ids = dumps(sorted({row[1] for row in rows}))
        found = await self.scan.fetch(_HEADS + self.scan.among("flow_id", "ids"), {"ids": flow_ids})
        return {row[1]: row for row in found}


FOLLOWED: tuple[Source, ...] = ("records", "journal")
_TABLES = {"records": "flow_records", "journal": "journal", "flows": "flows", "openings": "flows"}


async def _run(session: AsyncSession, step: Step) -> None:
    """Run a statement of the lane in a session."""
    sql, params = _PARAMETER.sub(r":p\1", str(step.sql)), step.bind(())
    await session.execute(text(sql), {f"p{place}": value for place, value in enumerate(params, 1)})


def seal_rows(source: Source, rows: Rows) -> Sealed:
    """Return rows of a table with fresh salts and their leaves."""
    describe, salts = DESCRIBE[source], split(os.urandom(SALT * len(rows)), SALT)
    sealed: list[tuple[int, bytes, bytes]] = []
    for row, salt in zip(rows, salts, strict=True):
        facts, content = describe(row)
        sealed.append((row[0], leaf_of(facts, inner_digest(salt, content)), salt))
    return Sealed(source, sealed)


def _sealed(source: Source, rows: Rows, heads: dict[str, tuple[Any, ...]]) -> list[Sealed]:
    """Return what a batch seals: its rows; the flows that end in it; the beginnings of those that do not."""
    parts = [seal_rows(source, rows)]
    if source == "records":
        ended = {row[1] for row in rows if (head := heads.get(row[1])) and _ends_with(head, row)}
        begun = {row[1] for row in rows if row[3] == 1} - ended
        parts.append(seal_rows("flows", [heads[flow_id] for flow_id in sorted(ended)]))
        parts.append(seal_rows("openings", [heads[flow_id] for flow_id in sorted(begun) if flow_id in heads]))
    return parts


def _ends_with(head: tuple[Any, ...], record: tuple[Any, ...]) -> bool:
    return head[7] != "running" and head[10] == record[4]
