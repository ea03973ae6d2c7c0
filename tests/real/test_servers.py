"""Real MCP servers behind omni2: what they have is listed and works, by every transport that they have."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent, TextResourceContents

from tests.real.known import KNOWN, Known
from tests.real.world import World
from tests.support.clients import NO_TLS

pytestmark = [pytest.mark.slow]


@asynccontextmanager
async def connected(world: World, slug: str) -> AsyncIterator[Client]:
    """Open the official client at the endpoint of one server."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(
            httpx2.AsyncClient(headers=world.headers, timeout=60, verify=NO_TLS)
        )
        transport = streamable_http_client(world.url(slug), http_client=http)
        yield await stack.enter_async_context(Client(transport))


def test_every_server_is_connected_by_the_transport_that_it_was_added_with(world: World) -> None:
    servers = world.servers()
    for known in KNOWN:
        shown = servers[known.slug]
        assert shown["revision"] == known.revision, known.slug
        assert (shown["state"], shown["reason"]) == ("connected", None), known.slug
        assert (shown["transport"], shown["tool_count"]) == (known.transport, known.tools), known.slug


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: known.slug)
async def test_its_tools_prompts_and_resources_are_listed_and_work(world: World, known: Known) -> None:
    async with connected(world, known.slug) as client:
        tools = {tool.name for tool in (await client.list_tools()).tools}
        assert len(tools) == known.tools
        assert {name for name, _, _ in known.calls} <= tools
        for name, arguments, words in known.calls:
            result = await client.call_tool(name, _placed(world, arguments))
            assert words in _text(result.content), (name, result)
        prompts = {prompt.name for prompt in (await client.list_prompts()).prompts}
        assert {name for name, _, _ in known.prompts} <= prompts
        for name, arguments, words in known.prompts:
            got = await client.get_prompt(name, _placed(world, arguments))
            assert words in _text(message.content for message in got.messages), (name, got)
        for uri, words in known.resources:
            read = await client.read_resource(uri)
            assert words in "".join(
                one.text for one in read.contents if isinstance(one, TextResourceContents)
            ), (uri, read)


def _placed(world: World, arguments: dict[str, Any]) -> dict[str, Any]:
    places = {"{folder}": str(world.folder), "{page}": world.page}
    return {name: _replaced(value, places) for name, value in arguments.items()}


def _replaced(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, str):
        for mark, place in places.items():
            value = value.replace(mark, place)
    return value


def _text(blocks: Any) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, TextContent))
