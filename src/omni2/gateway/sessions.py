"""Sessions of the older revisions: rows that any replica can continue, and what of them lives here."""

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, cast

from pydantic import JsonValue
from sqlalchemy import delete, select, update

from omni2.gateway.models import McpSession
from omni2.gateway.wire import INVALID_REQUEST, Fault, Id, Message, Object
from omni2.identity.principal import Principal
from omni2.kernel.bus import Bus
from omni2.kernel.db import Database
from omni2.kernel.ids import now, uptime
from omni2.kernel.secrets import digest

TOPIC = "mcp_sessions"
ASKED = "omni2-"  # what ids of our questions begin with
IDLE = timedelta(hours=24)
EXTEND_BELOW = timedelta(hours=23)
LOOK_AGAIN_S = 10.0
USER_LIMIT = 100
CACHE_LIMIT = 20_000
TIDY_EVERY_S = 600.0


class Cancellable(Protocol):
    """A call that a client may cancel."""

    def cancel(self) -> object:
        """End it."""
        ...


@dataclass(eq=False, slots=True)
class Session:
    """A session as this replica knows it. `calls` and `asked` are what runs here in its name."""

    session_hash: str
    user_id: str
    binding: str
    slug: str
    revision: str
    client: str | None
    capabilities: Object
    log_level: str | None
    uris: frozenset[str]
    expires_at: datetime
    looked_at: float = field(default_factory=uptime)
    calls: dict[Id, Cancellable] = field(default_factory=dict)
    asked: dict[Id, asyncio.Future[JsonValue]] = field(default_factory=dict)
    stream: Callable[[], None] | None = None


