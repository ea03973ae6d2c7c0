"""Calls one tool over and over: `python -m bench.mcp_load URL TOKEN TOOL CONCURRENCY SECONDS` prints JSON.

`{"calls", "seconds", "failed", "p50_ms", "p95_ms", "p99_ms"}`. With 0 at once, a gentle few a second.
"""

import asyncio
import sys
import time
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlsplit

import httptools
import orjson
import uvloop

WARM_UP = 0.25
GENTLE = 15  # calls a second


class Client(asyncio.Protocol):
    """One connection that asks and waits."""

    def __init__(self) -> None:
        self.status = 0
        self.session = b""
        self._body = b""
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bytes] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Whoever waits hears it."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        """Parse."""
        self._parser.feed_data(data)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Remember the session."""
        if name.lower() == b"mcp-session-id":
            self.session = value

    def on_body(self, body: bytes) -> None:
        """Collect."""
        self._body += body

    def on_message_complete(self) -> None:
        """Hand the answer over."""
        body, self._body = self._body, b""
        self.status = self._parser.get_status_code()
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(body)

    async def ask(self, head: bytes, body: bytes) -> bytes:
        """Send a request; return the body of its answer."""
        self._answer = asyncio.get_running_loop().create_future()
        if self._transport is not None:
            self._transport.write(head + b"content-length: %d\r\n\r\n" % len(body) + body)
        return await self._answer


@dataclass
class Load:
    """One run: where to, how, and what came of it."""

    url: str
    token: str
    tool: str
    pause_s: float = 0.0
    until: float = 0.0
    failed: int = 0
    sample: bytes = b""
    times: list[float] = field(default_factory=list[float])

    def head(self, session: bytes = b"") -> bytes:
        """Return the head of a request."""
        parts = urlsplit(self.url)
        lines = [
            f"POST {parts.path} HTTP/1.1",
            f"host: {parts.netloc}",
            "accept: application/json, text/event-stream",
            "content-type: application/json",
            f"authorization: Bearer {self.token}",
            "mcp-protocol-version: 2025-11-25",
        ]
        given = b"mcp-session-id: %b\r\n" % session if session else b""
        return "\r\n".join(lines).encode() + b"\r\n" + given

    async def connect(self) -> tuple[Client, bytes]:
        """Open a connection and a session; return both, the session as the head of its requests."""
        parts = urlsplit(self.url)
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(Client, parts.hostname or "", parts.port or 80)
        info = {"name": "bench", "version": "1"}
        hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info}
        await client.ask(self.head(), message("initialize", hello, 0))
        head = self.head(client.session)
        await client.ask(head, message("notifications/initialized", {}))
        return client, head

    async def run(self, client: Client, head: bytes) -> None:
        """Call until the time is over."""
        number = 0
        while time.perf_counter() < self.until:
            number += 1
            params = {"name": self.tool, "arguments": {"text": f"number {number}"}}
            began = time.perf_counter()
            answer = await client.ask(head, message("tools/call", params, number))
            self.times.append(time.perf_counter() - began)
            if self.pause_s:
                await asyncio.sleep(self.pause_s)
            if client.status != 200 or f"echo: number {number}".encode() not in answer:
                self.failed += 1
                self.sample = answer[:300]


def message(method: str, params: dict[str, Any], number: int | None = None) -> bytes:
    """Return a JSON-RPC request, or a notification when it has no number."""
    given = {} if number is None else {"id": number}
    return orjson.dumps({"jsonrpc": "2.0", **given, "method": method, "params": params})


async def main(url: str, token: str, tool: str, concurrency: int, seconds: float) -> None:
    """Warm up, measure, print."""
    load = Load(url, token, tool, 0.0 if concurrency else 1 / GENTLE)
    clients = [await load.connect() for _ in range(concurrency or 1)]
    for spell in (WARM_UP, seconds):
        load.times.clear()
        began = time.perf_counter()
        load.until = began + spell
        if spell is seconds:
            print("measuring", flush=True)
        await asyncio.gather(*(load.run(*client) for client in clients))
    took = time.perf_counter() - began
    times = sorted(load.times)
    found: dict[str, Any] = {"calls": len(times), "seconds": took, "failed": load.failed}
    for share in (50, 95, 99):
        found[f"p{share}_ms"] = times[min(len(times) - 1, len(times) * share // 100)] * 1000
    print(orjson.dumps({**found, "sample": load.sample.decode(errors="replace")}).decode(), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), float(sys.argv[5])))
