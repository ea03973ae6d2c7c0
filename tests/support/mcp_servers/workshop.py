"""An MCP server over real HTTP that notes every call and waits at gates that a test opens."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.mcp_servers.raw_http import JSON, RawHttp, Receive, Send, answer, encoded, respond, text

QUESTION: dict[str, Any] = {
    "resultType": "input_required",
    "inputRequests": {"name": {"method": "elicitation/create", "params": {"message": "Who?"}}},
    "requestState": "waits",
}


@dataclass
class Stop:
    """Where a call waits: `reached` when the call came, `opened` by the test."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Workshop(RawHttp):
    """`echo` answers, `hold` waits at the gate, `fail` is a tool error. `on_call` runs before any answer.

    With `asks`, `hold` asks its caller for something first; `fault` is a JSON-RPC error for every call.
    """

    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    seen_headers: list[dict[str, str]] = field(default_factory=list)
    gate: Stop = field(default_factory=Stop)
    on_call: Callable[[str, dict[str, Any]], Awaitable[None]] | None = None
    asks: bool = False
    fault: dict[str, Any] | None = None
    tools: tuple[str, ...] = ("echo", "hold", "fail", "secret_echo")

    def named(self, tool: str) -> list[dict[str, Any]]:
        """Return the arguments of every call of a tool that arrived."""
        return [arguments for name, arguments in self.calls if name == tool]

    async def _list(self, send: Send, message: dict[str, Any]) -> None:
        schema = {"type": "object", "properties": {"text": {"type": "string"}}}
        tools = [{"name": name, "description": f"{name}.", "inputSchema": schema} for name in self.tools]
        await answer(send, message["id"], {"tools": tools})

    async def _call(self, message: dict[str, Any], receive: Receive, send: Send) -> None:
        name: str = message["params"]["name"]
        arguments: dict[str, Any] = message["params"].get("arguments", {})
        self.calls.append((name, arguments))
        if self.on_call is not None:
            await self.on_call(name, arguments)
        if self.fault is not None:
            refused = {"jsonrpc": "2.0", "id": message["id"], "error": self.fault}
            await respond(send, 200, encoded(refused), JSON)
            return
        match name:
            case "hold" if self.asks and "inputResponses" not in message["params"]:
                await answer(send, message["id"], QUESTION)
            case "hold":
                self.gate.reached.set()
                await self._wait(receive)
                await answer(send, message["id"], text("held"))
            case "fail":
                result = {**text("It does not work."), "isError": True}
                await answer(send, message["id"], result)
            case _:
                await answer(send, message["id"], text(f"echo: {arguments.get('text', '')}"))

    async def _wait(self, receive: Receive) -> None:
        """Wait for the gate, or until the caller is gone."""
        opened = asyncio.ensure_future(self.gate.opened.wait())
        gone = asyncio.ensure_future(_disconnect(receive))
        await asyncio.wait((opened, gone), return_when=asyncio.FIRST_COMPLETED)
        if gone.done() and not opened.done():
            self.disconnected.set()
        for task in (opened, gone):
            task.cancel()
        await asyncio.gather(opened, gone, return_exceptions=True)


async def _disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
