"""Clients of `/mcp`: the official one in both eras, and a bare one for what no client should send."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import httpx2
import orjson
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from tests.support.app import Person
from tests.support.clients import NO_TLS
from tests.support.house import House

Era = Literal["legacy", "2026-07-28"]
MODERN = "2026-07-28"
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
ENVELOPE: Mapping[str, Any] = {
    VERSION_KEY: MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "raw", "version": "7"},
}
NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


@asynccontextmanager
async def mcp_client(
    house: House, person: Person, mode: str = "legacy", slug: str = "", **options: Any
) -> AsyncIterator[Client]:
    """Open the official client at `/mcp` or `/mcp/{slug}`, as a person."""
    headers = {"Authorization": f"Bearer {person.token}"}
    url = f"{house.served.url}/mcp{'/' + slug if slug else ''}"
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=30, verify=NO_TLS))
        transport = streamable_http_client(url, http_client=http)
        yield await stack.enter_async_context(Client(transport, mode=mode, **options))


@dataclass
class Raw:
    """Speaks to `/mcp` by hand. `headers` go with every request."""

    http: httpx.AsyncClient
    path: str = "/mcp"
    headers: dict[str, str] = field(default_factory=dict[str, str])

    async def post(self, body: Any, **headers: str | None) -> httpx.Response:
        """Post a message, or bytes as they are; a header of None is left out."""
        content = body if isinstance(body, bytes) else orjson.dumps(body)
        return await self.http.post(self.path, content=content, headers=self._with(headers))

    async def call(
        self, method: str, params: Any = None, message_id: Any = 1, **headers: str | None
    ) -> httpx.Response:
        """Post a request."""
        body = {"jsonrpc": "2.0", "id": message_id, "method": method}
        return await self.post(body if params is None else {**body, "params": params}, **headers)

    async def modern(
        self, method: str, params: Mapping[str, Any] | None = None, **headers: str | None
    ) -> httpx.Response:
        """Post a request of the newest revision, with the headers that it must have."""
        given = dict(params or {})
        whole = {**given, "_meta": {**ENVELOPE, **given.get("_meta", {})}}
        routed: dict[str, str | None] = {"MCP-Protocol-Version": MODERN, "Mcp-Method": method}
        if method in NAMED and isinstance(name := given.get(NAMED[method]), str):
            routed["Mcp-Name"] = name
        return await self.call(method, whole, **{**routed, **headers})

    async def initialize(self, revision: str = "2025-11-25", **capabilities: Any) -> httpx.Response:
        """Open a session and go on within it."""
        params = {
            "protocolVersion": revision,
            "capabilities": capabilities,
            "clientInfo": {"name": "raw", "version": "7"},
        }
        answer = await self.call("initialize", params)
        if "mcp-session-id" in answer.headers:
            self.headers["Mcp-Session-Id"] = answer.headers["mcp-session-id"]
            self.headers["MCP-Protocol-Version"] = answer.json()["result"]["protocolVersion"]
            await self.post({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    def _with(self, more: Mapping[str, str | None]) -> dict[str, str]:
        usual = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        whole: dict[str, str | None] = {**usual, **self.headers, **more}
        return {name: value for name, value in whole.items() if value is not None}


@asynccontextmanager
async def raw_client(house: House, person: Person | None, slug: str = "") -> AsyncIterator[Raw]:
    """Open a bare client, as a person or as nobody."""
    headers = {"Authorization": f"Bearer {person.token}"} if person else {}
    async with httpx.AsyncClient(base_url=house.served.url, timeout=20, verify=NO_TLS) as http:
        yield Raw(http, f"/mcp/{slug}" if slug else "/mcp", headers)


def error_of(answer: httpx.Response) -> tuple[int, int]:
    """Return the HTTP status and the JSON-RPC code of an error."""
    return answer.status_code, int(answer.json()["error"]["code"])
