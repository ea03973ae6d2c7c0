"""Epochs: the counters that tell every replica that something a decision rests on has changed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.blocks import standing_blocks
from omni2.identity.models import Epoch, User
from omni2.kernel.db import Database, Work, unavailable
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now, uptime

Kind = Literal["block", "user", "grants", "catalog", "credentials"]
ALL = "all"
STALE_S = 1.0
REREADS = 2
_LOCK = 0x6F6D_6E69
BLOCKED = "You are blocked. Ask your administrator."


@dataclass(frozen=True, slots=True)
class Standing:
    """A block as the mirror holds it."""

    block_id: str
    scope: str
    message: str
    since: datetime
    until: datetime | None
    by: str

    def covers(self, door: str) -> bool:
        """Whether it closes `door` now."""
        return self.scope in {"everywhere", door} and (self.until is None or now() < self.until)


async def serialise(work: Work) -> None:
    """Let no other change of people, blocks or epochs run beside this transaction.

    To be called first in a transaction that reads before it writes: two administrators who demote each
    other at the same time must not both succeed. SQLite serialises writers anyway.
    """
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(text("SELECT pg_advisory_xact_lock(:k)").bindparams(k=_LOCK))


async def bump(work: Work, kind: Kind, key: str = ALL) -> None:
    """Count a change in this transaction, and tell the replicas behind the commit."""
    session = work.session
    await serialise(work)
    await session.flush()
    seq = ((await session.scalar(select(func.max(Epoch.seq)))) or 0) + 1
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await session.execute(
        insert(Epoch)
        .values(kind=kind, key=key, n=1, seq=seq)
        .on_conflict_do_update(index_elements=["kind", "key"], set_={"n": Epoch.n + 1, "seq": seq})
    )
    work.emit("epochs", {"kind": kind, "key": key})


class Mirror:
    """What this process knows of epochs, blocks and deactivations, and since when.

    `mark` makes a block true here before it is committed. `unmark` takes that back when the commit failed;
    `settle` lets the next read that begins replace the mark by the stored block, so that there is no gap.
    `seq` is the number of the last change seen: what is read from the database now is at least as new.
    `fresh_until` is until when the view is young enough to decide by (seconds of `uptime`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions: dict[tuple[str, str], tuple[int, int]] = {}
        self._blocks: dict[str, Standing] = {}
        self._marks: dict[str, dict[str, Standing]] = {}
        self._settled: set[tuple[str, str]] = set()
        self._inactive: set[str] = set()
        self.seq = 0
        self.fresh_until = float("-inf")
        self._listeners: list[Callable[[Kind, str], None]] = []
        self._reading = asyncio.Lock()

    def on_change(self, listener: Callable[[Kind, str], None]) -> None:
        """Call `listener(kind, key)` synchronously whenever an epoch is seen to have moved."""
        self._listeners.append(listener)

    def version(self, kind: Kind, key: str = ALL) -> int:
        """Return the last seen count."""
        return self._versions.get((kind, key), (0, 0))[0]

    def moved_since(self, seq: int, kind: Kind, key: str = ALL) -> bool:
        """Whether a change with a number above `seq` was seen: what was read at `seq` may be outdated."""
        return self._versions.get((kind, key), (0, 0))[1] > seq

    @property
    def fresh(self) -> bool:
        """Whether the view is young enough to decide by."""
        return uptime() < self.fresh_until

    def keep_fresh(self, started: float) -> None:
        """Note that the view was complete at `started` (seconds of `uptime`)."""
        self.fresh_until = max(self.fresh_until, started + STALE_S)

    def standing(self, user_id: str, door: str) -> Standing | None:
        """Return the block that closes `door` to the user, as far as this view knows."""
        if user_id not in self._blocks and user_id not in self._marks:
            return None
        for block in (*self._marks.get(user_id, {}).values(), self._blocks.get(user_id)):
            if block is not None and block.covers(door):
                return block
        return None

    def block_of(self, user_id: str) -> Standing | None:
        """Return the block of the user that stands, whatever it closes."""
        doors = ("everywhere", "chat", "mcp")
        return next((block for door in doors if (block := self.standing(user_id, door))), None)

    def refused(self, user_id: str, door: str) -> bool:
        """Whether nothing may be released to the user: blocked, deactivated, or the view too old to tell."""
        if uptime() >= self.fresh_until or user_id in self._inactive:
            return True
        return (user_id in self._blocks or user_id in self._marks) and self.standing(
            user_id, door
        ) is not None

    def mark(self, user_id: str, standing: Standing) -> None:
        """Let a block hold in this process from this instant."""
        self._marks.setdefault(user_id, {})[standing.block_id] = standing

    def unmark(self, user_id: str, block_id: str) -> None:
        """Take a mark back: the commit failed."""
        marks = self._marks.get(user_id, {})
        marks.pop(block_id, None)
        if not marks:
            self._marks.pop(user_id, None)
        self._settled.discard((user_id, block_id))

    def settle(self, user_id: str, block_id: str) -> None:
        """Note that a marked block is committed: a read that begins from now on sees what became of it."""
        self._settled.add((user_id, block_id))

    def is_active(self, user_id: str) -> bool:
        """Whether the user is not known to be deactivated."""
        return user_id not in self._inactive

    async def require_fresh(self) -> None:
        """Read again when the view is too old; raise `Problem` when that fails: refuse, never allow."""
        if self.fresh:
            return
        for _ in range(REREADS):
            async with self._reading:
                if not self.fresh:
                    await self._refresh()
            if self.fresh:
                return
        raise unavailable()

    async def require_open(self, user_id: str, door: str) -> None:
        """Raise `Problem` unless the user may use `door` now, by a fresh view."""
        await self.require_fresh()
        self.require_allowed(user_id, door)

    def require_allowed(self, user_id: str, door: str) -> None:
        """Raise `Problem` when the user is blocked or deactivated as far as this view knows, however old."""
        standing = self.standing(user_id, door)
        if standing is not None:
            raise Problem("blocked", 403, standing.message or BLOCKED, message=standing.message or BLOCKED)
        if user_id in self._inactive:
            raise Problem("deactivated", 403, "This account is deactivated. Ask your administrator.")

    def has_read(self, seq: int) -> bool:
        """Whether a read would find nothing new, when the newest change is `seq`."""
        return seq <= self.seq and not self._settled

    async def catch_up(self) -> None:
        """Read what this process has just committed; if that fails, decide nothing until a read succeeds."""
        try:
            await self.refresh()
        except Problem:
            self.fresh_until = float("-inf")

    async def refresh(self) -> None:
        """Read what changed since the last time; freshness counts from the start of the read."""
        async with self._reading:
            await self._refresh()

    async def _refresh(self) -> None:
        started, settled = uptime(), tuple(self._settled)
        async with self._database.read(urgent=True) as session:
            rows = (await session.execute(_changes(self.seq))).all()
            blocked = [row.key for row in rows if row.kind == "block"]
            users = [row.key for row in rows if row.kind == "user"]
            blocks = await _standing(session, blocked) if blocked else {}
            inactive = await _inactive(session, users) if users else set[str]()
        for user_id in blocked:
            self._blocks.pop(user_id, None)
        self._blocks.update(blocks)
        self._inactive = (self._inactive - set(users)) | inactive
        for user_id, block_id in settled:
            self.unmark(user_id, block_id)
        for row in rows:
            self._versions[row.kind, row.key] = (row.n, row.seq)
            self.seq = max(self.seq, row.seq)
        self.keep_fresh(started)
        for row in rows:
            for listener in self._listeners:
                listener(row.kind, row.key)


def _changes(since: int) -> Select[str, str, int, int]:
    return select(Epoch.kind, Epoch.key, Epoch.n, Epoch.seq).where(Epoch.seq > since).order_by(Epoch.seq)


async def _standing(session: AsyncSession, user_ids: Sequence[str]) -> dict[str, Standing]:
    blocks = await standing_blocks(session, user_ids)
    return {
        user_id: Standing(row.block_id, row.scope, row.message, row.since, row.until, row.blocked_by)
        for user_id, row in blocks.items()
    }


async def _inactive(session: AsyncSession, user_ids: Sequence[str]) -> set[str]:
    rows = await session.scalars(
        select(User.user_id).where(User.user_id.in_(user_ids), User.status == "deactivated")
    )
    return set(rows)
