"""What leaves for one request, as single JSON or as a stream: never past a block.

Release is one synchronous step: room in the transport is awaited first, then the mirror is asked, then the
piece is handed over.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, cast

import orjson
from starlette.types import Scope, Send

from omni2.gateway.wire import Fault, Id, Object, fault_bytes, notification_bytes
from omni2.identity.epochs import Mirror
from omni2.kernel.errors import Problem
from omni2.live.registry import Ending

Header = tuple[bytes, bytes]
DOOR = "mcp"
KEPT = "omni2.kept"  # what was found of a head, in the scope of all requests of a connection that repeat it
WHOLE = "omni2.whole"  # the `Whole`, in the scope of a request that is there as such
ABORT, DRAIN, GONE = "omni2.abort", "omni2.drain", "omni2.gone"
END_LIMIT_S = 0.2
SEND_LIMIT_S = 20.0
JSON: Header = (b"content-type", b"application/json")
PROBLEM: Header = (b"content-type", b"application/problem+json")
NO_STORE: Header = (b"cache-control", b"no-store")
_STREAM: tuple[Header, ...] = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
)
_PING = b": ping\n\n"


class Whole(Protocol):
    """A request that is there as a whole; `on_gone` is called when its client is gone."""

    body: bytes
    on_gone: Callable[[], None] | None

    def has_room(self) -> bool:
        """Whether an answer would leave without a wait."""
        ...

    def answer(self, status: int, headers: Iterable[Header], body: bytes) -> None:
        """Give the whole answer at once."""
        ...


class Outlet:
    """The way out of one request. Without a user, nothing is asked before a piece leaves."""

    def __init__(self, scope: Scope, send: Send, mirror: Mirror) -> None:
        self.user_id: str | None = None
        self.on_open: Callable[[], None] | None = None
        self.session_headers: tuple[Header, ...] = ()
        self.over = False
        self.streaming = False
        self._whole: Whole | None = scope.get(WHOLE)
        self._scope = scope
        self._send = send
        self._mirror = mirror
        self._lock: asyncio.Lock | None = None

    @property
    def _writing(self) -> asyncio.Lock:
        """What lets one piece of a stream leave after the other."""
        if self._lock is None:
            self._lock = asyncio.Lock()
        return self._lock

    async def json(self, body: bytes, status: int = 200, headers: Iterable[Header] = ()) -> None:
        """Answer with one JSON document; raise `Problem` when the user was blocked meanwhile."""
        whole, told = self._whole, (JSON, NO_STORE, *self.session_headers, *headers)
        if whole is None or self.over or not whole.has_room() or self._is_refused():
            await self._answer(status, body, told)
            return
        whole.answer(status, told, body)
        self.over = True

    async def empty(self, status: int, headers: Iterable[Header] = ()) -> None:
        """Answer with a status alone."""
        await self._answer(status, b"", (*self.session_headers, *headers))

    async def problem(self, problem: Problem, headers: Iterable[Header] = ()) -> None:
        """Answer with a problem; its words may leave at any time."""
        body = {"type": "about:blank", "title": problem.code.replace("_", " "), **problem.members()}
        body["request_id"] = self._scope.get("state", {}).get("request_id")
        self.user_id = None
        await self._answer(problem.status, orjson.dumps(body), (PROBLEM, NO_STORE, *headers))

    async def open(self) -> None:
        """Turn the answer into a stream, unless it is one; `on_open` is called right before."""
        async with self._writing:
            if self.streaming or self.over:
                return
            if self.on_open is not None:
                self.on_open()
            await self._release(_start(200, (*_STREAM, *self.session_headers)))
            self.streaming = True

    async def event(self, body: bytes) -> None:
        """Send one message on the stream, opening it first; silently nothing once the stream is over."""
        await self.open()
        async with self._writing:
            await self._release(_body(_event(body), more=True))

    async def ping(self) -> None:
        """Keep the stream alive through proxies."""
        async with self._writing:
            await self._release(_body(_PING, more=True))

    async def close(self, last: bytes | None = None) -> None:
        """End the stream, with a last message."""
        async with self._writing:
            await self._release(_body(_event(last) if last else b"", more=False))
            self.over = True

    async def end(self, ending: Ending, message_id: Id | None) -> None:
        """End the stream with the words, at once: nothing else leaves behind them.

        They answer the request that the stream belongs to, or are a message on a stream of its own.
        """
        if self.over or not self.streaming:
            self.over = True
            return
        self.over = True
        try:
            async with asyncio.timeout(END_LIMIT_S):
                await self._send(_body(_event(last_words(ending, message_id)), more=False))
        except (TimeoutError, ConnectionError):
            self.abort()
        except asyncio.CancelledError:  # whoever ends us has waited long enough
            self.abort()
            raise

    def on_gone(self, listener: Callable[[], None]) -> Callable[[], None] | None:
        """Call `listener` when the client is gone; return what ends that, None where nobody is told."""
        if self._whole is not None:
            self._whole.on_gone = listener
            return self._forget_gone
        watch = self._scope.get("extensions", {}).get(GONE)
        return watch(listener) if watch is not None else None

    def abort(self) -> None:
        """Drop the connection."""
        self.over = True
        self._extension(ABORT)

    async def _answer(self, status: int, body: bytes, headers: Iterable[Header]) -> None:
        length = (b"content-length", b"%d" % len(body))
        start = _start(status, (*headers, length))
        if self._whole is not None:  # head and body leave at once: nothing is awaited between
            await self._release(start, _body(body, more=False))
            self.over = True
            return
        await self._release(start)
        try:
            await self._release(_body(body, more=False))
        except Problem:
            self.abort()
            raise
        self.over = True

    async def _release(self, *messages: dict[str, Any]) -> None:
        if (drained := self._extension(DRAIN)) is not None:
            await self._room(cast("Awaitable[None]", drained))
        if self.user_id is not None and self._is_refused():
            await self._mirror.require_open(self.user_id, DOOR)
        for message in messages:
            if not self.over:
                await self._send(message)

    def _is_refused(self) -> bool:
        return self.user_id is not None and self._mirror.refused(self.user_id, DOOR)

    def _forget_gone(self) -> None:
        if self._whole is not None:
            self._whole.on_gone = None

    async def _room(self, drained: Awaitable[None]) -> None:
        """Wait until a write would not wait; a stream that nobody reads for too long is cut off."""
        if not self.streaming:
            await drained
            return
        try:
            async with asyncio.timeout(SEND_LIMIT_S):
                await drained
        except TimeoutError as error:
            self.abort()
            raise ConnectionResetError from error

    def _extension(self, name: str) -> Any:
        offered = cast("Callable[[], Any] | None", self._scope.get("extensions", {}).get(name))
        return offered() if offered is not None else None


def last_words(ending: Ending, message_id: Id | None) -> bytes:
    """Return why a stream ends."""
    data: Object = {"code": ending.code, "message": ending.message}
    if message_id is None:
        return notification_bytes(
            "notifications/message", {"level": "alert", "logger": "omni2", "data": data}
        )
    return fault_bytes(message_id, Fault(-32000, ending.message, {"code": ending.code}))


def _start(status: int, headers: Iterable[Header]) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def _body(body: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


def _event(body: bytes) -> bytes:
    return b"event: message\ndata: %s\n\n" % body
