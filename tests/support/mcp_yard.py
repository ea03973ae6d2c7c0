"""A house with a second server, `yard`, by the official SDK: prompts, resources, tools that ask back."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn

from tests.conformance.fixture import app
from tests.support.app import grant
from tests.support.house import House, open_house
from tests.support.mcp_servers.raw_http import App, Receive, Scope, Send, body_of, encoded, respond

YARD = "yard"
YARD_RULE = "the yard for all"


@asynccontextmanager
async def open_yard(
    database_url: str, data: Path, *, newest: bool = False, deny: tuple[str, ...] = (), **changed: Any
) -> AsyncIterator[House]:
    """Open it. `newest`: the server speaks 2026-07-28 alone, else what came before alone."""
    async with open_house(database_url, data, **changed) as house, serving_sdk(app(), newest=newest) as url:
        await add_server(house, YARD, url)
        await grant(house.served.database, YARD, ["*", "prompt:*", "resource:*"], deny, YARD_RULE)
        await house.served.process.mirror.refresh()
        yield house


async def add_server(house: House, slug: str, url: str) -> str:
    """Add a server as an admin does; return its id."""
    body = {"slug": slug, "title": slug.title(), "transport": "http", "url": f"{url}/mcp"}
    async with house.served.client(house.boss) as client:
        answer = await client.post("/api/servers", json={**body, "allow_private": True})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["server_id"])


@asynccontextmanager
async def serving_sdk(inner: App, *, newest: bool = False) -> AsyncIterator[str]:
    """Serve an app of the SDK; yields its base URL."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        OneEra(inner, newest=newest), log_level="critical", lifespan="on", timeout_graceful_shutdown=0
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        await task
        listener.close()


class OneEra:
    """Refuses the handshake of the older revisions, or the question that the newest begins with."""

    def __init__(self, inner: App, *, newest: bool) -> None:
        self._inner = inner
        self._newest = newest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "POST":
            await self._inner(scope, receive, send)
            return
        body = await body_of(receive)
        refused = self._refusal(json.loads(body))
        if refused is not None:
            await respond(send, 400, encoded(refused), (b"content-type", b"application/json"))
            return
        pending = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Any:
            return pending.pop() if pending else await receive()

        await self._inner(scope, again, send)

    def _refusal(self, message: dict[str, Any]) -> dict[str, Any] | None:
        match message.get("method"):
            case "initialize" if self._newest:
                data = {"supported": ["2026-07-28"], "requested": message["params"]["protocolVersion"]}
                error = {"code": -32022, "message": "Unsupported protocol version", "data": data}
            case "server/discover" if not self._newest:
                error = {"code": -32600, "message": "Bad Request: Missing session ID"}
            case _:
                return None
        return {"jsonrpc": "2.0", "id": message["id"], "error": error}
