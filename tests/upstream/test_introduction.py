"""The end of the handshake over HTTP: nothing is asked before the server heard that it is over."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from omni2.upstream.pool import SessionPool
from tests.support.mcp_servers.raw_http import RawHttp, Receive, Send, answer, serving
from tests.upstream.targets import over_http

SLOW_S = 0.3


@dataclass
class Shy(RawHttp):
    """Has more tools once it was introduced, for which it takes a while, as servers do that look who asks."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    introduced: bool = False

    async def _post(self, body: bytes, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        if json.loads(body).get("method") == "notifications/initialized":
            with suppress(TimeoutError):
                await asyncio.wait_for(self.asked.wait(), SLOW_S)
            self.introduced = True
        await super()._post(body, headers, receive, send)

    async def _list(self, send: Send, message: dict[str, Any]) -> None:
        self.asked.set()
        names = ("echo", "ask_back") if self.introduced else ("echo",)
        schema = {"type": "object"}
        tools = [{"name": name, "inputSchema": schema} for name in names]
        await answer(send, message["id"], {"tools": tools})


async def test_tools_that_a_server_offers_once_it_was_introduced_are_listed(pool: SessionPool) -> None:
    async with serving(Shy()) as url:
        probed = await pool.probe(over_http(url))
    async with serving(Shy()) as url:
        listed = await pool.list_tools(over_http(url))
        await pool.aclose()
    assert [tool.name for tool in probed.tools] == ["echo", "ask_back"]
    assert [tool.name for tool in listed.tools] == ["echo", "ask_back"]
