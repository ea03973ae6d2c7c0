"""A hand-written MCP server over real HTTP that misbehaves on request and counts what reaches it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

JSON = (b"content-type", b"application/json")


@dataclass
class RawHttp:
    """An ASGI app. `methods` counts JSON-RPC methods; each tool name is a behaviour.

    `unknown` is what it answers with HTTP 400, instead of 404, in a session that it does not know.
    """

    token: str | None = None
    revision: str = "2025-06-18"
    offers: tuple[str, ...] = ("tools",)
    modern_only: bool = False
    redirect_to: str | None = None
    methods: dict[str, int] = field(default_factory=dict)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)
    sessions: set[str] = field(default_factory=set)
    pages: int = 1
    endless: bool = False
    malformed: bool = False
    unanswered: int = 0
    unknown: dict[str, Any] | None = None
    declined: asyncio.Event = field(default_factory=asyncio.Event)
    replied: asyncio.Event = field(default_factory=asyncio.Event)
    replies: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        headers = dict(scope["headers"])
        if scope["type"] != "http":
            return
        if self.redirect_to is not None:
            await respond(send, 302, b"", (b"location", self.redirect_to.encode()))
        elif self.token is not None and headers.get(b"authorization") != f"Bearer {self.token}".encode():
            await respond(send, 401, b'{"error": "secret-body"}', JSON)
        elif b"last-event-id" in headers:
            await self._events(self.unanswered, send, "9", complete=True)
        elif scope["method"] != "POST":
            await respond(send, 200 if scope["method"] == "DELETE" else 405, b"")
        else:
            await self._post(await body_of(receive), headers, receive, send)

    async def _post(self, body: bytes, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        message = json.loads(body)
        if "method" not in message:
            if "error" in message:
                self.declined.set()
            self.replies.append(message)
            await respond(send, 202, b"")
            self.replied.set()
            return
        method = message["method"]
        self.methods[method] = self.methods.get(method, 0) + 1
        if method == "notifications/cancelled":
            self.cancelled.set()
        if "id" not in message:
            await respond(send, 202, b"")
        elif self.modern_only:
            await self._modern(message, send)
        elif method == "initialize":
            session = f"s{len(self.sessions) + 1}-{id(self)}"
            self.sessions.add(session)
            result: dict[str, Any] = {
                "protocolVersion": self.revision,
                "capabilities": {what: {} for what in self.offers},
                "serverInfo": {"name": "raw-http", "version": "2"},
            }
            await answer(send, message["id"], result, (b"mcp-session-id", session.encode()))
        elif headers.get(b"mcp-session-id", b"").decode() not in self.sessions:
            await respond(send, 400 if self.unknown else 404, encoded(self.unknown or {}), JSON)
        elif method == "tools/list":
            await self._list(send, message)
        else:
            await self._call(message, receive, send)

    async def _ask_first(self, request_id: int, send: Send) -> None:
        """Ask the client something, and answer when it has."""
        stream = (b"content-type", b"text/event-stream")
        await send({"type": "http.response.start", "status": 200, "headers": [stream]})
        question = b'{"jsonrpc": "2.0", "id": "q1", "method": "sampling/createMessage"}'
        await send({"type": "http.response.body", "body": b"data: %b\n\n" % question, "more_body": True})
        await self.replied.wait()
        result = encoded({"jsonrpc": "2.0", "id": request_id, "result": text("thank you")})
        await send({"type": "http.response.body", "body": b"data: %b\n\n" % result, "more_body": False})

    async def _events(self, request_id: int, send: Send, event_id: str, *, complete: bool) -> None:
        """Answer as a stream: a progress report, a question of our own, and perhaps the result."""
        self.unanswered = request_id
        progress = {"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}
        question: dict[str, Any] = {
            "jsonrpc": "2.0",
            "id": "q1",
            "method": "sampling/createMessage",
            "params": {},
        }
        messages: list[dict[str, Any]] = [progress, question]
        if complete:
            messages.append({"jsonrpc": "2.0", "id": request_id, "result": text("from a stream")})
        body = b"".join(
            b"id: %s\nretry: 10\ndata: %s\n\n" % (event_id.encode(), encoded(one)) for one in messages
        )
        await respond(send, 200, body, (b"content-type", b"text/event-stream"))

    async def _modern(self, message: dict[str, Any], send: Send) -> None:
        """Speak the revision that has no sessions."""
        match message["method"]:
            case "server/discover":
                result = {
                    "resultType": "complete",
                    "supportedVersions": ["2026-07-28"],
                    "capabilities": {"tools": dict[str, Any]()},
                    "ttlMs": 1000,
                    "cacheScope": "private",
                }
                await answer(send, message["id"], result)
            case "tools/call":
                words = str(message["params"]["arguments"].get("text"))
                await answer(send, message["id"], {**text(words), "resultType": "complete"})
            case _:
                error = {
                    "code": -32022,
                    "message": "Unsupported protocol version",
                    "data": {"supported": ["2026-07-28"], "requested": "2025-11-25"},
                }
                await respond(
                    send, 400, encoded({"jsonrpc": "2.0", "id": message["id"], "error": error}), JSON
                )

    async def _list(self, send: Send, message: dict[str, Any]) -> None:
        page = int(message.get("params", {}).get("cursor", "0"))
        more = self.endless or page + 1 < self.pages
        tool = {"name": f"tool{page}", "description": "d", "inputSchema": {"type": "object"}}
        result: dict[str, Any] = {"tools": [tool]}
        if self.malformed:
            result["tools"].extend([{"name": "no_schema"}, {"inputSchema": {"type": "object"}}, 7])
        if more:
            result["nextCursor"] = str(page + 1)
        await answer(send, message["id"], result)

    async def _call(self, message: dict[str, Any], receive: Receive, send: Send) -> None:
        name, request_id = message["params"]["name"], message["id"]
        arguments: dict[str, Any] = message["params"].get("arguments", {})
        match name:
            case "echo":
                await answer(send, request_id, text(str(arguments.get("text", ""))))
            case "hang":
                self.hanging.set()
                while (await receive())["type"] != "http.disconnect":
                    continue
                self.disconnected.set()
            case "events" | "resumed":
                await self._events(request_id, send, "7", complete=name == "events")
            case "patient":
                await self._ask_first(request_id, send)
            case "broken":
                start = {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [JSON, (b"content-length", b"99")],
                }
                await send(start)
                await send({"type": "http.response.body", "body": b'{"jsonrpc"', "more_body": True})
                raise ConnectionError
            case "compressed":
                await respond(send, 200, b"\x1f\x8b", JSON, (b"content-encoding", b"gzip"))
            case _:
                await respond(send, 200, hostile_body(name, request_id), JSON)


def hostile_body(name: str, request_id: int) -> bytes:
    """Return the body that a tool of this name answers with; by default, that there is none."""
    match name:
        case "giant":
            return encoded({"jsonrpc": "2.0", "id": request_id, "result": text("x" * (6 * 1024 * 1024))})
        case "invalid":
            return b'{"jsonrpc": {{{'
        case "wrong_id":
            return encoded({"jsonrpc": "2.0", "id": 987654, "result": text("not yours")})
        case "huge_number":
            raw = b'{"jsonrpc":"2.0","id":%d,"result":{"content":[],"structuredContent":{"n":%s}}}'
            return raw % (request_id, b"9" * 400)
        case _:
            error = {"code": -32602, "message": f"unknown tool \x1b[31m{name}"}
            return encoded({"jsonrpc": "2.0", "id": request_id, "error": error})


@asynccontextmanager
async def serving(app: App, port: int | None = None) -> AsyncIterator[str]:
    """Serve `app` on 127.0.0.1; yields its base URL. The same port can be given again for a restart."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port or 0))
    listener.listen(128)
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # pyright: ignore[reportAttributeAccessIssue]
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        server.force_exit = True
        await task
        listener.close()


async def body_of(receive: Receive) -> bytes:
    """Read a whole request body."""
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if not event.get("more_body"):
            return body


async def respond(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send a whole response."""
    await send({"type": "http.response.start", "status": status, "headers": list(headers)})
    await send({"type": "http.response.body", "body": body})


async def answer(send: Send, request_id: int, result: dict[str, Any], *headers: tuple[bytes, bytes]) -> None:
    """Send a JSON-RPC result."""
    await respond(send, 200, encoded({"jsonrpc": "2.0", "id": request_id, "result": result}), JSON, *headers)


def text(words: str) -> dict[str, Any]:
    """Return a tool result of one text block."""
    return {"content": [{"type": "text", "text": words}]}


def encoded(value: object) -> bytes:
    """Return JSON bytes."""
    return json.dumps(value).encode()
