"""A server of the official SDK that has everything: over HTTP as an app, over pipes when it is run by path.

It asks back (sampling, elicitation, roots), reports progress, logs, and has prompts, resources, templates,
completion and subscriptions. It speaks either the newest revision or all before that; or, run with
BAZAAR_ERA=both, all of them.
"""

import asyncio
import os
import warnings
from typing import Any, Literal, cast

import anyio
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp.shared.subscriptions import ResourceUpdated, ToolsListChanged
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

Era = Literal["old", "new", "both"]
Context = ServerRequestContext[Any]
Outcome = types.CallToolResult | types.InputRequiredResult

TEXT: dict[str, Any] = {"type": "object", "properties": {"text": {"type": "string"}}}
OUTPUT: dict[str, Any] = {"type": "object", "properties": {"n": {"type": "integer"}}}
MIRRORED: dict[str, Any] = {
    "type": "object",
    "properties": {"region": {"type": "string", "x-mcp-header": "Region"}},
}
NAMES = ("echo", "count", "talk", "sample", "elicit", "roots", "change", "wait", "mirror")
NOTE = "note://today"


def schema_of(name: str) -> dict[str, Any]:
    """Return the schema of a tool's arguments."""
    return MIRRORED if name == "mirror" else TEXT


def said(text: str) -> types.CallToolResult:
    """Return a result of one text block."""
    return types.CallToolResult(content=[types.TextContent(text=text)], _meta={"stall": 7})


class Bazaar:
    """The handlers."""

    def __init__(self) -> None:
        self.bus = InMemorySubscriptionBus()
        self.levels: list[str] = []
        self.listeners = 0
        self.subscribed: list[str] = []
        self.waiting = asyncio.Event()
        self.cancelled = asyncio.Event()

    async def list_tools(self, context: Context, params: object) -> types.ListToolsResult:
        """List the tools."""
        del context, params
        tools = [
            types.Tool(
                name=name,
                title=name.title(),
                description=f"{name}.",
                input_schema=schema_of(name),
                output_schema=OUTPUT if name == "count" else None,
                icons=[types.Icon(src="data:image/png;base64,AA==")],
                _meta={"shelf": 1},
            )
            for name in NAMES
        ]
        return types.ListToolsResult(tools=tools, ttl_ms=1_000, cache_scope="private")

    async def call_tool(self, context: Context, params: types.CallToolRequestParams) -> Outcome:
        """Call a tool."""
        arguments = params.arguments or {}
        match params.name:
            case "echo":
                meta = context.meta or {}
                return said(f"{arguments.get('text', '')} {dict(meta).get('traceparent', '')}".strip())
            case "count":
                for step in range(1, 4):
                    await context.session.report_progress(step, 3, f"step {step}")
                return types.CallToolResult(
                    content=[types.TextContent(text="3")], structured_content={"n": 3}
                )
            case "mirror":
                return said(str(arguments.get("region")))
            case "talk":
                await context.session.send_log_message("info", "on it", related_request_id=context.request_id)
                return said("talked")
            case "sample" | "elicit" | "roots":
                return await asking(context, params)
            case "change":
                await self._change(context)
                return said("changed")
            case _:
                self.waiting.set()
                try:
                    await asyncio.Event().wait()
                finally:
                    self.cancelled.set()
                raise AssertionError

    async def _change(self, context: Context) -> None:
        if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
            await self.bus.publish(ToolsListChanged())
            await self.bus.publish(ResourceUpdated(uri=NOTE))
            return
        await context.session.send_tool_list_changed()
        await context.session.send_resource_updated(NOTE)

    async def listen(
        self, context: Context, params: types.SubscriptionsListenRequestParams
    ) -> types.SubscriptionsListenResult:
        """Count who listens; what is published from then on reaches them."""
        self.listeners += 1
        return await ListenHandler(self.bus)(context, params)

    async def subscribe(self, context: Context, params: types.SubscribeRequestParams) -> types.EmptyResult:
        """Note who wants to hear of what."""
        del context
        self.subscribed.append(str(params.uri))
        return types.EmptyResult()

    async def unsubscribe(
        self, context: Context, params: types.UnsubscribeRequestParams
    ) -> types.EmptyResult:
        """Note who does not any more."""
        del context
        self.subscribed.remove(str(params.uri))
        return types.EmptyResult()

    async def set_level(self, context: Context, params: types.SetLevelRequestParams) -> types.EmptyResult:
        """Note the level."""
        del context
        self.levels.append(params.level)
        return types.EmptyResult()


async def asking(context: Context, params: types.CallToolRequestParams) -> Outcome:
    """Ask the client back: by a second round, or within the call where that is how it is done."""
    if context.protocol_version in MODERN_PROTOCOL_VERSIONS:
        given = (params.input_responses or {}).get("q")
        if given is None:
            return types.InputRequiredResult(
                input_requests={"q": question(params.name)}, request_state="sealed by the bazaar"
            )
        assert params.request_state == "sealed by the bazaar"
        return said(words(given))
    session, request_id = context.session, context.request_id
    match question(params.name):
        case types.CreateMessageRequest(params=asked):
            return said(
                words(
                    await session.create_message(
                        asked.messages, max_tokens=asked.max_tokens, related_request_id=request_id
                    )
                )
            )
        case types.ElicitRequest():
            schema: dict[str, Any] = {"type": "object", "properties": {"size": {"type": "string"}}}
            return said(words(await session.elicit_form("Which size?", schema, request_id)))
        case _:
            related = ServerMessageMetadata(related_request_id=request_id)
            asked = session.send_request(types.ListRootsRequest(), types.ListRootsResult, metadata=related)
            return said(words(await asked))


