"""What a server says beside an error: handed on as far as it is small, and without our credentials."""

from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import JsonValue

from omni2.upstream.pool import SessionPool
from omni2.upstream.verdict import MAX_DATA_BYTES
from tests.support.mcp_servers.raw_http import JSON, RawHttp, Receive, Send, encoded, respond, serving
from tests.support.pools import call_tool
from tests.upstream.targets import over_http

SECRET = "planted-token"


@dataclass
class Explaining(RawHttp):
    """Answers every call with an error that has `data`."""

    data: JsonValue = None

    async def _call(self, message: dict[str, Any], receive: Receive, send: Send) -> None:
        error = {"code": -32602, "message": "not so", "data": self.data}
        await respond(send, 200, encoded({"jsonrpc": "2.0", "id": message["id"], "error": error}), JSON)


DATA: dict[str, tuple[JsonValue, JsonValue]] = {
    "an object": ({"field": "size", "allowed": [1, 2]}, {"field": "size", "allowed": [1, 2]}),
    "words": ("size is too large", "size is too large"),
    "nothing": (None, None),
    "our credentials": ({"seen": f"Bearer {SECRET}"}, {"seen": "[redacted]"}),
    "a book": ({"text": "x" * MAX_DATA_BYTES}, None),
}


@pytest.mark.parametrize("kind", DATA)
async def test_the_data_of_an_error_is_handed_on(pool: SessionPool, kind: str) -> None:
    given, expected = DATA[kind]
    async with serving(Explaining(data=given)) as url:
        target = over_http(url, headers=(("authorization", f"Bearer {SECRET}"),))
        outcome = await call_tool(pool, target, "any", {})
        await pool.aclose()
    assert (outcome.code, outcome.data) == (-32602, expected)
    assert outcome.error == "Fixture refused: not so"
