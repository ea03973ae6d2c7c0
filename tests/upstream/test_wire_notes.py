"""Who calls a tool hears when the request is on the wire, and not before: from then on it is paid for."""

import asyncio

import pytest

from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import ServerTarget
from tests.support.mcp_servers.raw_http import RawHttp, serving
from tests.support.pools import call_tool
from tests.upstream.targets import over_http, over_stdio


async def called(pool: SessionPool, target: ServerTarget, tool: str = "echo") -> tuple[str, list[str]]:
    """Call a tool; return the status and what was heard of the wire."""
    heard: list[str] = []
    outcome = await call_tool(pool, target, tool, {"text": "x"}, on_wire=heard.append)
    return outcome.status, heard


@pytest.mark.parametrize("modern", [False, True], ids=["with sessions", "newest revision"])
async def test_a_call_over_http_is_on_the_wire_once(pool: SessionPool, *, modern: bool) -> None:
    app = RawHttp(modern_only=modern)
    async with serving(app) as url:
        assert await called(pool, over_http(url)) == ("ok", ["sent"])
        assert await called(pool, over_http(url)) == ("ok", ["sent"])
        await pool.aclose()


async def test_a_call_over_stdio_is_on_the_wire_once(pool: SessionPool) -> None:
    assert await called(pool, over_stdio()) == ("ok", ["sent"])
    assert await called(pool, over_stdio(), "fail") == ("tool_error", ["sent"])


async def test_a_call_that_finds_no_place_is_never_on_the_wire(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        target = over_http(url, concurrency=1)
        stuck = asyncio.create_task(call_tool(pool, target, "hang", {}))
        await app.hanging.wait()
        heard: list[str] = []
        outcome = await call_tool(pool, target, "echo", {}, timeout_ms=100, on_wire=heard.append)
        stuck.cancel()
        await asyncio.wait({stuck})
        await pool.aclose()
    assert (outcome.status, heard) == ("timeout", [])


async def test_a_call_that_is_cancelled_on_its_way_is_on_the_wire_exactly_when_the_server_sees_it(
    pool: SessionPool,
) -> None:
    app = RawHttp()
    async with serving(app) as url:
        target = over_http(url)
        await call_tool(pool, target, "echo", {})
        before = app.methods["tools/call"]
        all_heard: list[str] = []
        for passes in range(40):
            task = asyncio.create_task(call_tool(pool, target, "hang", {}, on_wire=all_heard.append))
            for _ in range(passes):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait({task})
        await call_tool(pool, target, "echo", {}, on_wire=all_heard.append)
        await pool.aclose()
    assert 1 < len(all_heard) < 41
    assert all_heard == ["sent"] * (app.methods["tools/call"] - before)


async def test_what_a_server_provably_did_not_act_on_is_taken_back(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        await called(pool, over_http(url))
        app.sessions.clear()
        assert await called(pool, over_http(url)) == ("ok", ["sent", "ignored", "sent"])
        await pool.aclose()


async def test_a_server_that_is_not_there_was_sent_nothing(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        await called(pool, over_http(url))
    status, heard = await called(pool, over_http(url))
    assert status == "upstream_error"
    assert "sent" not in heard[-1:]
