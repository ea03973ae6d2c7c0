"""Real MCP servers behind omni2: what they have is listed and works, by every transport that they have."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import TextContent, TextResourceContents

from tests.real.world import World

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real")]


@dataclass(frozen=True)
class Known:
    """What a server is known to have. Words in braces stand for places: `{folder}`, `{page}`."""

    slug: str
    transport: str
    tools: int
    calls: tuple[tuple[str, dict[str, Any], str], ...]
    prompts: tuple[tuple[str, dict[str, str], str], ...] = ()
    resources: tuple[tuple[str, str], ...] = ()
    revision: str = "2025-11-25"


NEWEST = "2026-07-28"


def newest(slug: str, transport: str) -> Known:
    """Return what our server on the newest SDK has."""
    return Known(
        slug,
        transport,
        7,
        (("get-sum", {"a": 2, "b": 3}, "The sum of 2 and 3 is 5."),),
        (("args-prompt", {"city": "Paris"}, "What's weather in Paris?"),),
        (("demo://resource/dynamic/text/7", "Resource 7: This is a plaintext resource"),),
        NEWEST,
    )


def everything(slug: str, transport: str) -> Known:
    """Return what server-everything has."""
    return Known(
        slug,
        transport,
        17,
        (
            ("echo", {"message": "Hello"}, "Echo: Hello"),
            ("get-sum", {"a": 2, "b": 3}, "The sum of 2 and 3 is 5."),
        ),
        (("args-prompt", {"city": "Paris", "state": "Texas"}, "What's weather in Paris, Texas?"),),
        (
            ("demo://resource/dynamic/text/7", "Resource 7: This is a plaintext resource"),
            ("demo://resource/static/document/features.md", "# Everything Server"),
        ),
    )


KNOWN = (
    everything("everything", "stdio"),
    everything("everything-http", "http"),
    everything("everything-sse", "sse"),
    newest("newest", "stdio"),
    newest("newest-http", "http"),
    Known(
        "files",
        "stdio",
        14,
        (
            ("read_text_file", {"path": "{folder}/note.txt"}, "The key is under the mat."),
            ("write_file", {"path": "{folder}/new.txt", "content": "New."}, "Successfully wrote"),
            ("read_text_file", {"path": "/etc/hostname"}, "Access denied"),
        ),
    ),
    Known(
        "memory",
        "stdio",
        9,
        (
            (
                "create_entities",
                {"entities": [{"name": "Ann", "entityType": "person", "observations": ["sails"]}]},
                "sails",
            ),
            ("read_graph", {}, "Ann"),
        ),
        (),
        (("memory://knowledge-graph", "Ann"),),
    ),
    Known(
        "clock",
        "stdio",
        2,
        (
            ("get_current_time", {"timezone": "Europe/Paris"}, "Europe/Paris"),
            (
                "convert_time",
                {"source_timezone": "UTC", "time": "12:00", "target_timezone": "Asia/Tokyo"},
                "T21:00:00+09:00",
            ),
        ),
        revision=NEWEST,
    ),
    Known(
        "git",
        "stdio",
        12,
        (
            ("git_log", {"repo_path": "{folder}/repository"}, "Begin with one"),
            ("git_status", {"repo_path": "{folder}/repository"}, "nothing to commit"),
        ),
        revision=NEWEST,
    ),
    Known(
        "fetch",
        "stdio",
        1,
        (("fetch", {"url": "{page}", "raw": True}, "<p>High water at noon.</p>"),),
        (("fetch", {"url": "{page}"}, "High water at noon."),),
        revision=NEWEST,
    ),
    Known(
        "sqlite",
        "stdio",
        6,
        (
            ("create_table", {"query": "CREATE TABLE boat (name TEXT)"}, "Table created successfully"),
            ("write_query", {"query": "INSERT INTO boat VALUES ('Gull')"}, "affected_rows"),
            ("read_query", {"query": "SELECT name FROM boat"}, "Gull"),
            ("append_insight", {"insight": "Boats sell."}, "Insight added"),
        ),
        (("mcp-demo", {"topic": "sailing"}, "sailing"),),
        (("memo://insights", "Boats sell."),),
    ),
    Known("calculator", "stdio", 1, (("calculate", {"expression": "6 * 7"}, "42"),)),
)


@asynccontextmanager
async def connected(world: World, slug: str) -> AsyncIterator[Client]:
    """Open the official client at the endpoint of one server."""
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=world.headers, timeout=60))
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
