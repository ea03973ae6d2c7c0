"""An MCP server over real HTTP whose tools change on request."""

from dataclasses import dataclass, field
from typing import Any

from tests.support.mcp_servers.raw_http import RawHttp, Send, answer


@dataclass
class Shelf(RawHttp):
    """Lists `tools`: descriptions by name."""

    tools: dict[str, str] = field(
        default_factory=lambda: {"get_book": "Find a book.", "burn_book": "Burn it."}
    )

    async def _list(self, send: Send, message: dict[str, Any]) -> None:
        tools = [
            {"name": name, "description": words, "inputSchema": {"type": "object"}}
            for name, words in self.tools.items()
        ]
        await answer(send, message["id"], {"tools": tools})
