"""Streams of changes: what a client hears when its lists are not what they were."""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

import structlog
from pydantic import JsonValue

from omni2.engine.context import Engine
from omni2.gateway.ask import Ask
from omni2.gateway.outlet import DOOR
from omni2.gateway.sessions import Session
from omni2.gateway.shelf import Listings, Shelf, What
from omni2.gateway.wire import Object, notification_bytes, result_bytes
from omni2.kernel.errors import Problem
from omni2.kernel.tasks import Supervisor
from omni2.live.registry import Ending, Handle
from omni2.upstream.ports import ServerTarget

log = structlog.get_logger(__name__)

PING_S = 15.0
BACKLOG = 256
FOLLOW_S = 3.0  # a client hears that it listens once the servers know, or this late
SUBSCRIPTION_KEY = "io.modelcontextprotocol/subscriptionId"
CHANGED: dict[What, str] = {
    "tools": "notifications/tools/list_changed",
    "prompts": "notifications/prompts/list_changed",
    "resources": "notifications/resources/list_changed",
    "resourceTemplates": "notifications/resources/list_changed",
}


@dataclass(eq=False, slots=True)
class Stream:
    """An open stream: what it wants to hear of, and what waits to be sent (None ends it).

    One at a time changes what is `followed`; once it is `left`, nothing more is.
    """

    ask: Ask
    wants: frozenset[What]
    uris: frozenset[str] = frozenset()
    seen: dict[What, str] = field(default_factory=dict[What, str])
    followed: dict[str, ServerTarget] = field(default_factory=dict[str, ServerTarget])
    backlog: "asyncio.Queue[bytes | None]" = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    changing: asyncio.Lock = field(default_factory=asyncio.Lock)
    left: bool = False

    def say(self, method: str, params: Object | None = None) -> None:
        """Queue a notification; a client that does not read loses its stream and reads the lists again."""
        told = dict(params or {})
        if self.ask.modern:
            told["_meta"] = self.meta
        try:
            self.backlog.put_nowait(notification_bytes(method, told or None))
        except asyncio.QueueFull:
            self.finish()

    def updated(self, uri: str) -> None:
        """Tell that a resource changed."""
        self.say("notifications/resources/updated", {"uri": uri})

    def finish(self) -> None:
        """End the stream in good order, whatever waits."""
        while self.backlog.full():
            self.backlog.get_nowait()
        self.backlog.put_nowait(None)

    @property
    def meta(self) -> dict[str, JsonValue]:
        """What marks every message of a stream of the newest revision."""
        return {SUBSCRIPTION_KEY: self.ask.id}


class Followers(Protocol):
    """Who subscribes at the servers to what streams want to hear of."""

    async def follow(self, stream: Stream, shelf: Shelf) -> None:
        """Make the subscriptions what the stream wants; raise `Problem`."""
        ...

    def leave(self, stream: Stream) -> None:
        """End them."""
        ...


