"""A small request to `/mcp`, served once it is there as a whole: the same ASGI, with less around it."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from starlette.types import ASGIApp, Message, Scope
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from omni2.app.bodies import STRANGER_LIMIT
from omni2.gateway.outlet import KEPT, WHOLE, Header
from omni2.gateway.request import ROOT
from omni2.kernel.heads import KnownHead, known_head

MAX_HEADS = 4

_ROOT = ROOT.encode()
_BELOW = _ROOT + b"/"
_UNUSUAL = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
_NO_BODY = frozenset({204, 304})


class Heads:
    """The last heads of whole requests on a connection: one that comes again is not read again.

    What is served for the same bytes is the same, since a head says everything about itself.
    """

    def __init__(self) -> None:
        self._found: list[tuple[KnownHead, dict[str, Any]]] = []

    def note(self, data: bytes, request: object) -> None:
        """Remember the head of a whole request if `data` is just that, with nothing around it."""
        if not isinstance(request, WholeRequest) or not request.keep_alive:
            return
        head = known_head(data, len(request.body))
        if head is not None:
            scope = {name: value for name, value in request.scope.items() if name not in {"state", WHOLE}}
            self._found = [(head, scope), *self._found[: MAX_HEADS - 1]]

    def scope_of(self, data: bytes) -> tuple[dict[str, Any], bytes] | None:
        """Return the scope, but for its state, and the body of a request whose head is known."""
        for head, scope in self._found:
            body = head.body_in(data)
            if body is not None:
                return (scope.copy(), body) if len(body) <= STRANGER_LIMIT else None
        return None


def is_whole(protocol: Any) -> bool:
    """Whether the request of `protocol`, whose head is there, is a POST to the gateway that says its length.

    What it says is small enough to be read from anybody. Fills in the scope as uvicorn does.
    """
    parser, url = protocol.parser, protocol.url
    if parser.get_method() != b"POST" or not _is_plain(url):
        return False
    if parser.get_http_version() != "1.1" or parser.should_upgrade() or protocol.root_path:
        return False
    length = b"-"
    others: list[tuple[bytes, bytes]] = []
    for pair in protocol.headers:
        if pair[0] == b"content-length":
            length = pair[1]
        else:
            others.append(pair)
    known = (url, others) == protocol.last_head
    if not known and not _UNUSUAL.isdisjoint(name for name, _ in others):
        return False
    if not length.isdigit() or len(length) > 6 or int(length) > STRANGER_LIMIT:
        return False
    if not known:
        protocol.last_head, protocol.kept = (url, others), dict[str, Any]()
    scope = protocol.scope
    scope["method"], scope["path"], scope["raw_path"] = "POST", url.decode("ascii"), url
    scope["query_string"] = b""
    scope[KEPT] = protocol.kept
    return True


def _is_plain(url: bytes) -> bool:
    """Whether an address is the gateway's, without anything to decode, or to cut off."""
    if url != _ROOT and not url.startswith(_BELOW):
        return False
    return url.isascii() and b"%" not in url and b"?" not in url and b"#" not in url


class WholeRequest:
    """A request with its body, and its answer; stands where uvicorn has its own, with the same names.

    `on_gone` is called when the client is gone before the answer is complete.
    """

    more_body = False

    def __init__(self, protocol: Any, scope: Scope, body: bytes = b"", *, keep_alive: bool) -> None:
        self.body = body
        self.disconnected = False
        self.response_started = False
        self.response_complete = False
        self.keep_alive = keep_alive
        self.scope = scope
        self.on_gone: Callable[[], None] | None = None
        self._protocol = protocol
        self._task: asyncio.Task[None] | None = None
        self._was_read = False
        self._head: list[bytes] = []
        self._chunked = False
        self._left = 0
        self._event: asyncio.Event | None = None

    @property
    def message_event(self) -> asyncio.Event:
        """What wakes `receive` behind the body."""
        if self._event is None:
            self._event = asyncio.Event()
        return self._event

    def start(self, app: ASGIApp) -> None:
        """Serve it in a task of its own."""
        protocol = self._protocol
        self.scope[WHOLE] = self
        self._task = protocol.loop.create_task(self._run(app))
        protocol.tasks.add(self._task)

    async def _run(self, app: ASGIApp) -> None:
        """Serve it; an answer that does not come to its end closes the connection."""
        try:
            await app(self.scope, self.receive, self.send)
        finally:
            protocol = self._protocol
            protocol.tasks.discard(self._task)
            self._task = self.on_gone = None
            del self.scope[WHOLE]  # it would hold itself
            if not self.response_complete and not self.disconnected:
                protocol.transport.close()

    async def receive(self) -> Message:
        """Return the whole body, and behind it, once it is so, that the client is gone."""
        if not self._was_read:
            self._was_read = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        while not self.disconnected and not self.response_complete:
            self.message_event.clear()
            await self.message_event.wait()
        return {"type": "http.disconnect"}

    def has_room(self) -> bool:
        """Whether an answer would leave now, or is not wanted any more: nobody has to wait for anything."""
        return not self._protocol.flow.write_paused or self.disconnected

    def answer(self, status: int, headers: Iterable[Header], body: bytes) -> None:
        """Give the whole answer at once; see `has_room`."""
        if self.disconnected or self._protocol.transport.is_closing():
            return
        self._begin(status, (*headers, (b"content-length", b"%d" % len(body))))
        self._head.append(body)
        self._left = 0
        self._protocol.transport.write(b"".join(self._head))
        self._complete()

    async def send(self, message: Message) -> None:
        """Write a piece of the answer; a head with a length leaves together with what follows it."""
        protocol = self._protocol
        if protocol.flow.write_paused and not self.disconnected:
            await protocol.flow.drain()
        if self.disconnected or protocol.transport.is_closing():
            return
        if not self.response_started:
            self._begin(message["status"], message["headers"])
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        self._write(body, more=more)
        if not more:
            self._complete()

    def _begin(self, status: int, headers: Iterable[Header]) -> None:
        self.response_started = True
        self._chunked = status not in _NO_BODY
        content = [STATUS_LINE[status]]
        for name, value in headers:
            if value.find(b"\r") >= 0 or value.find(b"\n") >= 0:  # `in` would try it as a number first
                raise ValueError("a header holds the end of a line")
            if name == b"content-length":
                self._chunked = False
                self._left = int(value)
            elif name == b"connection" and value == b"close":
                self.keep_alive = False
                continue
            content.append(b"%b: %b\r\n" % (name, value))
        request_id = self.scope["state"]["request_id"].encode()
        content.append(b"x-request-id: %b\r\nx-content-type-options: nosniff\r\n" % request_id)
        if not self.keep_alive:
            content.append(b"connection: close\r\n")
        if self._chunked:
            content.append(b"transfer-encoding: chunked\r\n")
        content.append(b"\r\n")
        if self._chunked:
            self._protocol.transport.write(b"".join(content))
        else:
            self._head = content

    def _write(self, body: bytes, *, more: bool) -> None:
        if self._chunked:
            end = b"" if more else b"0\r\n\r\n"
            written = b"%x\r\n%b\r\n%b" % (len(body), body, end) if body else end
        else:
            self._left -= len(body)
            self._head.append(body)
            written = b"".join(self._head)
            self._head = []
        self._protocol.transport.write(written)

    def _complete(self) -> None:
        if self._left:
            raise ValueError("the answer is not as long as it says")
        self.response_complete = True
        if self._event is not None:
            self._event.set()
        if not self.keep_alive:
            self._protocol.transport.close()
        self._protocol.on_response_complete()
