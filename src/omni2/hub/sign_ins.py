"""The tokens of servers that people sign in to: kept at hand, renewed before they end, by one at a time."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from omni2.catalog.models import Server
from omni2.catalog.sign_in_models import SHARED, ServerCredential, ServerSignIn
from omni2.hub.policy import same_origin
from omni2.hub.renewing import MARGIN, Renewal, Subject
from omni2.hub.sign_in_store import Held, find_credential, open_held
from omni2.identity.epochs import Mirror
from omni2.identity.people import list_admin_ids
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.secrets import Sealer
from omni2.kernel.tasks import end
from omni2.upstream.challenge import scopes_in
from omni2.upstream.ports import ServerTarget

JUST_NOW = timedelta(seconds=10)
LOOK_EVERY_S = 5.0
RENEWED_AT_ONCE = 20
MAX_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class _Kept:
    """A token at hand, as it was read at `seq`."""

    credential_id: str
    held: Held = field(repr=False)
    expires_at: datetime | None
    refresh_at: datetime | None
    refreshed_at: datetime | None
    seq: int


class SignIns:
    """The `TokenSource` of the pool. `origin` is where people connect their accounts."""

    def __init__(self, database: Database, mirror: Mirror, sealer: Sealer, origin: str) -> None:
        self._database = database
        self.mirror = mirror
        self.sealer = sealer
        self._origin = origin
        self._renewal = Renewal(database, sealer)
        self._kept: dict[tuple[str, str], _Kept] = {}
        self._renewing: dict[tuple[str, str], asyncio.Task[None]] = {}

    async def token(self, target: ServerTarget) -> str:
        """Return the token for this server and person; see `TokenSource`."""
        owner = await self._owner(target)
        kept = await self._current(target, owner)
        if kept.expires_at is not None and kept.expires_at <= now() + MARGIN:
            await self._renew(_subject(target, owner), None)
            kept = await self._read(target, owner)
        return self._shown(target, kept)

    async def renewed(self, target: ServerTarget, refused: str) -> str:
        """Return a token in the place of a refused one; see `TokenSource`."""
        owner = await self._owner(target)
        kept = await self._read(target, owner)
        if kept.held.tokens.access == refused:
            if kept.refreshed_at is not None and kept.refreshed_at > now() - JUST_NOW:
                detail = f"{target.title} refuses the token that its own sign-in has just given. Try again."
                raise Problem("server_auth_failed", 502, detail)
            await self._renew(_subject(target, owner), refused)
            kept = await self._read(target, owner)
        return self._shown(target, kept)

    async def lacks(self, target: ServerTarget, scopes: tuple[str, ...]) -> Problem:
        """Note what a server misses, for the next sign-in; see `TokenSource`."""
        owner, wanted = await self._owner(target), " ".join(scopes)
        async with self._database.work() as work:
            row = await find_credential(work.session, target.server_id, owner, lock=True)
            chosen = await work.session.get(ServerSignIn, target.server_id)
            if row is None or row.sealed is None:
                return self.needed(target, owner)
            held = open_held(self.sealer, row.sealed, target.server_id, owner)
            if set(scopes) <= {*held.server.scopes}:
                why = "refuses this for want of a permission that its sign-in was asked for"
                return Problem("server_auth_failed", 502, f"{target.title} {why}: {wanted}.")
            if chosen is not None and chosen.scopes:
                why = "wants a permission beyond those that an administrator chose for it"
                return Problem("server_auth_failed", 502, f"{target.title} {why}: {wanted}.")
            why = f"{target.title} wants a further permission for this: {wanted}."
            problem = self.needed(target, owner, why)
            row.wanted_scopes = " ".join(scopes_in(f"{row.wanted_scopes or ''} {wanted}"))
            row.last_error = f"{why} Sign in again to allow it."
        return problem

    def needed(self, target: ServerTarget, owner: str | None, why: str | None = None) -> Problem:
        """Return the problem of a sign-in that is not there, with the page where it is done."""
        url = page_of(self._origin, target.server_id, target.slug, shared=owner == SHARED)
        if owner == SHARED:
            words = why or f"{target.title} needs a sign-in."
            detail = f"{words} An administrator signs in at {url}"
        elif owner is None:
            detail = f"Nobody is signed in to {target.title} yet. People connect their accounts at {url}"
        else:
            words = why or f"{target.title} needs your own account."
            detail = f"{words} Connect it at {url}"
        return Problem("server_sign_in_needed", 409, detail, url=url)

    async def keep_fresh(self) -> None:
        """Renew what is due, then pause. To be run for ever."""
        due = await self._due()
        await asyncio.gather(*(self._renew_quietly(subject) for subject in due))
        if len(due) < RENEWED_AT_ONCE:
            await asyncio.sleep(LOOK_EVERY_S)

    async def aclose(self) -> None:
        """End what is being renewed."""
        await end(*self._renewing.values())

    async def _owner(self, target: ServerTarget) -> str:
        if target.sign_in == "shared":
            return SHARED
        owner = target.user_id or await self._lister(target.server_id)
        if owner is None:
            raise self.needed(target, None)
        return owner

    async def _lister(self, server_id: str) -> str | None:
        """Return by whose account a server's catalogue is read: an administrator's, else the oldest one."""
        query = (
            select(ServerCredential.owner)
            .where(
                ServerCredential.server_id == server_id,
                ServerCredential.user_id.is_not(None),
                ServerCredential.state == "connected",
            )
            .order_by(ServerCredential.credential_id)
        )
        async with self._database.read() as session:
            owners = [owner for owner in await session.scalars(query) if self._acts(owner)]
            admins = await list_admin_ids(session)
        return next((owner for owner in owners if owner in admins), owners[0] if owners else None)

    def _acts(self, user_id: str) -> bool:
        """Whether anything may be done in a person's name."""
        return self.mirror.is_active(user_id) and self.mirror.block_of(user_id) is None

    async def _current(self, target: ServerTarget, owner: str) -> _Kept:
        await self.mirror.require_fresh()
        kept = self._kept.get((target.server_id, owner))
        if kept is None or self.mirror.moved_since(kept.seq, "credentials", kept.credential_id):
            return await self._read(target, owner)
        if kept.refresh_at is not None and kept.refresh_at <= now():
            return await self._read(target, owner)
        return kept

    async def _read(self, target: ServerTarget, owner: str) -> _Kept:
        key, seq = (target.server_id, owner), self.mirror.seq
        self._kept.pop(key, None)
        async with self._database.read() as session:
            row = await find_credential(session, *key)
        if row is None or row.sealed is None:
            raise self.needed(target, owner, row.last_error if row is not None else None)
        held = open_held(self.sealer, row.sealed, *key)
        kept = _Kept(row.credential_id, held, row.expires_at, row.refresh_at, row.refreshed_at, seq)
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[key] = kept
        return kept

    def _shown(self, target: ServerTarget, kept: _Kept) -> str:
        """Return the token, which goes to the server that it was given for and to no other."""
        if not same_origin(target.url, kept.held.url):
            owner = SHARED if target.sign_in == "shared" else target.user_id
            raise self.needed(target, owner, f"{target.title} has moved to another address.")
        return kept.held.tokens.access

    async def _renew(self, subject: Subject, refused: str | None) -> None:
        """Renew a token once for all who wait for it. Raises `Problem` when it cannot be had now."""
        key = subject.server_id, subject.owner
        task = self._renewing.get(key)
        if task is None:
            task = asyncio.create_task(self._renewal.renew(subject, refused))
            self._renewing[key] = task
            task.add_done_callback(lambda done: self._forget(key, done))
        await asyncio.shield(task)

    def _forget(self, key: tuple[str, str], task: asyncio.Task[None]) -> None:
        del self._renewing[key]
        if not task.cancelled():
            task.exception()

    async def _renew_quietly(self, subject: Subject) -> None:
        with suppress(Problem):
            await self._renew(subject, None)

    async def _due(self) -> list[Subject]:
        query = (
            select(ServerCredential, Server)
            .join(Server, Server.server_id == ServerCredential.server_id)
            .where(
                ServerCredential.state == "connected",
                ServerCredential.refresh_at <= now(),
                or_(ServerCredential.busy_until.is_(None), ServerCredential.busy_until < now()),
                Server.enabled.is_(True),
            )
            .order_by(ServerCredential.refresh_at)
            .limit(RENEWED_AT_ONCE)
        )
        async with self._database.read() as session:
            found = (await session.execute(query)).all()
        await self._rest([row for row, _ in found if row.user_id and not self.mirror.is_active(row.user_id)])
        return [
            Subject(server.server_id, row.owner, server.title, allow_private=server.allow_private)
            for row, server in found
            if row.user_id is None or self.mirror.is_active(row.user_id)
        ]

    async def _rest(self, rows: list[ServerCredential]) -> None:
        """Let the sign-ins of people who are gone rest; whoever comes back renews theirs by using it."""
        if not rows:
            return
        resting = [row.credential_id for row in rows]
        async with self._database.work() as work:
            await work.session.execute(
                update(ServerCredential)
                .where(ServerCredential.credential_id.in_(resting))
                .values(refresh_at=None)
            )


def page_of(origin: str, server_id: str, slug: str, *, shared: bool) -> str:
    """Return where people sign in to a server: an administrator for all, or each for themselves."""
    return f"{origin}/admin/servers/{server_id}?tab=settings" if shared else f"{origin}/tools?connect={slug}"


def _subject(target: ServerTarget, owner: str) -> Subject:
    return Subject(target.server_id, owner, target.title, allow_private=target.allow_private)
