"""Turns any credential into a principal, from a cache that every change of the user empties."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Update, select, update

from omni2.identity.epochs import Mirror, serialise
from omni2.identity.models import AccessToken, User, UserSession
from omni2.identity.oauth_models import OAuthClient, OAuthConsent, OAuthFamily, OAuthToken
from omni2.identity.oauth_resource import MCP_SCOPE, is_our_audience
from omni2.identity.principal import Method, Principal
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, now
from omni2.kernel.secrets import digest
from omni2.kernel.settings import Settings

TOKEN_PREFIX = "omni2_"  # noqa: S105
OAUTH_PREFIX = "omni2_at_"
OAUTH_CHARS = len(OAUTH_PREFIX) + 43  # an access token of a person's own may begin like this, but is shorter
SEEN_EVERY_S = 60.0
SEEN_WRITE_S = 5.0
CACHE_LIMIT = 10_000


SHOWN_LIMIT = 64
Seen = tuple[str | None, str | None, str | None]


@dataclass(slots=True)
class _Cached:
    principal: Principal
    seq: int
    expires_at: datetime | None
    held_at: int = -1
    noted_at: float = float("-inf")
    shown: dict[Seen, Principal] = field(default_factory=dict[Seen, Principal])

    def seen(self, seen: Seen) -> Principal:
        """Return the principal as it came this time."""
        found = self.shown.get(seen)
        if found is None:
            if len(self.shown) >= SHOWN_LIMIT:
                self.shown.clear()
            client, address, at = seen
            found = self.shown[seen] = replace(self.principal, client=client, address=address, at=at)
        return found


class Authenticator:
    """Looks credentials up by their SHA-256. Users, sessions and tokens that change bump the user's epoch.

    `settings` say which audience is ours; a token of a client that is for another one opens nothing.
    """

    def __init__(self, database: Database, mirror: Mirror, settings: Settings | None = None) -> None:
        self._database = database
        self._mirror = mirror
        self._settings = settings or Settings()
        self._cache: dict[tuple[Method, str], _Cached] = {}
        self._seen: dict[str, tuple[Method, str]] = {}

    async def by_session(self, cookie: str) -> Principal:
        """Return the principal of a session cookie; raise `Problem` 401."""
        return (await self._resolve("session", digest(cookie))).principal

    async def by_token(self, token: str, seen: Seen = (None, None, None)) -> Principal:
        """Return the principal of an access token, a person's own or a client's; raise `Problem` 401.

        `seen` says how it came: program, address, and the slug of `/mcp/{slug}`.
        """
        return (await self._by_token(token)).seen(seen)

    async def _by_token(self, token: str) -> _Cached:
        if token.startswith(OAUTH_PREFIX) and len(token) == OAUTH_CHARS:
            return await self._resolve("oauth", digest(token))
        if not token.startswith(TOKEN_PREFIX):
            raise not_signed_in("This token is not valid. Create one on the Connect page.")
        return await self._resolve("token", digest(token))

    async def by_token_hash(self, token_hash: str) -> Principal:
        """Return the principal of a token that was shown before, by its SHA-256; raise `Problem` 401."""
        return (await self._resolve("token", token_hash)).principal

    async def renew(self, principal: Principal, client: str | None = None) -> Principal:
        """Return the principal as it is now, by the same credential; raise `Problem` 401.

        `client` is what its program calls itself, where that is known by now.
        """
        fresh = await self._resolve(principal.method, principal.credential_id)
        return fresh.seen((client or principal.client, principal.address, principal.at))

    def known(self, principal: Principal, client: str | None = None) -> Principal | None:
        """Return what `renew` would, None where that takes a read; to be asked behind a fresh view."""
        method = principal.method
        cached = self._cache.get((method, principal.credential_id))
        if cached is None or not self._holds(cached):
            return None
        self._note_seen(method, cached)
        return cached.seen((client or principal.client, principal.address, principal.at))

    def expiry(self, principal: Principal) -> datetime | None:
        """Return when the credential of a principal that is known ends, None for never."""
        cached = self._cache.get((principal.method, principal.credential_id))
        return None if cached is None else cached.expires_at

    async def recheck(self, credential_id: str) -> None:
        """Raise `Problem` unless this session or token, whichever it is, still opens something."""
        for method in ("session", "token"):
            try:
                await self._current(method, credential_id)
            except Problem as problem:
                if problem.code != "not_signed_in":
                    raise
            else:
                return
        await self._current("oauth", credential_id)

    async def write_seen(self) -> None:
        """Store when people and credentials were last seen: one pass, never within a request."""
        seen, self._seen = self._seen, {}
        if not seen:
            return
        async with self._database.work() as work:
            await serialise(work)
            for key, (method, user_id) in seen.items():
                await work.session.execute(_mark_seen(method, key))
                person = update(User).where(User.user_id == user_id).values(last_seen_at=now())
                await work.session.execute(person)

    async def _resolve(self, method: Method, key: str) -> _Cached:
        cached = await self._current(method, key)
        self._note_seen(method, cached)
        return cached

    async def _current(self, method: Method, key: str) -> _Cached:
        await self._mirror.require_fresh()
        cached = self._cache.get((method, key))
        if cached is not None and self._holds(cached):
            return cached
        self._cache.pop((method, key), None)
        find = {"session": self._find_session, "token": self._find_token, "oauth": self._find_oauth}[method]
        cached = await find(key, self._mirror.seq)
        if len(self._cache) >= CACHE_LIMIT:
            self._cache.clear()
        self._cache[method, key] = cached
        return cached

    def _note_seen(self, method: Method, cached: _Cached) -> None:
        at = self._mirror.fresh_until
        if at - cached.noted_at > SEEN_EVERY_S:
            cached.noted_at = at
            self._seen[cached.principal.credential_id] = (method, cached.principal.user_id)

    def _holds(self, cached: _Cached) -> bool:
        if cached.expires_at is not None and cached.expires_at <= now():
            return False
        seen = self._mirror.seq
        if cached.held_at != seen:
            if self._mirror.moved_since(cached.seq, "user", cached.principal.user_id):
                return False
            cached.held_at = seen
        return True

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
        limit = frozenset(str(slug) for slug in token.servers) if isinstance(token.servers, list) else None
        principal = replace(principal, token_name=token.name, scopes=scopes, servers=limit)
        return _Cached(principal, seq, token.expires_at)

    async def _find_oauth(self, key: str, seq: int) -> _Cached:
        async with self._database.read() as session:
            row = (
                await session.execute(
                    select(OAuthToken, OAuthFamily, OAuthClient, User)
                    .join(OAuthFamily, OAuthFamily.family_id == OAuthToken.family_id)
                    .join(OAuthConsent, OAuthConsent.consent_id == OAuthFamily.consent_id)
                    .join(OAuthClient, OAuthClient.client_id == OAuthConsent.client_id)
                    .join(User, User.user_id == OAuthConsent.user_id)
                    .where(
                        OAuthToken.token_hash == key,
                        OAuthToken.expires_at > now(),
                        User.status == "active",
                    )
                )
            ).one_or_none()
        if row is None:
            raise not_signed_in("This token is unknown or has expired. Refresh it, or connect anew.")
        token, family, client, user = row
        if not is_our_audience(self._settings, family.audience):
            raise not_signed_in("This token is for another address. Connect the program anew.")
        principal = _principal(user, "oauth", key)
        scopes, consent_id = frozenset({MCP_SCOPE}), family.consent_id
        principal = replace(principal, token_name=client.name, scopes=scopes, consent_id=consent_id)
        return _Cached(principal, seq, token.expires_at)


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


def _mark_seen(method: Method, key: str) -> Update:
    match method:
        case "session":
            return update(UserSession).where(UserSession.session_hash == key).values(last_seen_at=now())
        case "token":
            return update(AccessToken).where(AccessToken.token_hash == key).values(last_used_at=now())
        case "oauth":
            consents = (
                select(OAuthFamily.consent_id)
                .join(OAuthToken, OAuthToken.family_id == OAuthFamily.family_id)
                .where(OAuthToken.token_hash == key)
            )
            return (
                update(OAuthConsent)
                .where(OAuthConsent.consent_id.in_(consents))
                .values(last_used_at=now())
                .execution_options(synchronize_session=False)
            )


def _principal(user: User, method: Method, key: str) -> Principal:
    return Principal(
        user_id=user.user_id,
        email=user.email,
        name=user.name,
        role=user.role,
        method=method,
        credential_id=key,
    )
