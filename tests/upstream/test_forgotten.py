"""Sessions that a server does not know any more, as after its restart: opened again, unseen by callers."""

import asyncio
from typing import Any

import pytest

from omni2.upstream.pool import SessionPool
from tests.support.mcp_servers.raw_http import RawHttp, serving
from tests.support.pools import call_tool
from tests.upstream.targets import over_http


def refusal(words: str, **more: Any) -> dict[str, Any]:
    """Return what servers of the TypeScript SDK say, with HTTP 400."""
    return {"jsonrpc": "2.0", "error": {"code": -32000, "message": words}, **more}


FORGOTTEN = (
    None,
    refusal("Bad Request: No valid session ID provided"),
    refusal("Bad Request: Server not initialized", id=None),
)


@pytest.mark.parametrize("unknown", FORGOTTEN, ids=("404", "400-no-id", "400-null-id"))
async def test_calls_and_lists_work_at_once_after_a_server_was_started_anew(
    pool: SessionPool, unknown: dict[str, Any] | None
) -> None:
    app = RawHttp(unknown=unknown)
    async with serving(app) as url:
        target = over_http(url)
        assert (await call_tool(pool, target, "echo", {"text": "a"})).text == "a"
        app.sessions.clear()
        assert (await call_tool(pool, target, "echo", {"text": "b"})).text == "b"
        app.sessions.clear()
        assert len((await pool.list_tools(target)).tools) == 1
        app.sessions.clear()
        outcomes = await asyncio.gather(*(call_tool(pool, target, "echo", {"text": "c"}) for _ in range(20)))
        await pool.aclose()
    assert {outcome.text for outcome in outcomes} == {"c"}


async def test_a_call_that_was_refused_by_its_number_is_not_made_again(pool: SessionPool) -> None:
    app = RawHttp(unknown=refusal("Your session is over.", id=1))
    async with serving(app) as url:
        target = over_http(url)
        await call_tool(pool, target, "echo", {"text": "a"})
        app.sessions.clear()
        outcome = await call_tool(pool, target, "echo", {"text": "b"})
        await pool.aclose()
    assert (outcome.status, outcome.error) == ("upstream_error", "Fixture refused: Your session is over.")
    assert app.methods["tools/call"] == 2
