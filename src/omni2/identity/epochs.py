"""Epochs: the counters that tell every replica that something a decision rests on has changed."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.models import Block, Epoch, User
from omni2.kernel.db import Database, Work, unavailable
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now, uptime

Kind = Literal["block", "user", "grants", "catalog"]
ALL = "all"
STALE_S = 1.0
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


async def bump(work: Work, kind: Kind, key: str = ALL) -> None:
    """Count a change in this transaction, and tell the replicas behind the commit."""
    session = work.session
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:k)").bindparams(k=_LOCK))
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

    `mark` makes a block true here before it is committed; `unmark` takes that back.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions: dict[tuple[str, str], int] = {}
        self._blocks: dict[str, Standing] = {}
        self._marked: dict[str, Standing] = {}
        self._inactive: set[str] = set()
        self._seq = 0
        self._fresh_until = float("-inf")
        self._listeners: list[Callable[[Kind, str], None]] = []
        self._reading = asyncio.Lock()

    def on_change(self, listener: Callable[[Kind, str], None]) -> None:
        """Call `listener(kind, key)` synchronously whenever an epoch is seen to have moved."""
        self._listeners.append(listener)

    def version(self, kind: Kind, key: str = ALL) -> int:
        """Return the last seen count."""
        return self._versions.get((kind, key), 0)

    @property
    def fresh(self) -> bool:
        """Whether the view is young enough to decide by."""
        return uptime() < self._fresh_until

    def keep_fresh(self, started: float) -> None:
        """Note that nothing had changed at `started` (seconds of `uptime`)."""
        self._fresh_until = started + STALE_S

    def standing(self, user_id: str, door: str) -> Standing | None:
        """Return the block that closes `door` to the user, as far as this view knows."""
        for block in (self._marked.get(user_id), self._blocks.get(user_id)):
            if block is not None and block.covers(door):
                return block
        return None

    def refused(self, user_id: str, door: str) -> bool:
        """Whether nothing may be released to the user: blocked, deactivated, or the view too old to tell."""
        return not self.fresh or user_id in self._inactive or self.standing(user_id, door) is not None

    def mark(self, user_id: str, standing: Standing) -> None:
        """Let a block hold in this process from this instant."""
        self._marked[user_id] = standing

    def unmark(self, user_id: str) -> None:
        """Take a mark back, once the commit failed or the stored block is loaded."""
        self._marked.pop(user_id, None)

    def is_active(self, user_id: str) -> bool:
        """Whether the user is not known to be deactivated."""
        return user_id not in self._inactive

    async def require_fresh(self) -> None:
        """Read again when the view is too old; raise `Problem` when that fails: refuse, never allow."""
        if not self.fresh:
            await self.refresh()
        if not self.fresh:
            raise unavailable()

    async def require_open(self, user_id: str, door: str) -> None:
        """Raise `Problem` unless the user may use `door` now, by a fresh view."""
        await self.require_fresh()
        standing = self.standing(user_id, door)
        if standing is not None:
            raise Problem("blocked", 403, standing.message or BLOCKED, message=standing.message or BLOCKED)
        if user_id in self._inactive:
            raise Problem("deactivated", 403, "This account is deactivated. Ask your administrator.")

    async def refresh(self) -> None:
        """Read what changed since the last time; freshness counts from the start of the read."""
        async with self._reading:
            await self._refresh()

    async def _refresh(self) -> None:
        started = uptime()
        async with self._database.read() as session:
            rows = (await session.execute(_changes(self._seq))).all()
            blocked = [row.key for row in rows if row.kind == "block"]
            users = [row.key for row in rows if row.kind == "user"]
            blocks = await _standing_blocks(session, blocked)
            inactive = set(
                await session.scalars(
                    select(User.user_id).where(User.user_id.in_(users), User.status != "active")
                )
            )
        for user_id in blocked:
            self._blocks.pop(user_id, None)
        self._blocks.update(blocks)
        self._inactive = (self._inactive - set(users)) | inactive
        for row in rows:
            self._versions[row.kind, row.key] = row.n
            self._seq = max(self._seq, row.seq)
        self.keep_fresh(started)
        for row in rows:
            for listener in self._listeners:
                listener(row.kind, row.key)


def _changes(since: int) -> Select[str, str, int, int]:
    return select(Epoch.kind, Epoch.key, Epoch.n, Epoch.seq).where(Epoch.seq > since).order_by(Epoch.seq)


async def _standing_blocks(session: AsyncSession, user_ids: Sequence[str]) -> dict[str, Standing]:
    rows = await session.scalars(
        select(Block).where(Block.user_id.in_(user_ids), Block.lifted_at.is_(None)).order_by(Block.since)
    )
    return {
        row.user_id: Standing(row.block_id, row.scope, row.message, row.since, row.until, row.blocked_by)
        for row in rows
        if row.until is None or row.until > now()
    }
