"""An MCP server that writes down every byte that reaches it, and describes its tools as a test wants."""

from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.mcp_servers.raw_http import App, Receive, Scope, Send, answer
from tests.support.mcp_servers.workshop import Workshop


@dataclass
class Recording:
    """An app in front of another one. `seen` holds the line, the headers and the body of each request."""

    inner: App
    seen: list[bytes] = field(default_factory=list[bytes])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write a request down and hand it on."""
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        line = f"{scope['method']} {scope['raw_path']!r} {scope['query_string']!r}".encode()
        self.seen.append(line + b"\n" + b"\n".join(b"%s: %s" % pair for pair in scope["headers"]))

        async def heard() -> MutableMapping[str, Any]:
            message = await receive()
            self.seen.append(message.get("body", b""))
            return message

        await self.inner(scope, heard, send)


@dataclass
class Catalogued(Workshop):
    """Lists `definitions`, whole tools."""

    definitions: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    async def _list(self, send: Send, message: dict[str, Any]) -> None:
        await answer(send, message["id"], {"tools": self.definitions})
