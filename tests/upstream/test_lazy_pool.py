"""The pool that loads the real one when it is first needed does as the real one does."""

import pytest

from omni2.kernel.errors import Problem
from omni2.upstream.lazy_pool import LazyPool
from omni2.upstream.ports import ServerTarget
from tests.support.mcp_servers.raw_http import RawHttp, serving
from tests.support.pools import call_tool


def target(url: str) -> ServerTarget:
    return ServerTarget(
        "s1", "shop", "Shop", "http", url, (), (), (), 10_000, 4, 1, allow_private=True, builtin=False
    )


async def test_it_lists_and_calls_over_one_session_and_refuses_once_closed() -> None:
    pool = LazyPool(stdio_commands=frozenset(), on_tools_changed=lambda server_id: None)
    server = RawHttp()
    async with serving(server) as url:
        names = [tool.name for tool in (await pool.list_tools(target(url))).tools]
        assert names == ["tool0"]
        outcome = await call_tool(pool, target(url), "echo", {"text": "tea"})
        assert (outcome.status, "tea" in outcome.text) == ("ok", True)
        await pool.drop("s1")
        assert pool.stderr_tail("s1") == ""
        await pool.aclose()
        with pytest.raises(Problem, match="stopping"):
            await pool.list_tools(target(url))


async def test_a_pool_that_was_never_needed_closes_and_stays_closed() -> None:
    pool = LazyPool(stdio_commands=frozenset(), on_tools_changed=lambda server_id: None)
    await pool.aclose()
    with pytest.raises(Problem, match="stopping"):
        await pool.probe(target("http://127.0.0.1:9/mcp"))
