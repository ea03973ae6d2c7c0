"""A thin HTTP/1.1 client for the calls of tools: kept connections to one origin, at checked addresses."""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import httpcore2

from omni2.upstream.net import resolve, ssl_context
from omni2.upstream.thin_answer import Answer
from omni2.upstream.thin_connection import Connection, Lost

CONNECT_TIMEOUT_S = 10.0
KEEPALIVE_S = 4.0
JUST_NOW_S = 0.05
TRUSTED_AFTER = 64
NEVER = float("-inf")

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_TARGET = re.compile(rb"[\x21-\x7e]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")

# What the client writes itself, from what it really sends, or never.
FRAMING = frozenset({b"content-length", b"transfer-encoding", b"connection", b"expect", b"upgrade", b"te"})
_REPEATABLE = frozenset({b"GET", b"DELETE"})


@dataclass(slots=True)
class Head:
    """The checked request line and headers of a request, without its length."""

    method: bytes
    lines: bytes

    def plus(self, headers: Iterable[tuple[bytes, bytes]]) -> "Head":
        """Return the head with more headers. Raises `httpcore2.LocalProtocolError`."""
        return Head(self.method, self.lines + _header_lines(headers))


def request_head(method: bytes, target: bytes, headers: Iterable[tuple[bytes, bytes]]) -> Head:
    """Check and write the head of a request, `host` among the headers.

    Raises `httpcore2.LocalProtocolError` for anything that could be read as more than what it is.
    """
    if not _TOKEN.fullmatch(method) or not _TARGET.fullmatch(target):
        raise httpcore2.LocalProtocolError("the request line is not valid")
    return Head(method, b"%b %b HTTP/1.1\r\n%b" % (method, target, _header_lines(headers)))


class ThinPool:
    """Kept connections to one origin; no redirect is followed, and nothing is sent twice unless it may be."""

    def __init__(
        self,
        url: httpcore2.URL,
        *,
        allow_private: bool,
        max_connections: int,
        keepalive_s: float = KEEPALIVE_S,
    ) -> None:
        self._tls = url.scheme == b"https"
        self._host = url.host.decode("ascii").strip("[]")
        self._port = url.port or (443 if self._tls else 80)
        self._allow_private = allow_private
        self._places = max_connections
        self._keepalive_s = keepalive_s
        self._idle: deque[Connection] = deque()
        self._open: set[Connection] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._closed = False
        self._trusted: float = 0

    async def send(
        self,
        head: Head,
        content: bytes = b"",
        *,
        deadline: float | None,
        on_sent: Callable[[], None] | None = None,
    ) -> Answer:
        """Send a request and return its answer, whose body follows; both end at `deadline` (a loop time).

        None leaves the deadline to the caller, who cancels.

        Raises `Problem` for an address that is refused and `httpcore2` errors: `ConnectError` (and its kind
        `NeverReceived`) and `ConnectTimeout` when the server cannot have acted, `ReadTimeout` at the
        deadline, `RemoteProtocolError` and `NetworkError` for answers that break. `on_sent` is called at the
        writing.
        """
        if content or head.method not in _REPEATABLE:
            request = b"%bcontent-length: %d\r\n\r\n%b" % (head.lines, len(content), content)
        else:
            request = head.lines + b"\r\n"
        connection = self._kept() or await self._take(deadline)
        answer = connection.begin(request, deadline, on_sent)
        try:
            await answer.head()
        except Lost:
            self._trusted = NEVER
            if head.method not in _REPEATABLE:
                raise
        else:
            return answer
        connection = await self._take(deadline, fresh=True)
        answer = connection.begin(request, deadline, None)
        await answer.head()
        return answer

    async def aclose(self) -> None:
        """Close every connection; what runs on them ends."""
        self._closed = True
        for connection in list(self._open):
            connection.fail(httpcore2.ReadError("the client was closed"))
        while self._waiting:
            self._let_in()

    async def _take(self, deadline: float | None, *, fresh: bool = False) -> Connection:
        """Return a connection that is free, the one used last first, or a new one when there is a place."""
        while not self._closed:
            connection = None if fresh else self._kept()
            if connection is not None:
                return connection
            if self._places > 0:
                return await self._connect(deadline)
            await self._turn(deadline)
        raise httpcore2.ConnectError("the client is closed")

    def _kept(self) -> Connection | None:
        if self._closed:
            return None
        now = asyncio.get_running_loop().time()
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since >= now - self._keepalive_s and self._is_quiet(connection, now):
                return connection
            connection.fail(httpcore2.ReadError("the connection was kept too long"))
        return None

    def _is_quiet(self, connection: Connection, now: float) -> bool:
        """Whether a connection can serve again: asked, unless it served just now and the server keeps them.

        Asking the system lets go of the interpreter, which costs more than anything else here. A server that
        once closed a connection right behind an answer is asked about for ever.
        """
        if self._trusted >= TRUSTED_AFTER and connection.idle_since > now - JUST_NOW_S:
            return not connection.closed
        quiet = connection.is_quiet()
        if not quiet and connection.idle_since > now - JUST_NOW_S:
            self._trusted = NEVER
        elif quiet:
            self._trusted += 1
        return quiet

    async def _turn(self, deadline: float | None) -> None:
        """Wait until a connection came free or went away."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        used = False
        try:
            async with asyncio.timeout_at(deadline):
                await turn
            used = True
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout("no connection came free in time") from error
        finally:
            if turn in self._waiting:
                self._waiting.remove(turn)
            elif not used:
                self._let_in()

    async def _connect(self, deadline: float | None) -> Connection:
        self._places -= 1
        made = False
        try:
            connection = await self._connect_to_any(deadline)
            made = not connection.gone
        finally:
            if not made:
                self._give_place()
        if made:
            self._open.add(connection)
        return connection

    async def _connect_to_any(self, deadline: float | None) -> Connection:
        addresses = await resolve(self._host, self._port, allow_private=self._allow_private)
        for address in addresses[:-1]:
            try:
                return await self._connect_to(address, deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        return await self._connect_to(addresses[-1], deadline)

    async def _connect_to(self, address: str, deadline: float | None) -> Connection:
        loop = asyncio.get_running_loop()
        context: ssl.SSLContext | None = None
        if self._tls:
            context = ssl_context()
            context.set_alpn_protocols(["http/1.1"])
        latest = loop.time() + CONNECT_TIMEOUT_S
        try:
            async with asyncio.timeout_at(latest if deadline is None else min(deadline, latest)):
                _, connection = await loop.create_connection(
                    lambda: Connection(self._on_free, self._on_gone),
                    address,
                    self._port,
                    ssl=context,
                    server_hostname=self._host if context else None,
                )
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout("no connection in time") from error
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return connection

    def _on_free(self, connection: Connection) -> None:
        if self._closed:
            connection.fail(httpcore2.ReadError("the client was closed"))
            return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)
        if self._idle[0].idle_since < connection.idle_since - self._keepalive_s:
            self._idle.popleft().fail(httpcore2.ReadError("the connection was kept too long"))
        self._let_in()

    def _on_gone(self, connection: Connection) -> None:
        if connection in self._idle:
            self._idle.remove(connection)
        if connection in self._open:
            self._open.remove(connection)
            self._give_place()

    def _give_place(self) -> None:
        self._places += 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                return turn.set_result(None)
        return None


def _header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    lines: list[bytes] = []
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            raise httpcore2.LocalProtocolError("a header holds what no header may hold")
        if name.lower() in FRAMING:
            raise httpcore2.LocalProtocolError("the framing of a request is not the caller's")
        lines.append(b"%b: %b\r\n" % (name, value))
    return b"".join(lines)
