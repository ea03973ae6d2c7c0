"""Kept MCP sessions: one for each server and set of credentials, opened once, shared, renewed when dead."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.kernel.tasks import Places
from omni2.upstream.breaker import Breaker, Trial
from omni2.upstream.exchange import Exchange
from omni2.upstream.faults import SERVER_FAULTS, connect_problem, has_closed
from omni2.upstream.greeting import Eras
from omni2.upstream.listing import read_catalogue
from omni2.upstream.masks import masked
from omni2.upstream.net import check_url
from omni2.upstream.outcome import failed, failed_by, outcome_of
from omni2.upstream.ports import (
    BreakerState,
    CallerLink,
    CallOutcome,
    Catalogue,
    OnWire,
    ServerTarget,
    UpstreamCall,
)
from omni2.upstream.session import Session
from omni2.upstream.stdio_link import check_command
from omni2.upstream.subscriptions import OnUpdated, Owner, Subscriptions
from omni2.upstream.tail import Tail
from omni2.upstream.verdict import failure_of, learn

log = structlog.get_logger(__name__)

MAX_CONNECT_S = 20.0
MAX_PROBE_S = 30.0
MAX_SESSIONS = 64
MAX_TAILS = 512
SUBSCRIBE_S = 10.0

_CHATTY_LOGGERS = ("mcp", "client", "httpx2", "httpcore2")


def _ignore(server_id: str) -> None:
    """Do nothing about a changed tool list."""


@dataclass(slots=True)
class _Server:
    """What is kept of one server: sessions by credentials, latest used last, and places for calls."""

    version: int
    slots: Places
    breaker: Breaker = field(default_factory=Breaker)
    sessions: dict[str, Session] = field(default_factory=dict)


@dataclass(slots=True)
class _Asked:
    """A request, for whom, and how long it may take."""

    target: ServerTarget
    call: UpstreamCall
    link: CallerLink | None
    on_wire: OnWire | None
    timeout_s: float
    place: "_Place"


class _Place:
    """A place for a call, given back once: at its end, or when the caller is asked, who may take minutes."""

    __slots__ = ("_slots",)

    def __init__(self, slots: Places) -> None:
        self._slots: Places | None = slots

    def give_back(self) -> None:
        """Let another call have it."""
        if self._slots is not None:
            self._slots.give_back()
            self._slots = None


class SessionPool:
    """The `McpPool` over the official MCP client.

    `stdio_commands` are the programs that may be run; `on_tools_changed` gets the ids of servers that say so.
    """

    def __init__(
        self, *, stdio_commands: frozenset[str], on_tools_changed: Callable[[str], None] = _ignore
    ) -> None:
        self._allowed = stdio_commands
        self._on_tools_changed = on_tools_changed
        self._servers: dict[str, _Server] = {}
        self._tails: dict[str, tuple[ServerTarget, Tail]] = {}
        self._subscriptions = Subscriptions()
        self._eras = Eras()
        self._closing: set[asyncio.Task[None]] = set()
        self._stopped = False
        _quieten()

    async def request(
        self,
        target: ServerTarget,
        call: UpstreamCall,
        link: CallerLink | None = None,
        timeout_ms: int | None = None,
        on_wire: OnWire | None = None,
    ) -> CallOutcome:
        """Make a request; see `McpPool`. Repeated once when the server provably did not act on the first."""
        timeout_s = (timeout_ms or target.timeout_ms) / 1000
        server = self._server(target)
        waited = _now() + timeout_s
        try:
            trial = server.breaker.begin(target.title)
        except Problem as problem:
            return failed("upstream_error", problem.detail)
        try:
            if not server.slots.take():
                await server.slots.wait(waited)
            place = _Place(server.slots)
            try:
                asked = _Asked(target, call, link, on_wire, timeout_s, place)
                return await self._call(asked, waited, trial)
            finally:
                place.give_back()
        except TimeoutError:
            return failed("timeout", f"{target.title} is busy: no place for another call came free in time.")
        except Problem as problem:
            return failed("upstream_error", problem.detail)
        finally:
            server.breaker.end(trial)

    async def subscribe(self, target: ServerTarget, uri: str, on_updated: OnUpdated) -> None:
        """Hear of changes of a resource; see `McpPool`."""
        owner = _subscriber(target)

        async def ask(session: Session, exchange: Exchange) -> None:
            if self._subscriptions.add(owner, uri, on_updated):
                await session.subscribe(uri, exchange)

        subscribed = False
        try:
            await self._tell(target, ask)
            subscribed = True
        finally:
            if not subscribed:
                self._subscriptions.remove(owner, uri, on_updated)

    async def unsubscribe(self, target: ServerTarget, uri: str, on_updated: OnUpdated) -> None:
        """Hear of them no more; see `McpPool`."""
        owner = _subscriber(target)
        if self._subscriptions.remove(owner, uri, on_updated):
            await self._tell(target, lambda session, exchange: session.unsubscribe(uri, exchange))

    async def set_level(self, target: ServerTarget, level: str) -> None:
        """Choose how much a server logs; see `McpPool`."""
        await self._tell(target, lambda session, exchange: session.set_level(level, exchange))

    async def _tell(self, target: ServerTarget, ask: Callable[[Session, Exchange], Awaitable[None]]) -> None:
        exchange = Exchange(_now() + min(target.timeout_ms / 1000, SUBSCRIBE_S))
        session = await self._session(target, exchange.deadline)
        try:
            await ask(session, exchange)
        except SERVER_FAULTS as error:
            self._retire_if_dead(session, exchange, error)
            raise connect_problem(target, error, exchange) from error

    def breaker_state(self, server_id: str) -> BreakerState:
        """Return whether calls are let through to a server."""
        server = self._servers.get(server_id)
        return server.breaker.state if server is not None else "closed"

    async def list_tools(self, target: ServerTarget) -> Catalogue:
        """Return all tools over the kept session; see `McpPool`."""
        started = time.perf_counter()
        for last in (False, True):
            session = await self._session(target, _now() + MAX_CONNECT_S)
            exchange = Exchange(_now() + target.timeout_ms / 1000)
            try:
                catalogue = await read_catalogue(session, exchange, started)
                self._server(target).breaker.retry_now()
                return catalogue
            except SERVER_FAULTS as error:
                self._retire_if_dead(session, exchange, error)
                if last or not (exchange.never_ran or has_closed(error)):
                    raise connect_problem(target, error, exchange) from error
        raise AssertionError

    async def probe(self, target: ServerTarget) -> Catalogue:
        """Return all tools over a session of its own; see `McpPool`."""
        started = time.perf_counter()
        await self._check(target)
        limit = min(target.timeout_ms / 1000, MAX_PROBE_S)
        exchange = Exchange(_now() + limit)
        session = self._open(target)
        try:
            await session.opened(limit)
            return await read_catalogue(session, exchange, started)
        except SERVER_FAULTS as error:
            raise connect_problem(target, error, exchange) from error
        finally:
            self._close_soon(session)

    async def drop(self, server_id: str) -> None:
        """Close every session of this server."""
        server = self._servers.pop(server_id, None)
        if server is not None:
            await asyncio.gather(*(session.close() for session in server.sessions.values()))

    async def release(self, target: ServerTarget) -> None:
        """Close the session of these very credentials, unless it is in use."""
        server = self._servers.get(target.server_id)
        session = server.sessions.get(target.key) if server is not None else None
        if server is not None and session is not None and not session.is_busy:
            del server.sessions[target.key]
            self._close_soon(session)

    def stderr_tail(self, server_id: str) -> str:
        """Return the last words of a stdio server, without its credentials."""
        kept = self._tails.get(server_id)
        return masked(kept[0], kept[1].text()) if kept is not None else ""

    async def aclose(self) -> None:
        """Close everything; later calls are refused."""
        self._stopped = True
        await asyncio.gather(*(self.drop(server_id) for server_id in list(self._servers)))
        while self._closing:
            await asyncio.gather(*self._closing)

    async def _call(self, asked: "_Asked", deadline: float, trial: Trial) -> CallOutcome:
        target, call = asked.target, asked.call
        params: dict[str, JsonValue] = {**call.params, "_meta": call.meta} if call.meta else call.params
        failure: CallOutcome | None = None
        for _ in range(2):
            exchange = Exchange(
                deadline,
                asked.on_wire,
                asked.link,
                asked.timeout_s,
                schema=call.schema,
                on_ask=asked.place.give_back,
            )
            session = self._kept(target)
            try:
                session = session or await self._session(target, deadline)
            except Problem as problem:
                learn(trial, problem, exchange)
                return failed_by(problem)
            try:
                raw = await session.request(call.method, params, exchange)
            except SERVER_FAULTS as error:
                failure = failure_of(session, exchange, error, trial)
                self._retire_if_dead(session, exchange, error)
                if not exchange.never_ran:
                    return failure
                exchange.note_ignored()
            else:
                outcome = outcome_of(target, call.method, raw)
                (trial.failed if outcome.status == "upstream_error" else trial.worked)()
                return outcome
        return failure or failed("upstream_error", f"{target.title} could not be reached.")

    def _kept(self, target: ServerTarget) -> Session | None:
        """Return the session of these credentials if it can be used at once, as the one used last."""
        sessions = self._server(target).sessions
        session = sessions.get(target.key)
        if session is None or self._stopped or not session.is_open:
            return None
        if len(sessions) > 1:
            sessions[target.key] = sessions.pop(target.key)
        return session

    async def _session(self, target: ServerTarget, deadline: float) -> Session:
        """Return a usable session, opening one if need be; all who wait share the same opening."""
        key = target.key
        if _usable(self._server(target), key) is None:
            await self._check(target)
        if self._stopped:
            raise Problem("server_refused", 503, "omni2 is stopping.")
        server = self._server(target)
        session = kept = _usable(server, key)
        if session is None:
            session = self._open(target)
        ended = server.sessions.pop(key, None)
        if ended is not None and ended is not session:
            self._close_soon(ended)
        server.sessions[key] = session
        self._make_room(server)
        await session.opened(min(deadline - _now(), MAX_CONNECT_S))
        if kept is None:
            await self._subscribe_again(session, _subscriber(target))
        return session

    async def _subscribe_again(self, session: Session, owner: Owner) -> None:
        """Let a new session hear of what the one before it did."""
        for uri in self._subscriptions.uris(owner):
            try:
                await session.subscribe(uri, Exchange(_now() + SUBSCRIBE_S))
            except (Problem, *SERVER_FAULTS) as error:
                log.warning("not_subscribed", server=session.target.slug, error=type(error).__name__)
                return

    async def _check(self, target: ServerTarget) -> None:
        if target.transport == "stdio":
            check_command(target, self._allowed)
        else:
            await check_url(target.url or "", allow_private=target.allow_private)

    def _open(self, target: ServerTarget) -> Session:
        tail = self._tail(target)
        owner = _subscriber(target)

        def on_notice(method: str, params: JsonValue) -> None:
            if method == "notifications/resources/updated":
                self._subscriptions.tell(owner, params)
            elif method.endswith("/list_changed"):
                self._on_tools_changed(owner[0])

        return Session(target, tail, allowed=self._allowed, eras=self._eras, on_notice=on_notice)

    def _tail(self, target: ServerTarget) -> Tail:
        """Return the tail of a server with these credentials: under others it may repeat other secrets."""
        kept, tail = self._tails.pop(target.server_id, (target, Tail()))
        if (kept.version, kept.env) != (target.version, target.env):
            tail = Tail()
        self._tails[target.server_id] = target, tail
        if len(self._tails) > MAX_TAILS:
            del self._tails[next(iter(self._tails))]
        return tail

    def _server(self, target: ServerTarget) -> _Server:
        server = self._servers.get(target.server_id)
        if server is not None and server.version == target.version:
            return server
        if server is not None:
            for session in server.sessions.values():
                self._close_soon(session)
        server = _Server(target.version, Places(max(1, target.concurrency)))
        self._servers[target.server_id] = server
        return server

    def _make_room(self, server: _Server) -> None:
        """Close the idle session that was not used for longest when one server has too many."""
        if len(server.sessions) <= MAX_SESSIONS:
            return
        *older, _ = server.sessions.items()
        idle = next((key for key, session in older if not session.is_busy), None)
        if idle is not None:
            self._close_soon(server.sessions.pop(idle))

    def _retire_if_dead(self, session: Session, exchange: Exchange, error: Exception) -> None:
        lost = exchange.never_ran or exchange.status in {400, 401, 403} or has_closed(error)
        if not lost and session.fault() is None:
            return
        server = self._servers.get(session.target.server_id)
        if server is not None:
            for key, kept in list(server.sessions.items()):
                if kept is session:
                    del server.sessions[key]
        self._close_soon(session)

    def _close_soon(self, session: Session) -> None:
        task = asyncio.create_task(session.close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)


def _usable(server: _Server, key: str) -> Session | None:
    session = server.sessions.get(key)
    return session if session is not None and session.fault() is None else None


def _subscriber(target: ServerTarget) -> Owner:
    """Who hears of changes: whoever's sign-in was renewed is the same as before."""
    if target.sign_in != "none":
        target = replace(target, headers=tuple(pair for pair in target.headers if pair[0] != "Authorization"))
    return target.server_id, target.key


def _now() -> float:
    return asyncio.get_running_loop().time()


def _quieten() -> None:
    """The libraries log pieces of what servers sent, which may be anything, secrets included."""
    for name in _CHATTY_LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