class Sessions:
    """Opens, finds and ends sessions; the id is 256 random bits and never proves who somebody is."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self._held: dict[str, Session] = {}
        self._changed: list[Callable[[Session], None]] = []

    def on_change(self, listener: Callable[[Session], None]) -> None:
        """Call `listener` when a session that lives here subscribed to something, wherever it did."""
        self._changed.append(listener)

    async def open(
        self, principal: Principal, slug: str, revision: str, client: str | None, capabilities: Object
    ) -> tuple[str, Session]:
        """Store a new session; return its id, which is kept nowhere. Of too many the oldest ends."""
        session_id = secrets.token_urlsafe(32)
        row = McpSession(
            session_hash=digest(session_id),
            user_id=principal.user_id,
            binding=binding_of(principal),
            slug=slug,
            revision=revision,
            client=client,
            capabilities=cast("JsonValue", capabilities),
            log_level=None,
            uris=[],
            created_at=now(),
            expires_at=now() + IDLE,
        )
        async with self._database.work() as work:
            theirs = select(McpSession.session_hash).where(McpSession.user_id == principal.user_id)
            oldest = theirs.order_by(McpSession.created_at.desc()).offset(USER_LIMIT - 1)
            superfluous = list(await work.session.scalars(oldest))
            if superfluous:
                await work.session.execute(delete(McpSession).where(McpSession.session_hash.in_(superfluous)))
            for session_hash in superfluous:
                work.emit(TOPIC, {"session": session_hash, "kind": "ended"})
            work.session.add(row)
        return session_id, self._keep(_session(row))

    async def find(self, principal: Principal, slug: str, session_id: str) -> Session:
        """Return the session of exactly this user, credential and address; raise `Fault` 404."""
        session_hash = digest(session_id)
        session = self._held.get(session_hash)
        if session is None or uptime() - session.looked_at > LOOK_AGAIN_S:
            session = await self._look(session_hash)
        expected = (principal.user_id, binding_of(principal), slug)
        if session is None or (session.user_id, session.binding, session.slug) != expected:
            raise no_session()
        left = session.expires_at - now()
        if left <= timedelta(0):
            raise no_session()
        if left < EXTEND_BELOW:
            await self._extend(session)
        return session

    def stands(self, session: Session) -> bool:
        """Whether `find` would return this session again to whom it was found for, without a read."""
        if self._held.get(session.session_hash) is not session or uptime() - session.looked_at > LOOK_AGAIN_S:
            return False
        return session.expires_at - now() >= EXTEND_BELOW

    async def end(self, session: Session) -> None:
        """End a session on every replica."""
        async with self._database.work() as work:
            await work.session.execute(
                delete(McpSession).where(McpSession.session_hash == session.session_hash)
            )
            work.emit(TOPIC, {"session": session.session_hash, "kind": "ended"})
        self._forget(session.session_hash)

    async def save(self, session: Session, *, log_level: str | None, uris: frozenset[str]) -> None:
        """Store what the session asked to be told."""
        session.log_level, session.uris = log_level, uris
        async with self._database.work() as work:
            await work.session.execute(
                update(McpSession)
                .where(McpSession.session_hash == session.session_hash)
                .values(log_level=log_level, uris=sorted(uris))
            )
            work.emit(TOPIC, {"session": session.session_hash, "kind": "changed"})
        self._tell(session)

    async def pass_on(self, session: Session, kind: str, message: Object) -> None:
        """Hand an answer or a cancellation to the replica where the call runs, if not this one."""
        if not deliver(session, kind, message):
            await self._bus.publish(
                TOPIC, {"session": session.session_hash, "kind": kind, "message": message}
            )

    async def follow(self) -> None:
        """Hear what other replicas did with sessions that live here; for ever."""
        async with self._bus.subscribe(TOPIC) as inbox:
            while True:
                _, payload = await inbox.get()
                if isinstance(payload, dict):
                    await self._hear(payload)

    async def tidy(self) -> None:
        """Delete what has expired; one pass, then a pause."""
        async with self._database.work() as work:
            await work.session.execute(delete(McpSession).where(McpSession.expires_at <= now()))
        await asyncio.sleep(TIDY_EVERY_S)

    async def _hear(self, payload: Object) -> None:
        session_hash, kind, message = payload.get("session"), payload.get("kind"), payload.get("message")
        session = self._held.get(session_hash) if isinstance(session_hash, str) else None
        if session is None:
            return
        if kind == "ended":
            self._forget(session.session_hash)
        elif kind == "changed":
            await self._look(session.session_hash)
        elif isinstance(kind, str) and isinstance(message, dict):
            deliver(session, kind, message)

    async def _look(self, session_hash: str) -> Session | None:
        """Read the row; what lives here of the session stays."""
        looked_at = uptime()
        async with self._database.read() as reading:
            row = await reading.get(McpSession, session_hash)
        if row is None:
            self._forget(session_hash)
            return None
        session = self._held.get(session_hash)
        if session is None:
            return self._keep(_session(row))
        fresh = _session(row)
        changed = fresh.uris != session.uris
        session.looked_at, session.expires_at = looked_at, fresh.expires_at
        session.log_level, session.uris = fresh.log_level, fresh.uris
        if changed:
            self._tell(session)
        return session

    async def _extend(self, session: Session) -> None:
        session.expires_at = now() + IDLE
        async with self._database.work() as work:
            await work.session.execute(
                update(McpSession)
                .where(McpSession.session_hash == session.session_hash)
                .values(expires_at=session.expires_at)
            )

    def _keep(self, session: Session) -> Session:
        if len(self._held) >= CACHE_LIMIT:
            for key, held in list(self._held.items()):
                if not (held.calls or held.asked or held.stream):
                    del self._held[key]
        self._held[session.session_hash] = session
        return session

    def _forget(self, session_hash: str) -> None:
        session = self._held.pop(session_hash, None)
        if session is None:
            return
        for call in list(session.calls.values()):
            call.cancel()
        if session.stream is not None:
            session.stream()

    def _tell(self, session: Session) -> None:
        for listener in self._changed:
            listener(session)


def deliver(session: Session, kind: str, message: Object) -> bool:
    """Give a message to what waits for it here; return whether something does."""
    message_id = message.get("id")
    if not isinstance(message_id, int | str):
        return False
    if kind == "cancel":
        call = session.calls.get(message_id)
        if call is not None:
            call.cancel()
        return call is not None
    waiting = session.asked.get(message_id)
    if waiting is None or waiting.done():
        return False
    waiting.set_result(message)
    return True


def deliver_kind(message: Message) -> tuple[str, Object] | None:
    """Return what a message of a client does to what runs in its session: `answer` or `cancel`, or None."""
    if message.kind == "answer":
        return ("answer", message.body) if str(message.id).startswith(ASKED) else None
    named = message.params.get("requestId")
    if message.method == "notifications/cancelled" and isinstance(named, int | str):
        return "cancel", {"id": named}
    return None


def binding_of(principal: Principal) -> str:
    """Return what names the credential for as long as it lasts: of a program its consent, not a token."""
    return f"{principal.method} {principal.consent_id or principal.credential_id}"


def no_session() -> Fault:
    """Return the fault of a session that does not exist, has ended, or is somebody else's."""
    words = "This session does not exist. It may have ended; start a new one."
    return Fault(INVALID_REQUEST, words, status=404)


def _session(row: McpSession) -> Session:
    return Session(
        session_hash=row.session_hash,
        user_id=row.user_id,
        binding=row.binding,
        slug=row.slug,
        revision=row.revision,
        client=row.client,
        capabilities=row.capabilities if isinstance(row.capabilities, dict) else {},
        log_level=row.log_level,
        uris=frozenset(str(uri) for uri in row.uris) if isinstance(row.uris, list) else frozenset(),
        expires_at=row.expires_at,
    )
