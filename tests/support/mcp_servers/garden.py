"""A server by the official SDK with one resource, `garden://bed`, which changes when its tool is called."""

import asyncio
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.subscriptions import ResourceUpdated
from starlette.applications import Starlette

BED = "garden://bed"
Context = ServerRequestContext[Any]


class Garden:
    """`subscribed` are the URIs that clients of the older revisions hear of, in the order of their wish.

    While `gate` is closed, who subscribes waits; `reached` tells that somebody does.
    """

    def __init__(self) -> None:
        self.bus = InMemorySubscriptionBus()
        self.sessions: dict[str, Any] = {}
        self.subscribed: list[str] = []
        self.reached, self.gate = asyncio.Event(), asyncio.Event()
        self.gate.set()

    def app(self) -> Starlette:
        """Return the server as an ASGI app, at `/mcp`."""
        server = Server(
            "garden",
            on_list_tools=_list_tools,
            on_call_tool=self._water,
            on_list_resources=_list_resources,
            on_read_resource=_read,
            on_subscribe_resource=self._subscribe,
            on_unsubscribe_resource=self._unsubscribe,
            on_subscriptions_listen=ListenHandler(self.bus),
        )
        return server.streamable_http_app()

    async def _water(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        del context, params
        await self.bus.publish(ResourceUpdated(BED))
        for session in self.sessions.values():
            await session.send_resource_updated(BED)
        return types.CallToolResult(content=[types.TextContent(text="watered")])

    async def _subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        self.reached.set()
        await self.gate.wait()
        self.sessions[str(params.uri)] = context.session
        self.subscribed.append(str(params.uri))
        return types.EmptyResult()

    async def _unsubscribe(
        self, context: Context, params: types.UnsubscribeRequestParams
    ) -> types.EmptyResult:
        del context
        self.sessions.pop(str(params.uri), None)
        self.subscribed.remove(str(params.uri))
        return types.EmptyResult()


async def _list_tools(context: Context, params: object) -> types.ListToolsResult:
    del context, params
    return types.ListToolsResult(tools=[types.Tool(name="water", input_schema={"type": "object"})])


async def _list_resources(context: Context, params: object) -> types.ListResourcesResult:
    del context, params
    return types.ListResourcesResult(resources=[types.Resource(uri=BED, name="bed")])


async def _read(context: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    del context
    return types.ReadResourceResult(contents=[types.TextResourceContents(uri=params.uri, text="roses")])
