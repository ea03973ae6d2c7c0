"""Holding streams of `/mcp` open, and what is heard on them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.support.mcp_client import MODERN, Raw


@dataclass
class Heard:
    """What came on a stream, and whether it is over."""

    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    over: bool = False

    def methods(self) -> list[str]:
        """Return the methods, in order."""
        return [str(message.get("method")) for message in self.messages]


@asynccontextmanager
async def hearing(client: Raw, verb: str = "GET", body: Any = None, **headers: str) -> AsyncIterator[Heard]:
    """Hold a stream open for as long as the context lasts."""
    heard = Heard()
    opened = asyncio.Event()

    async def read() -> None:
        accept = "text/event-stream" if verb == "GET" else "application/json, text/event-stream"
        whole = {**client.headers, **headers, "Accept": accept}
        async with client.http.stream(verb, client.path, headers=whole, json=body, timeout=60) as response:
            assert response.status_code == 200, await response.aread()
            opened.set()
            async for line in response.aiter_lines():
                if line.startswith("data:"):
                    heard.messages.append(orjson.loads(line[5:]))
        heard.over = True

    reading = asyncio.create_task(read())
    waiting = asyncio.create_task(opened.wait())
    await asyncio.wait({reading, waiting}, return_when=asyncio.FIRST_COMPLETED)
    try:
        yield heard
    finally:
        for task in (reading, waiting):
            task.cancel()
        await asyncio.wait({reading, waiting})


def listening(wished: dict[str, Any]) -> dict[str, Any]:
    """Return a request to listen."""
    meta: dict[str, Any] = {
        "io.modelcontextprotocol/protocolVersion": MODERN,
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"notifications": wished, "_meta": meta}
    return {"jsonrpc": "2.0", "id": "listen-1", "method": "subscriptions/listen", "params": params}


LISTEN = {"MCP-Protocol-Version": MODERN, "Mcp-Method": "subscriptions/listen"}