class Streams:
    """The streams of this replica. A change of catalogue, grants or roles is compared with what each saw."""

    def __init__(self, engine: Engine, listings: Listings, followers: "Followers") -> None:
        self._engine = engine
        self._listings = listings
        self._open: set[Stream] = set()
        self._moved = asyncio.Event()
        self._tasks = Supervisor()
        self._followers: Followers = followers
        engine.mirror.on_change(lambda kind, key: self._moved.set())

    def supervise(self, supervisor: Supervisor) -> None:
        """Start to compare; what that begins ends with the process."""
        self._tasks = supervisor
        supervisor.loop("mcp_changes", self.watch)

    @property
    def opened(self) -> tuple[Stream, ...]:
        """The streams that are open here."""
        return tuple(self._open)

    async def run(self, stream: Stream, first: bytes | None = None) -> None:
        """Serve a stream to its end."""
        ask, registry = stream.ask, self._engine.registry
        limit = self._engine.settings.max_sockets_per_user
        if registry.count(ask.principal.user_id, "stream") >= limit:
            raise Problem("too_many_streams", 429, f"At most {limit} open streams a user. Close another one.")
        message_id = ask.message.id

        async def end(ending: Ending) -> None:
            await ask.outlet.end(ending, message_id)
            stream.finish()

        principal = ask.principal
        with registry.hold(Handle("stream", principal.user_id, DOOR, principal.credential_id, end)):
            await self._look(stream)
            self._open.add(stream)
            try:
                await ask.outlet.open()
                await asyncio.wait({self._follow_beside(stream)}, timeout=FOLLOW_S)
                if first is not None:
                    await ask.outlet.event(first)
                await self._pump(stream)
            finally:
                self._open.discard(stream)
                self._followers.leave(stream)

    async def follow(self, session: Session) -> None:
        """Let the stream of a session, where one is open here, hear of what the session subscribed to."""
        for stream in [one for one in self._open if one.ask.session is session]:
            stream.uris = session.uris
            await self._followers.follow(stream, await self._shelf(stream))

    def leave(self) -> None:
        """End all of them in good order, since this replica stops."""
        for stream in self._open:
            stream.finish()

    def note(self, session: Session) -> None:
        """Note that a session subscribed elsewhere; `watch` acts on it."""
        for stream in self._open:
            if stream.ask.session is session:
                stream.uris = session.uris
                self._moved.set()

    async def watch(self) -> None:
        """Wait for a change, then compare every stream; one pass."""
        await self._moved.wait()
        self._moved.clear()
        for stream in list(self._open):
            try:
                await self._compare(stream)
            except Problem:  # whoever may hear nothing any more is ended by the registry
                continue

    async def _compare(self, stream: Stream) -> None:
        before = dict(stream.seen)
        await self._look(stream)
        changed = {CHANGED[what] for what, sha256 in stream.seen.items() if before.get(what) != sha256}
        for method in sorted(changed):
            stream.say(method)
        self._follow_beside(stream)

    def _follow_beside(self, stream: Stream) -> "asyncio.Task[None]":
        """Follow in a task: a server that is slow holds up nobody else."""
        return self._tasks.spawn(self._try_to_follow(stream), name="mcp follow")

    async def _try_to_follow(self, stream: Stream) -> None:
        """Follow resources; a server that is away is asked again with the next change."""
        try:
            if stream.uris or stream.followed:
                await self._followers.follow(stream, await self._shelf(stream))
        except Problem as problem:
            log.info("not_followed", code=problem.code)

    async def _shelf(self, stream: Stream) -> Shelf:
        principal = await self._engine.authenticator.renew(stream.ask.principal)
        access = await self._engine.access.of(principal)
        return Shelf(access, access.catalog, stream.ask.slug)

    async def _look(self, stream: Stream) -> None:
        shelf = await self._shelf(stream)
        for what in stream.wants:
            stream.seen[what] = self._listings.of(shelf, what).sha256 if shelf.is_open() else ""

    async def _pump(self, stream: Stream) -> None:
        ask = stream.ask
        gone = asyncio.create_task(_gone(stream), name="mcp stream")
        try:
            while not ask.outlet.over:
                try:
                    async with asyncio.timeout(PING_S):
                        message = await stream.backlog.get()
                except TimeoutError:
                    await ask.outlet.ping()
                    continue
                if message is None:
                    break
                await ask.outlet.event(message)
            if not ask.outlet.over:
                await ask.outlet.close(_graceful(stream))
        finally:
            gone.cancel()


async def _gone(stream: Stream) -> None:
    while (await stream.ask.receive())["type"] != "http.disconnect":
        continue
    stream.ask.outlet.over = True
    stream.finish()


def _graceful(stream: Stream) -> bytes | None:
    """Return the answer to a `subscriptions/listen`; a GET has none."""
    if not stream.ask.modern:
        return None
    return result_bytes(stream.ask.id, {"resultType": "complete", "_meta": stream.meta})
