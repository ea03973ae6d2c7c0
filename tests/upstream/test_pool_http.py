"""Kept sessions over real HTTP: reuse, restarts, hangs, hostile answers, cancellation."""

import asyncio
from urllib.parse import urlsplit

import pytest
from mcp.server.mcpserver import MCPServer

from omni2.kernel.errors import Problem
from omni2.upstream.pool import SessionPool
from tests.support.mcp_servers.raw_http import RawHttp, Receive, Scope, Send, respond, serving
from tests.support.pools import call_tool
from tests.upstream.targets import over_http

SECRET = "planted-token"


async def test_many_calls_at_once_share_one_session(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        target = over_http(url)
        calls = [call_tool(pool, target, "echo", {"text": str(number)}) for number in range(50)]
        outcomes = await asyncio.gather(*calls)
        await pool.aclose()
    assert [outcome.text for outcome in outcomes] == [str(number) for number in range(50)]
    assert app.methods["initialize"] == 1
    assert app.methods["tools/call"] == 50
    assert "tools/list" not in app.methods


async def test_the_first_call_after_a_restart_of_the_server_works_by_itself(pool: SessionPool) -> None:
    before, after = RawHttp(), RawHttp()
    async with serving(before) as url:
        target = over_http(url)
        assert (await call_tool(pool, target, "echo", {"text": "a"})).status == "ok"
    down = await call_tool(pool, target, "echo", {"text": "b"})
    assert (down.status, down.error) == (
        "upstream_error",
        "Fixture is not reachable. Is it running, and is the URL right?",
    )
    async with serving(after, urlsplit(url).port):
        assert (await call_tool(pool, target, "echo", {"text": "c"})).text == "c"
        await pool.aclose()
    assert after.methods["initialize"] == 1


async def test_a_session_that_the_server_forgot_is_opened_anew_and_the_call_runs_once(
    pool: SessionPool,
) -> None:
    app = RawHttp()
    async with serving(app) as url:
        target = over_http(url)
        await call_tool(pool, target, "echo", {"text": "a"})
        app.sessions.clear()
        assert (await call_tool(pool, target, "echo", {"text": "b"})).text == "b"
        await pool.aclose()
    assert app.methods["initialize"] == 2
    assert app.methods["tools/call"] == 3


async def test_a_hung_server_times_its_caller_out_and_is_told(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        await call_tool(pool, over_http(url), "echo", {})
        outcome = await call_tool(pool, over_http(url), "hang", {}, timeout_ms=300)
        assert outcome.status == "timeout"
        await asyncio.wait_for(app.cancelled.wait(), 5)
        await asyncio.wait_for(app.disconnected.wait(), 8)
        await pool.aclose()


async def test_a_hung_call_delays_neither_other_calls_nor_other_servers(pool: SessionPool) -> None:
    hung, healthy = RawHttp(), RawHttp()
    async with serving(hung) as url, serving(healthy) as other_url:
        stuck = asyncio.create_task(call_tool(pool, over_http(url), "hang", {}))
        await hung.hanging.wait()
        same = await call_tool(pool, over_http(url), "echo", {"text": "same"})
        other = await call_tool(pool, over_http(other_url, server_id="s2"), "echo", {"text": "other"})
        assert not stuck.done()
        stuck.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stuck
        await pool.aclose()
    assert (same.text, other.text) == ("same", "other")


async def test_a_cancelled_caller_notifies_the_server_before_it_is_gone(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        task = asyncio.create_task(call_tool(pool, over_http(url), "hang", {}))
        await app.hanging.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(app.cancelled.wait(), 5)
        await pool.aclose()
    assert app.methods["notifications/cancelled"] == 1


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("giant", "more than 4 MiB"),
        ("invalid", "not a JSON-RPC message"),
        ("broken", "broke off"),
        ("compressed", "compressed"),
        ("huge_number", "not a JSON-RPC message"),
        ("no_such_tool", "unknown tool"),
    ],
)
async def test_a_hostile_answer_is_an_upstream_error_and_the_session_lives_on(
    pool: SessionPool, tool: str, words: str
) -> None:
    app = RawHttp()
    async with serving(app) as url:
        outcome = await call_tool(pool, over_http(url), tool, {})
        again = await call_tool(pool, over_http(url), "echo", {"text": "fine"})
        await pool.aclose()
    assert outcome.status == "upstream_error"
    assert words in (outcome.error or "")
    assert "\x1b" not in (outcome.error or "")
    assert again.text == "fine"
    assert app.methods["initialize"] == 1


async def test_an_answer_with_a_wrong_id_is_never_taken_for_ours(pool: SessionPool) -> None:
    async with serving(RawHttp()) as url:
        outcome = await call_tool(pool, over_http(url), "wrong_id", {})
        await pool.aclose()
    assert outcome.status == "upstream_error"
    assert "another request" in (outcome.error or "")


async def test_a_server_that_is_full_makes_its_callers_wait_no_longer_than_their_timeout(
    pool: SessionPool,
) -> None:
    app = RawHttp()
    async with serving(app) as url:
        target = over_http(url, concurrency=1)
        stuck = asyncio.create_task(call_tool(pool, target, "hang", {}))
        await app.hanging.wait()
        waiting = await call_tool(pool, target, "echo", {}, timeout_ms=200)
        stuck.cancel()
        await asyncio.wait({stuck})
        assert (await call_tool(pool, target, "echo", {"text": "free"})).text == "free"
        await pool.aclose()
    assert waiting.status == "timeout"
    assert "busy" in (waiting.error or "")


async def test_wrong_credentials_are_named_and_nothing_of_the_answer_leaks(pool: SessionPool) -> None:
    app = RawHttp(token="right")
    async with serving(app) as url:
        wrong = over_http(url, headers=(("authorization", f"Bearer {SECRET}"),))
        with pytest.raises(Problem) as caught:
            await pool.list_tools(wrong)
        called = await call_tool(pool, wrong, "echo", {})
        right = over_http(url, headers=(("authorization", "Bearer right"),))
        assert (await call_tool(pool, right, "echo", {"text": "in"})).text == "in"
        await pool.aclose()
    assert caught.value.code == "server_auth_failed"
    assert called.status == "upstream_error"
    assert SECRET not in repr(wrong)
    for words in (str(caught.value), str(called)):
        assert SECRET not in words
        assert "secret-body" not in words


async def test_callers_with_different_credentials_never_share_a_session(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        for token in ("a", "b", "a"):
            target = over_http(url, headers=(("authorization", f"Bearer {token}"),))
            await call_tool(pool, target, "echo", {})
        await pool.aclose()
    assert app.methods["initialize"] == 2


async def test_a_new_version_closes_the_sessions_of_the_old_one(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        stuck = asyncio.create_task(call_tool(pool, over_http(url), "hang", {}))
        await app.hanging.wait()
        assert (await call_tool(pool, over_http(url, version=2), "echo", {"text": "new"})).text == "new"
        outcome = await asyncio.wait_for(stuck, 5)
        await pool.aclose()
    assert outcome.status == "upstream_error"
    assert app.methods["initialize"] == 2


async def test_dropping_a_server_ends_its_calls(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        stuck = asyncio.create_task(call_tool(pool, over_http(url), "hang", {}))
        await app.hanging.wait()
        await pool.drop("s1")
        outcome = await asyncio.wait_for(stuck, 5)
    assert outcome.status == "upstream_error"


async def test_all_pages_of_a_tool_list_are_read(pool: SessionPool) -> None:
    async with serving(RawHttp(pages=4)) as url:
        catalogue = await pool.list_tools(over_http(url))
        await pool.aclose()
    assert [tool.name for tool in catalogue.tools] == ["tool0", "tool1", "tool2", "tool3"]
    assert (catalogue.server_name, catalogue.server_version) == ("raw-http", "2")
    assert catalogue.revision == "2025-06-18"


async def test_a_tool_list_without_end_is_refused(pool: SessionPool) -> None:
    async with serving(RawHttp(endless=True)) as url:
        with pytest.raises(Problem) as caught:
            await pool.list_tools(over_http(url))
        await pool.aclose()
    assert caught.value.code == "server_invalid"


async def test_a_closed_pool_opens_nothing_more(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        await pool.aclose()
        outcome = await call_tool(pool, over_http(url), "echo", {})
    assert outcome.status == "upstream_error"
    assert app.methods == {}


async def test_a_probe_leaves_no_session_behind(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        await pool.probe(over_http(url))
        await pool.probe(over_http(url))
        await pool.aclose()
    assert app.methods["initialize"] == 2


async def _page(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await respond(send, 200, b"<html>hello</html>", (b"content-type", b"text/html"))


async def _missing(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await respond(send, 404, b"nothing here")


async def _other_json(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await respond(send, 200, b'{"hello": 1}', (b"content-type", b"application/json"))


@pytest.mark.parametrize("app", [_page, _missing, _other_json])
async def test_an_address_that_is_not_mcp_says_so(pool: SessionPool, app: object) -> None:
    async with serving(app) as url:  # pyright: ignore[reportArgumentType]
        with pytest.raises(Problem) as caught:
            await pool.probe(over_http(url))
    assert caught.value.code == "server_not_mcp"


async def test_a_server_that_never_answers_fails_the_probe_in_its_bounded_time(pool: SessionPool) -> None:
    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            continue

    async with serving(silent) as url:
        with pytest.raises(Problem) as caught:
            await pool.probe(over_http(url, timeout_ms=300))
        await pool.aclose()
    assert caught.value.code == "server_timeout"


async def test_a_redirect_to_elsewhere_is_not_followed(pool: SessionPool) -> None:
    elsewhere = RawHttp()
    async with serving(elsewhere) as target_url, serving(RawHttp(redirect_to=f"{target_url}/mcp")) as url:
        with pytest.raises(Problem) as caught:
            await pool.probe(over_http(url))
    assert caught.value.code == "server_refused"
    assert elsewhere.methods == {}


async def test_a_private_address_is_refused_at_connect_too(pool: SessionPool) -> None:
    async with serving(RawHttp()) as url:
        outcome = await call_tool(pool, over_http(url, allow_private=False), "echo", {})
    assert outcome.status == "upstream_error"
    assert "private address" in (outcome.error or "")


async def test_cancelling_everybody_while_connecting_leaves_no_task(pool: SessionPool) -> None:
    arrived = asyncio.Event()

    async def silent(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.set()
        while (await receive())["type"] != "http.disconnect":
            continue

    async with serving(silent) as url:
        callers = [asyncio.create_task(call_tool(pool, over_http(url), "echo", {})) for _ in range(5)]
        await arrived.wait()
        for caller in callers:
            caller.cancel()
        results = await asyncio.gather(*callers, return_exceptions=True)
        await pool.aclose()
        left = [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("mcp-session")]
    assert all(isinstance(result, asyncio.CancelledError) for result in results)
    assert left == []


async def test_a_server_that_speaks_only_the_newest_revision_is_spoken_to(pool: SessionPool) -> None:
    app = RawHttp(modern_only=True)
    async with serving(app) as url:
        outcomes = [await call_tool(pool, over_http(url), "echo", {"text": "new"}) for _ in range(3)]
        await pool.aclose()
    assert [outcome.text for outcome in outcomes] == ["new"] * 3
    assert app.methods["server/discover"] == 1


async def test_malformed_tools_do_not_hide_the_others(pool: SessionPool) -> None:
    async with serving(RawHttp(pages=2, malformed=True)) as url:
        catalogue = await pool.list_tools(over_http(url))
        await pool.aclose()
    assert [tool.name for tool in catalogue.tools] == ["tool0", "tool1"]


@pytest.mark.parametrize("stateless", [False, True])
async def test_a_server_of_the_official_sdk_is_understood_as_a_stream_of_events(
    pool: SessionPool, *, stateless: bool
) -> None:
    server = MCPServer("official")

    @server.tool()
    async def count(to: int) -> list[int]:  # pyright: ignore[reportUnusedFunction]
        return list(range(to))

    app = server.streamable_http_app(stateless_http=stateless)
    async with app.router.lifespan_context(app), serving(app) as url:
        catalogue = await pool.list_tools(over_http(url))
        outcome = await call_tool(pool, over_http(url), "count", {"to": 3})
        wrong = await call_tool(pool, over_http(url), "count", {"to": "many"})
        await pool.aclose()
    assert [tool.name for tool in catalogue.tools] == ["count"]
    assert outcome.structured == {"result": [0, 1, 2]}
    assert wrong.status == "tool_error"


@pytest.mark.parametrize("tool", ["events", "resumed"])
async def test_an_answer_in_events_is_read_and_a_broken_one_resumed(tool: str) -> None:
    changed: list[str] = []
    pool = SessionPool(stdio_commands=frozenset(), on_tools_changed=changed.append)
    app = RawHttp()
    async with serving(app) as url:
        outcome = await call_tool(pool, over_http(url), tool, {})
        await asyncio.wait_for(app.declined.wait(), 5)
        await pool.aclose()
    assert outcome.text == "from a stream"
    assert "s1" in changed
    assert app.methods["tools/call"] == 1


async def test_a_redirect_within_the_server_is_followed(pool: SessionPool) -> None:
    inner = RawHttp()

    async def with_slash(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/mcp":
            await respond(send, 307, b"", (b"location", b"/mcp/"))
        else:
            await inner(scope, receive, send)

    async with serving(with_slash) as url:
        outcome = await call_tool(pool, over_http(url), "echo", {"text": "inside"})
        await pool.aclose()
    assert outcome.text == "inside"
