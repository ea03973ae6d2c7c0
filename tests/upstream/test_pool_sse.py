"""The transport before Streamable HTTP, with a real server of the official SDK."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from mcp.server.sse import SseServerTransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from omni2.kernel.errors import Problem
from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import ServerTarget, UpstreamCall
from tests.support.mcp_servers.bazaar import NAMES, Bazaar, server_of
from tests.support.mcp_servers.raw_http import App, serving
from tests.upstream.targets import over_http
from tests.upstream.test_bazaar import Link, tool

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")


def sse_app(bazaar: Bazaar, streams_open: list[asyncio.Task[object]]) -> App:
    """Return a bazaar that is reached the old way, and that notes who serves its streams."""
    transport, server = SseServerTransport("/messages/"), server_of(bazaar)

    async def connect(request: Request) -> Response:
        task = asyncio.current_task()
        assert task is not None
        streams_open.append(task)
        async with transport.connect_sse(request.scope, request.receive, request._send) as streams:  # pyright: ignore[reportPrivateUsage]
            await server.run(streams[0], streams[1], server.create_initialization_options())
        return Response()

    routes = [Route("/sse", connect), Mount("/messages/", app=transport.handle_post_message)]
    return Starlette(routes=routes)  # pyright: ignore[reportReturnType]


def old(url: str) -> ServerTarget:
    """Return the target of a server whose stream is at `url`."""
    return replace(over_http(url, timeout_ms=60_000), transport="sse", url=url)


@asynccontextmanager
async def serving_sse(bazaar: Bazaar, port: int | None = None) -> AsyncIterator[ServerTarget]:
    streams_open: list[asyncio.Task[object]] = []
    async with serving(sse_app(bazaar, streams_open), port) as url:
        yield old(f"{url}/sse")
        for task in streams_open:  # a process that ends takes its streams along
            task.cancel()


async def test_tools_are_listed_and_called_over_the_old_transport(pool: SessionPool) -> None:
    async with serving_sse(Bazaar()) as target:
        catalogue = await pool.list_tools(target)
        link = Link()
        counted = await pool.request(target, tool("count"), link)
        sampled = await pool.request(target, tool("sample"), link)
        odd = UpstreamCall("prompts/get", {"name": "visit", "arguments": {"city": 7}})
        wrong = await pool.request(target, odd)
        await pool.aclose()
    assert tuple(found.name for found in catalogue.tools) == NAMES
    assert counted.structured == {"n": 3}
    assert [report["progress"] for report in link.reports] == [1, 2, 3]
    assert sampled.text == "hello"
    assert (wrong.status, wrong.code) == ("upstream_error", -32602)


@pytest.mark.cuts
async def test_when_the_old_transport_ends_its_calls_fail_and_the_next_one_works(pool: SessionPool) -> None:
    bazaar = Bazaar()
    async with serving_sse(bazaar) as target:
        assert (await pool.request(target, tool("echo", text="a"))).text == "a"
        stuck = asyncio.create_task(pool.request(target, tool("wait")))
        await asyncio.wait_for(bazaar.waiting.wait(), 10)
        port = int((target.url or "").split(":")[2].split("/")[0])
    assert (await asyncio.wait_for(stuck, 30)).status == "upstream_error"
    async with serving_sse(Bazaar(), port) as target:
        assert (await pool.request(target, tool("echo", text="b"))).text == "b"
        await pool.aclose()


async def test_what_is_no_server_of_the_old_transport_says_so(pool: SessionPool) -> None:
    async with serving_sse(Bazaar()) as target:
        with pytest.raises(Problem) as caught:
            await pool.probe(old(f"{target.url}/nowhere"))
        await pool.aclose()
    assert caught.value.code == "server_not_mcp"
