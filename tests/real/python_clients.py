"""The clients in Python: the official SDK over HTTP and over `omni2 mcp`, and FastMCP."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import fastmcp
import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.session import ClientRequestContext
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.dispatcher import ProgressFnT
from pydantic import FileUrl

from tests.real.journey import SAMPLED, URI
from tests.support.clients import NO_TLS
from tests.support.source import ROOT

ANSWER: Mapping[str, str | bool] = {"name": "Ann", "check": True}
ROOT_URI = "file:///srv/ann"
HEARD_S = 20.0


class Official:
    """A traveller with the client of the official SDK."""

    def __init__(self, client: Client, updates: "asyncio.Queue[str]") -> None:
        self.revision: str | None = client.protocol_version
        self._client = client
        self._updates = updates

    async def tools(self) -> list[str]:
        """Return the names of all tools."""
        return [tool.name for tool in (await self._client.list_tools()).tools]

    async def call(self, name: str, given: Mapping[str, Any], on_progress: ProgressFnT | None = None) -> Any:
        """Call a tool."""
        return await self._client.call_tool(name, dict(given), progress_callback=on_progress)

    async def prompt(self, name: str, given: dict[str, str]) -> str:
        """Return the text of a prompt's first message."""
        return _text(await self._client.get_prompt(name, given))

    async def resource(self, uri: str) -> str:
        """Return the text of a resource."""
        content = (await self._client.read_resource(uri)).contents[0]
        assert isinstance(content, types.TextResourceContents)
        return content.text

    async def complete(self, prompt: str, argument: str, value: str) -> list[str]:
        """Return what may be meant."""
        ref = types.PromptReference(name=prompt)
        return (await self._client.complete(ref, {"name": argument, "value": value})).completion.values

    async def updated(self, uri: str, change: Callable[[], Awaitable[object]]) -> str | None:
        """Subscribe, change, and return what was heard; the change is undone."""
        async with AsyncExitStack() as stack:
            if self.revision == "2026-07-28":
                heard = await stack.enter_async_context(self._client.listen(resource_subscriptions=[uri]))
                await change()
                event = await asyncio.wait_for(anext(aiter(heard)), HEARD_S)
                found = str(getattr(event, "uri", None))
            else:
                await self._client.subscribe_resource(uri)
                await change()
                found = await asyncio.wait_for(self._updates.get(), HEARD_S)
        await change()
        return found


class Fast:
    """A traveller with FastMCP's client, which has no subscriptions."""

    def __init__(self, client: "fastmcp.Client[Any]") -> None:
        self.revision: str | None = client.protocol_version
        self._client = client

    async def tools(self) -> list[str]:
        """Return the names of all tools."""
        return [tool.name for tool in await self._client.list_tools()]

    async def call(self, name: str, given: Mapping[str, Any], on_progress: ProgressFnT | None = None) -> Any:
        """Call a tool."""
        return await self._client.call_tool(name, dict(given), progress_handler=on_progress)

    async def prompt(self, name: str, given: dict[str, str]) -> str:
        """Return the text of a prompt's first message."""
        return _text(await self._client.get_prompt(name, given))

    async def resource(self, uri: str) -> str:
        """Return the text of a resource."""
        (content,) = await self._client.read_resource(uri)
        assert isinstance(content, types.TextResourceContents)
        return content.text

    async def complete(self, prompt: str, argument: str, value: str) -> list[str]:
        """Return what may be meant."""
        ref = types.PromptReference(name=prompt)
        return (await self._client.complete(ref, {"name": argument, "value": value})).values

    async def updated(self, uri: str, change: Callable[[], Awaitable[object]]) -> str | None:
        """Return None."""
        del uri, change


@asynccontextmanager
async def over_http(url: str, token: str, mode: str) -> AsyncIterator[Official]:
    """Connect the official client at an endpoint."""
    async with AsyncExitStack() as stack:
        headers = {"Authorization": f"Bearer {token}"}
        http = await stack.enter_async_context(httpx2.AsyncClient(headers=headers, timeout=60, verify=NO_TLS))
        transport = streamable_http_client(url, http_client=http)
        yield await stack.enter_async_context(_official(transport, mode))


@asynccontextmanager
async def over_stdio(url: str, token: str, mode: str) -> AsyncIterator[Official]:
    """Connect the official client to `omni2 mcp`, which it starts."""
    program = StdioServerParameters(
        command=sys.executable,
        args=["-m", "omni2", "mcp", "--url", url],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "OMNI2_TOKEN": token},
        cwd=ROOT,
    )
    async with _official(program, mode) as traveller:
        yield traveller


@asynccontextmanager
async def by_fastmcp(url: str, token: str, mode: str) -> AsyncIterator[Fast]:
    """Connect FastMCP's client at an endpoint."""

    async def sampled(*asked: object) -> str:
        del asked
        return SAMPLED

    async def elicited(*asked: object) -> dict[str, Any]:
        del asked
        return {**ANSWER}

    client = fastmcp.Client[Any](
        url, auth=token, sampling_handler=sampled, elicitation_handler=elicited, mode=mode
    )
    async with client:
        yield Fast(client)


@asynccontextmanager
async def _official(server: Any, mode: str) -> AsyncIterator[Official]:
    updates: asyncio.Queue[str] = asyncio.Queue()

    async def on_message(message: object) -> None:
        if isinstance(message, types.ResourceUpdatedNotification) and message.params.uri == URI:
            updates.put_nowait(message.params.uri)

    async def sampled(
        context: ClientRequestContext, params: types.CreateMessageRequestParams
    ) -> types.CreateMessageResult:
        del context, params
        words = types.TextContent(type="text", text=SAMPLED)
        return types.CreateMessageResult(role="assistant", content=words, model="none")

    async def elicited(
        context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult:
        del context, params
        return types.ElicitResult(action="accept", content={**ANSWER})

    async def rooted(context: ClientRequestContext) -> types.ListRootsResult:
        del context
        return types.ListRootsResult(roots=[types.Root(uri=FileUrl(ROOT_URI), name="ann")])

    client = Client(
        server,
        mode=mode,
        sampling_callback=sampled,
        elicitation_callback=elicited,
        list_roots_callback=rooted,
        message_handler=on_message,
    )
    async with client:
        yield Official(client, updates)


def _text(prompt: types.GetPromptResult) -> str:
    content = prompt.messages[0].content
    assert isinstance(content, types.TextContent)
    return content.text
