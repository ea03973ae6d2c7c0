"""Turns any credential into a principal, from a cache that every change of the user empties."""

import secrets
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update

from omni2.identity.epochs import Mirror, serialise
from omni2.identity.models import AccessToken, User, UserSession
from omni2.identity.principal import Principal
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, now
from omni2.kernel.secrets import digest

TOKEN_PREFIX = "omni2_"  # noqa: S105
SEEN_EVERY = timedelta(seconds=60)
SEEN_WRITE_S = 5.0
CACHE_LIMIT = 10_000
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Cached:
    principal: Principal
    seq: int
    expires_at: datetime | None
    seen_at: datetime = LONG_AGO


class Authenticator:
    """Looks credentials up by their SHA-256. Users, sessions and tokens that change bump the user's epoch."""

    def __init__(self, database: Database, mirror: Mirror) -> None:
        self._database = database
        self._mirror = mirror
        self._cache: dict[tuple[str, str], _Cached] = {}
        self._seen: dict[str, tuple[str, str]] = {}

    async def by_session(self, cookie: str) -> Principal:
        """Return the principal of a session cookie; raise `Problem` 401."""
        return await self._resolve("session", digest(cookie))

    async def by_token(self, token: str) -> Principal:
        """Return the principal of an access token; raise `Problem` 401."""
        if not token.startswith(TOKEN_PREFIX):
            raise not_signed_in("This token is not valid. Create one on the Connect page.")
        return await self._resolve("token", digest(token))

    async def by_token_hash(self, token_hash: str) -> Principal:
        """Return the principal of a token that was shown before, by its SHA-256; raise `Problem` 401."""
        return await self._resolve("token", token_hash)

    async def renew(self, principal: Principal) -> Principal:
        """Return the principal as it is now, by the same credential; raise `Problem` 401."""
        kind = "token" if principal.method == "token" else "session"
        fresh = await self._resolve(kind, principal.credential_id)
        return replace(fresh, client=principal.client, address=principal.address)

    async def recheck(self, credential_id: str) -> None:
        """Raise `Problem` unless this session or token, whichever it is, still opens something."""
        try:
            await self._current("session", credential_id)
        except Problem as problem:
            if problem.code != "not_signed_in":
                raise
            await self._current("token", credential_id)

    async def write_seen(self) -> None:
        """Store when people and credentials were last seen: one pass, never within a request."""
        seen, self._seen = self._seen, {}
        if not seen:
            return
        async with self._database.work() as work:
            await serialise(work)
            for key, (kind, user_id) in seen.items():
                if kind == "token":
                    held = update(AccessToken).where(AccessToken.token_hash == key).values(last_used_at=now())
                else:
                    held = (
                        update(UserSession).where(UserSession.session_hash == key).values(last_seen_at=now())
                    )
                await work.session.execute(held)
                person = update(User).where(User.user_id == user_id).values(last_seen_at=now())
                await work.session.execute(person)

    async def _resolve(self, kind: str, key: str) -> Principal:
        cached = await self._current(kind, key)
        self._note_seen(kind, cached)
        return cached.principal

    async def _current(self, kind: str, key: str) -> _Cached:
        await self._mirror.require_fresh()
        cached = self._cache.get((kind, key))
        if cached is not None and self._holds(cached):
            return cached
        self._cache.pop((kind, key), None)
        seq = self._mirror.seq
        cached = await (self._find_token(key, seq) if kind == "token" else self._find_session(key, seq))
        if len(self._cache) >= CACHE_LIMIT:
            self._cache.clear()
        self._cache[kind, key] = cached
        return cached

    def _note_seen(self, kind: str, cached: _Cached) -> None:
        if now() - cached.seen_at > SEEN_EVERY:
            cached.seen_at = now()
            self._seen[cached.principal.credential_id] = (kind, cached.principal.user_id)

    def _holds(self, cached: _Cached) -> bool:
        expired = cached.expires_at is not None and cached.expires_at <= now()
        return not expired and not self._mirror.moved_since(cached.seq, "user", cached.principal.user_id)

    async def _find_session(self, key: str, seq: int) -> _Cached:
        async with self._database.read() as session:
            row = (
                await session.execute(
                    select(UserSession, User)
                    .join(User, User.user_id == UserSession.user_id)
                    .where(
                        UserSession.session_hash == key,
                        UserSession.expires_at > now(),
                        User.status == "active",
                    )
                )
            ).one_or_none()
        if row is None:
            raise not_signed_in("Your session has ended. Sign in again.")
        held, user = row
        if held.ended_at is not None:
            await self._mirror.require_open(user.user_id, "everywhere")
            raise not_signed_in("Your session has ended. Sign in again.")
        return _Cached(_principal(user, "session", key), seq, held.expires_at)

    async def _find_token(self, key: str, seq: int) -> _Cached:
        async with self._database.read() as session:
            row = (
                await session.execute(
                    select(AccessToken, User)
                    .join(User, User.user_id == AccessToken.user_id)
                    .where(
                        AccessToken.token_hash == key,
                        AccessToken.revoked_at.is_(None),
                        User.status != "deactivated",
                    )
                )
            ).one_or_none()
        if row is None:
            raise not_signed_in("This token is not valid. Create one on the Connect page.")
        token, user = row
        if token.expires_at is not None and token.expires_at <= now():
            raise not_signed_in("This token has expired. Create a new one on the Connect page.")
        principal = _principal(user, "token", key)
        scopes = (
            frozenset(str(scope) for scope in token.scopes)
            if isinstance(token.scopes, list)
            else frozenset[str]()
        )
        return _Cached(replace(principal, token_name=token.name, scopes=scopes), seq, token.expires_at)


def open_session(work: Work, user: User, *, client: str, address: str, days: int) -> str:
    """Add a session for `user` and return the cookie's value, which is stored nowhere."""
    cookie = secrets.token_urlsafe(32)
    work.session.add(
        UserSession(
            session_hash=digest(cookie),
            session_id=new_id(),
            user_id=user.user_id,
            created_at=now(),
            last_seen_at=now(),
            expires_at=now() + timedelta(days=days),
            client=client[:200],
            address=address[:64],
        )
    )
    user.last_seen_at = now()
    return cookie


def not_signed_in(detail: str = "Sign in to go on.") -> Problem:
    """Return the problem of a missing or invalid credential."""
    return Problem("not_signed_in", 401, detail)


def _principal(user: User, method: str, key: str) -> Principal:
    return Principal(
        user_id=user.user_id,
        email=user.email,
        name=user.name,
        role=user.role,
        method="token" if method == "token" else "session",
        credential_id=key,
    )
