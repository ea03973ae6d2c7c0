"""Where the conformance suite finds its tools, prompts and resources: a server, whose argument is a port."""

import sys
import warnings
from itertools import count

import mcp_types as types
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import PromptsListChanged, ToolsListChanged
from starlette.applications import Starlette

from tests.conformance.fixture_plain import (
    PLAIN,
    PROMPTS,
    RESOURCES,
    TEMPLATES,
    Context,
    Outcome,
    Tool,
    prompt_of,
    resource_of,
    said,
)
from tests.conformance.fixture_rounds import ROUNDS, form

RETRY_MS = 100


class Kept(EventStore):
    """Events that can be sent again."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._events: list[tuple[str, str, types.JSONRPCMessage | None]] = []

    async def store_event(self, stream_id: str, message: types.JSONRPCMessage | None) -> str:
        """Keep an event; return its id."""
        event_id = str(next(self._numbers))
        self._events.append((stream_id, event_id, message))
        return event_id

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        """Send what came on the same stream behind an event; return the stream."""
        stream = next((its for its, event_id, _ in self._events if event_id == last_event_id), None)
        for its, event_id, message in list(self._events):
            if its == stream and int(event_id) > int(last_event_id) and message is not None:
                await send_callback(EventMessage(message, event_id))
        return stream


class Fixture:
    """The handlers of the server, and what a trigger changes."""

    def __init__(self) -> None:
        self.bus = InMemorySubscriptionBus()
        triggers = (
            Tool("test_trigger_tool_change", "Says that tools changed.", self._change_tools),
            Tool("test_trigger_prompt_change", "Says that prompts changed.", self._change_prompts),
        )
        self.tools = {tool.name: tool for tool in (*PLAIN, *ROUNDS, *triggers)}

    async def list_tools(self, context: Context, params: object) -> types.ListToolsResult:
        """List the tools."""
        del context, params
        tools = self.tools.values()
        return types.ListToolsResult(
            tools=[
                types.Tool(name=tool.name, description=tool.description, input_schema=tool.schema)
                for tool in tools
            ],
            ttl_ms=60_000,
            cache_scope="private",
        )

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> Outcome:
        """Call a tool."""
        tool = self.tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name}")
        return await tool.run(context, params)

    async def _change_tools(self, context: Context, params: object) -> Outcome:
        del params
        await self.bus.publish(ToolsListChanged())
        if context.session.can_send_request:
            await context.session.send_tool_list_changed()
        return said("changed")

    async def _change_prompts(self, context: Context, params: object) -> Outcome:
        del params
        await self.bus.publish(PromptsListChanged())
        if context.session.can_send_request:
            await context.session.send_prompt_list_changed()
        return said("changed")


async def list_prompts(context: Context, params: object) -> types.ListPromptsResult:
    """List the prompts."""
    del context, params
    return types.ListPromptsResult(prompts=list(PROMPTS), ttl_ms=60_000, cache_scope="private")


async def get_prompt(
    context: Context, params: types.GetPromptRequestParams
) -> types.GetPromptResult | types.InputRequiredResult:
    """Get a prompt; one of them asks back."""
    del context
    arguments = dict(params.arguments or {})
    if params.name == "test_input_required_result_prompt":
        match (params.input_responses or {}).get("user_context"):
            case types.ElicitResult(content={"context": str(words)}):
                arguments["context"] = words
            case _:
                question = form("What context should the prompt use?", context={"type": "string"})
                return types.InputRequiredResult(input_requests={"user_context": question})
    return prompt_of(params.name, arguments)


async def list_resources(context: Context, params: object) -> types.ListResourcesResult:
    """List the resources."""
    del context, params
    return types.ListResourcesResult(resources=list(RESOURCES), ttl_ms=60_000, cache_scope="private")


async def list_templates(context: Context, params: object) -> types.ListResourceTemplatesResult:
    """List the templates of resources."""
    del context, params
    return types.ListResourceTemplatesResult(
        resource_templates=list(TEMPLATES), ttl_ms=60_000, cache_scope="private"
    )


async def read_resource(
    context: Context, params: types.ReadResourceRequestParams
) -> types.ReadResourceResult:
    """Read a resource."""
    del context
    return resource_of(str(params.uri))


async def complete(context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
    """Suggest what an argument may be."""
    del context
    values = [word for word in ("paris", "park", "party") if word.startswith(params.argument.value)]
    return types.CompleteResult(completion=types.Completion(values=values, total=len(values), has_more=False))


async def accept(context: Context, params: object) -> types.EmptyResult:
    """Agree: to a level of the log, to a subscription, to its end."""
    del context, params
    return types.EmptyResult()


def app() -> Starlette:
    """Return the server as an ASGI app, at `/mcp`."""
    fixture = Fixture()
    with warnings.catch_warnings(action="ignore"):
        server = Server(
            "omni2-conformance-fixture",
            version="1.0.0",
            get_tool_input_schema=lambda name: fixture.tools[name].schema if name in fixture.tools else None,
            on_list_tools=fixture.list_tools,
            on_call_tool=fixture.call_tool,
            on_list_prompts=list_prompts,
            on_get_prompt=get_prompt,
            on_list_resources=list_resources,
            on_list_resource_templates=list_templates,
            on_read_resource=read_resource,
            on_subscribe_resource=accept,
            on_unsubscribe_resource=accept,
            on_subscriptions_listen=ListenHandler(fixture.bus),
            on_completion=complete,
            on_set_logging_level=accept,
        )
    return server.streamable_http_app(event_store=Kept(), retry_interval=RETRY_MS)


def main(port: int) -> None:
    """Serve until ended."""
    uvicorn.run(app(), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