def question(name: str) -> types.InputRequest:
    """Return what a tool asks."""
    match name:
        case "sample":
            message = types.SamplingMessage(role="user", content=types.TextContent(text="Say hello"))
            return types.CreateMessageRequest(
                params=types.CreateMessageRequestParams(messages=[message], max_tokens=16)
            )
        case "elicit":
            schema: dict[str, Any] = {"type": "object", "properties": {"size": {"type": "string"}}}
            return types.ElicitRequest(
                params=types.ElicitRequestFormParams(message="Which size?", requested_schema=schema)
            )
        case _:
            return types.ListRootsRequest()


def words(answer: object) -> str:
    """Return what was answered, in words."""
    match answer:
        case types.CreateMessageResult(content=types.TextContent(text=text)):
            return text
        case types.ElicitResult():
            return f"{answer.action}: {(answer.content or {}).get('size')}"
        case types.ListRootsResult():
            return ", ".join(str(root.uri) for root in answer.roots)
        case _:
            return str(answer)


async def list_prompts(context: Context, params: object) -> types.ListPromptsResult:
    """List the prompts."""
    del context, params
    arguments = [types.PromptArgument(name="city", description="Where", required=True)]
    prompt = types.Prompt(name="visit", title="Visit", description="A visit.", arguments=arguments)
    return types.ListPromptsResult(prompts=[prompt], ttl_ms=1_000, cache_scope="private")


async def get_prompt(context: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult:
    """Get a prompt."""
    del context
    text = f"Plan a visit to {(params.arguments or {}).get('city')}."
    return types.GetPromptResult(
        messages=[types.PromptMessage(role="user", content=types.TextContent(text=text))]
    )


async def list_resources(context: Context, params: object) -> types.ListResourcesResult:
    """List the resources."""
    del context, params
    note = types.Resource(uri=NOTE, name="today", mime_type="text/plain", size=5)
    return types.ListResourcesResult(resources=[note], ttl_ms=1_000, cache_scope="private")


async def list_templates(context: Context, params: object) -> types.ListResourceTemplatesResult:
    """List the templates."""
    del context, params
    template = types.ResourceTemplate(uri_template="note://{day}", name="notes")
    return types.ListResourceTemplatesResult(
        resource_templates=[template], ttl_ms=1_000, cache_scope="private"
    )


async def read_resource(
    context: Context, params: types.ReadResourceRequestParams
) -> types.ReadResourceResult:
    """Read a resource."""
    del context
    contents = types.TextResourceContents(uri=params.uri, mime_type="text/plain", text=f"at {params.uri}")
    return types.ReadResourceResult(contents=[contents], ttl_ms=1_000, cache_scope="private")


async def complete(context: Context, params: types.CompleteRequestParams) -> types.CompleteResult:
    """Complete the name of a city."""
    del context
    values = [city for city in ("Bergen", "Berlin") if city.startswith(params.argument.value)]
    return types.CompleteResult(completion=types.Completion(values=values))


def server_of(bazaar: Bazaar) -> Server[Any]:
    """Return the server."""
    with warnings.catch_warnings(action="ignore"):
        return Server(
            "bazaar",
            version="3",
            instructions="Haggle.",
            get_tool_input_schema=lambda name: schema_of(name) if name in NAMES else None,
            on_list_tools=bazaar.list_tools,
            on_call_tool=bazaar.call_tool,
            on_list_prompts=list_prompts,
            on_get_prompt=get_prompt,
            on_list_resources=list_resources,
            on_list_resource_templates=list_templates,
            on_read_resource=read_resource,
            on_subscribe_resource=bazaar.subscribe,
            on_unsubscribe_resource=bazaar.unsubscribe,
            on_subscriptions_listen=bazaar.listen,
            on_completion=complete,
            on_set_logging_level=bazaar.set_level,
        )


def refusal(method: str, request_id: types.RequestId, era: Era) -> types.JSONRPCError | None:
    """Return how a server of one era refuses what begins a conversation in the other, if this does."""
    if (method, era) == ("initialize", "new"):
        data = {"supported": list(MODERN_PROTOCOL_VERSIONS), "requested": "2025-11-25"}
        error = types.ErrorData(code=-32022, message="Unsupported protocol version", data=data)
    elif (method, era) == ("server/discover", "old"):
        error = types.ErrorData(code=types.METHOD_NOT_FOUND, message="Method not found")
    else:
        return None
    return types.JSONRPCError(jsonrpc="2.0", id=request_id, error=error)


async def serve_pipes(era: Era) -> None:
    """Serve over standard input and output."""
    server = server_of(Bazaar())
    async with stdio_server() as (incoming, outgoing):
        forward, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)

        async def sift() -> None:
            async with forward:
                async for message in incoming:
                    match message:
                        case SessionMessage(message=types.JSONRPCRequest(method=method, id=their_id)) if (
                            refused := refusal(method, their_id, era)
                        ):
                            await outgoing.send(SessionMessage(refused))
                        case _:
                            await forward.send(message)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sift)
            await server.run(read, outgoing, server.create_initialization_options())
            tasks.cancel_scope.cancel()


if __name__ == "__main__":
    anyio.run(serve_pipes, cast("Era", os.environ.get("BAZAAR_ERA", "old")))
