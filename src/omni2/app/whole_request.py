"""A small request to `/mcp`, served once it is there as a whole: the same ASGI, with less around it."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from omni2.app.bodies import STRANGER_LIMIT
from omni2.gateway.outlet import KEPT, WHOLE
from omni2.gateway.request import ROOT

_ROOT = ROOT.encode()
_BELOW = _ROOT + b"/"
_UNUSUAL = frozenset({b"transfer-encoding", b"expect", b"upgrade"})
_NO_BODY = frozenset({204, 304})


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
    """A request with its body, and its answer; stands where uvicorn has its own, with the same names."""

    def __init__(self, protocol: Any) -> None:
        self.body = bytearray()
        self.more_body = False
        self.disconnected = False
        self.response_started = False
        self.response_complete = False
        self.keep_alive: bool = protocol.parser.should_keep_alive()
        self.scope: dict[str, Any] = protocol.scope
        self._protocol = protocol
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

    async def run(self, app: ASGIApp) -> None:
        """Serve it; an answer that does not come to its end closes the connection."""
        self.scope[WHOLE] = bytes(self.body)
        try:
            await app(self.scope, self.receive, self.send)
        finally:
            if not self.response_complete and not self.disconnected:
                self._protocol.transport.close()

    async def receive(self) -> Message:
        """Return the whole body, and behind it, once it is so, that the client is gone."""
        if not self._was_read:
            self._was_read = True
            return {"type": "http.request", "body": bytes(self.body), "more_body": False}
        while not self.disconnected and not self.response_complete:
            self.message_event.clear()
            await self.message_event.wait()
        return {"type": "http.disconnect"}

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
        self._write(body, more)
        if not more:
            self._complete()

    def _begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.response_started = True
        self._chunked = status not in _NO_BODY
        content = [STATUS_LINE[status]]
        for name, value in headers:
            if b"\r" in value or b"\n" in value:
                raise ValueError("a header holds the end of a line")
            if name == b"content-length":
                self._chunked = False
                self._left = int(value)
            elif name == b"connection" and value == b"close":
                self.keep_alive = False
                continue
            content += (name, b": ", value, b"\r\n")
        if not self.keep_alive:
            content.append(b"connection: close\r\n")
        if self._chunked:
            content.append(b"transfer-encoding: chunked\r\n")
        content.append(b"\r\n")
        if self._chunked:
            self._protocol.transport.write(b"".join(content))
        else:
            self._head = content

    def _write(self, body: bytes, more: bool) -> None:  # noqa: FBT001
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
