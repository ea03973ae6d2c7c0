"""The block: true here before it is committed, acknowledged once it is true everywhere.

Order: mark the mirror, commit row and epoch and journal in one transaction, end what runs here, wait for
the confirmation of every other replica whose lease runs.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.blocks import stands
from omni2.identity.epochs import Mirror, Standing, bump, serialise
from omni2.identity.models import Block, User
from omni2.identity.people import count_tokens, end_sessions_by_block, get_user, require_other_admin
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal
from omni2.live.confirmations import ReplicaReceipt, add_confirmations, await_confirmations
from omni2.live.registry import Handle, LocalReceipt, Registry

DOORS: dict[str, frozenset[str]] = {
    "everywhere": frozenset({"chat", "mcp", "api"}),
    "chat": frozenset({"chat"}),
    "mcp": frozenset({"mcp"}),
}
WORDS_LIMIT = 2_000
_REMEMBERED = 1_000
_RECENT = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class BlockOrder:
    """What the administrator asked for. `until` is exclusive; None holds until it is lifted."""

    scope: str
    reason: str
    message: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the block ended, replica by replica; this one first."""

    block: Block
    sessions_ended: int
    tokens_suspended: int
    replicas: tuple[ReplicaReceipt, ...]


class Blocking:
    """Blocks and unblocks from this replica, and confirms the blocks of others.

    `replica` tells the id under which this process holds its lease; it is None where nobody is served.
    """

    def __init__(
        self,
        database: Database,
        mirror: Mirror,
        registry: Registry,
        replica: Callable[[], str | None] | None,
    ) -> None:
        self._database = database
        self._mirror = mirror
        self._registry = registry
        self._replica = replica or _nobody
        self._endings: OrderedDict[str, asyncio.Task[LocalReceipt]] = OrderedDict()

    async def block(self, user_id: str, order: BlockOrder, actor: Actor) -> Receipt:
        """Block a user and return the receipt once the block holds on every live replica.

        Another block of the same user that stands is replaced by this one.
        """
        _require_sensible(order)
        standing = Standing(new_id(), order.scope, order.message, now(), order.until, actor.name)
        committed: list[bool] = []
        self._mirror.mark(user_id, standing)
        connections = self._registry.connections(user_id, standing)
        try:
            async with self._database.work(urgent=True) as work:
                work.after_commit(lambda: committed.append(True))
                work.after_commit(lambda: self._mirror.settle(user_id, standing.block_id))
                row, sessions, tokens = await _write(work, user_id, order, standing, actor)
        finally:
            if not committed:
                self._mirror.unmark(user_id, standing.block_id)
        own = await self._end_here(user_id, standing, connections)
        await self._mirror.catch_up()
        replica_id = self._replica()
        receipts = [] if replica_id is None else [ReplicaReceipt(replica_id, confirmed=True, local=own)]
        receipts += await await_confirmations(self._database, standing.block_id, replica_id)
        return Receipt(row, sessions, tokens, tuple(receipts))

    async def unblock(self, user_id: str, actor: Actor) -> User:
        """Lift the block that stands; the user may sign in again, and the tokens work again."""
        async with self._database.work(urgent=True) as work:
            await serialise(work)
            user = await get_user(work.session, user_id)
            if not await _lift(work, user_id, actor):
                raise Problem("not_blocked", 409, f"{user.email} is not blocked.")
            await bump(work, "block", user_id)
            write_journal(work, actor, "user.unblocked", f"Unblocked {user.email}.", subject_id=user_id)
        await self._mirror.catch_up()
        return user

    async def confirm(self, user_id: str) -> None:
        """End here what the user's block covers, and say so for every recent block: its epoch has moved.

        Also says so for a block that was lifted or replaced before this replica saw it, since its view is
        newer than that. May be repeated; raises `Problem` while the database does not answer.
        """
        standing = self._mirror.block_of(user_id)
        local = await self._end_here(user_id, standing) if standing else LocalReceipt()
        replica_id = self._replica()
        if replica_id is not None:
            ended = {standing.block_id: local} if standing else {}
            await add_confirmations(self._database, replica_id, ended, await self._recent(user_id))

    async def confirm_recent(self) -> None:
        """Confirm every block of the last minute: called once by a replica that has just read them all."""
        async with self._database.read(urgent=True) as session:
            recent = await session.scalars(
                select(Block.user_id).where(Block.since > now() - _RECENT).distinct()
            )
            user_ids = recent.all()
        for user_id in user_ids:
            await self.confirm(user_id)

    async def _recent(self, user_id: str) -> list[str]:
        async with self._database.read(urgent=True) as session:
            rows = await session.scalars(
                select(Block.block_id).where(Block.user_id == user_id, Block.since > now() - _RECENT)
            )
            return list(rows)

    async def _end_here(
        self, user_id: str, standing: Standing, before: frozenset[Handle] = frozenset()
    ) -> LocalReceipt:
        """End what the block covers, once a block: whoever asks again gets the same receipt."""
        task = self._endings.get(standing.block_id)
        if task is None:
            ending = self._registry.end_blocked(user_id, standing, before)
            task = self._endings[standing.block_id] = asyncio.get_running_loop().create_task(ending)
            if len(self._endings) > _REMEMBERED:
                self._endings.popitem(last=False)
        return await asyncio.shield(task)


def _nobody() -> None:
    return None


async def require_blockable(session: AsyncSession, user: User, scope: str, actor: Actor) -> None:
    """Raise `Problem` for oneself, and for the last administrator who could still administer."""
    if actor.user_id == user.user_id:
        raise Problem("cannot_block_self", 409, "You cannot block yourself. Ask another administrator.")
    if user.role == "admin" and scope == "everywhere":
        await require_other_admin(session, user.user_id)


async def _write(
    work: Work, user_id: str, order: BlockOrder, standing: Standing, actor: Actor
) -> tuple[Block, int, int]:
    await serialise(work)
    user = await get_user(work.session, user_id)
    await require_blockable(work.session, user, order.scope, actor)
    await _lift(work, user_id, actor)
    row = Block(
        block_id=standing.block_id,
        user_id=user_id,
        scope=order.scope,
        reason=order.reason,
        message=order.message,
        since=standing.since,
        until=order.until,
        blocked_by=actor.name,
        lifted_at=None,
        lifted_by=None,
    )
    work.session.add(row)
    sessions = await end_sessions_by_block(work, user_id) if order.scope == "everywhere" else 0
    tokens = await count_tokens(work.session, user_id, DOORS[order.scope])
    await bump(work, "block", user_id)
    sentence = f"Blocked {user.email} ({order.scope}): {order.reason or 'no reason given'}"
    data = {"scope": order.scope, "reason": order.reason, "message": order.message}
    write_journal(work, actor, "user.blocked", sentence, subject_id=user_id, data={**data})
    return row, sessions, tokens


async def _lift(work: Work, user_id: str, actor: Actor) -> bool:
    lifted = await work.session.execute(
        update(Block)
        .where(Block.user_id == user_id, stands())
        .values(lifted_at=now(), lifted_by=actor.name)
        .returning(Block.block_id)
    )
    return bool(lifted.scalars().all())


def _require_sensible(order: BlockOrder) -> None:
    if order.scope not in DOORS:
        raise invalid("scope", "The scope is everywhere, chat or mcp.")
    if order.until is not None and order.until <= now():
        raise invalid("until", "The end of the block must be in the future.")
    for field in ("message", "reason"):
        if len(getattr(order, field)) > WORDS_LIMIT:
            raise invalid(field, f"Use at most {WORDS_LIMIT} characters.")
