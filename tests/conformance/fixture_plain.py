"""What the conformance suite asks for by name and that needs no second round: tools, prompts, resources."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError

Context = ServerRequestContext[Any]
Outcome = types.CallToolResult | types.InputRequiredResult
Run = Callable[[Context, types.CallToolRequestParams], Awaitable[Outcome]]

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
STEP_S = 0.05

SCHEMA_2020_12: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
MIRRORED: dict[str, Any] = {
    "type": "object",
    "properties": {
        "region": {"type": "string", "x-mcp-header": "Region"},
        "priority": {"type": "integer", "x-mcp-header": "Priority"},
        "query": {"type": "string"},
    },
}


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool of the fixture."""

    name: str
    description: str
    run: Run
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})


def said(text: str, *, failed: bool = False) -> types.CallToolResult:
    """Return a result of one text block."""
    return types.CallToolResult(content=[types.TextContent(text=text)], is_error=failed)


def embedded(uri: str, mime_type: str, text: str) -> types.EmbeddedResource:
    """Return a block that holds a resource."""
    return types.EmbeddedResource(
        resource=types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)
    )


def always(*blocks: types.ContentBlock) -> Run:
    """A tool that answers the same whatever it is asked."""

    async def run(context: Context, params: types.CallToolRequestParams) -> Outcome:
        del context, params
        return types.CallToolResult(content=list(blocks))

    return run


async def fail(context: Context, params: types.CallToolRequestParams) -> Outcome:
    """Fail as a tool does."""
    del context, params
    return said("This tool intentionally returns an error for testing", failed=True)


async def log_on_the_way(context: Context, params: types.CallToolRequestParams) -> Outcome:
    """Send three log messages, some time apart."""
    del params
    for words in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await context.session.send_log_message("info", words, related_request_id=context.request_id)
        await asyncio.sleep(STEP_S)
    return said("Tool with logging executed successfully")


async def report_on_the_way(context: Context, params: types.CallToolRequestParams) -> Outcome:
    """Report progress three times."""
    del params
    for progress in (0, 50, 100):
        await context.session.report_progress(progress, 100, f"Completed step {progress} of 100")
        await asyncio.sleep(STEP_S)
    return said("Tool with progress executed successfully")


async def reconnect(context: Context, params: types.CallToolRequestParams) -> Outcome:
    """End the stream in the middle of the call; its result follows on the next one."""
    del params
    if context.close_sse_stream is not None:
        await context.close_sse_stream()
    await asyncio.sleep(STEP_S * 4)
    return said("Reconnection test completed")


async def repeat(context: Context, params: types.CallToolRequestParams) -> Outcome:
    """Return the arguments."""
    del context
    return said(json.dumps(params.arguments or {}))


PLAIN = (
    Tool(
        "test_simple_text",
        "Answers with text.",
        always(types.TextContent(text="This is a simple text response for testing.")),
    ),
    Tool(
        "test_image_content",
        "Answers with an image.",
        always(types.ImageContent(data=PNG, mime_type="image/png")),
    ),
    Tool(
        "test_audio_content",
        "Answers with audio.",
        always(types.AudioContent(data=WAV, mime_type="audio/wav")),
    ),
    Tool(
        "test_embedded_resource",
        "Answers with a resource.",
        always(embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
    ),
    Tool(
        "test_multiple_content_types",
        "Answers with blocks of several kinds.",
        always(
            types.TextContent(text="Multiple content types test:"),
            types.ImageContent(data=PNG, mime_type="image/png"),
            embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
        ),
    ),
    Tool("test_error_handling", "Fails.", fail),
    Tool("test_tool_with_logging", "Logs on the way.", log_on_the_way),
    Tool("test_logging_tool", "Logs on the way.", log_on_the_way),
    Tool("test_tool_with_progress", "Reports progress.", report_on_the_way),
    Tool("test_reconnection", "Ends its stream before its answer.", reconnect),
    Tool("json_schema_2020_12_tool", "Tool with JSON Schema 2020-12 features", repeat, SCHEMA_2020_12),
    Tool("test_custom_headers", "Has arguments that headers repeat.", repeat, MIRRORED),
)

PROMPTS = (
    types.Prompt(name="test_simple_prompt", description="A prompt without arguments."),
    types.Prompt(
        name="test_prompt_with_arguments",
        description="A prompt with arguments.",
        arguments=[
            types.PromptArgument(name="arg1", description="First test argument", required=True),
            types.PromptArgument(name="arg2", description="Second test argument", required=True),
        ],
    ),
    types.Prompt(
        name="test_prompt_with_embedded_resource",
        description="A prompt with a resource in it.",
        arguments=[types.PromptArgument(name="resourceUri", description="What to embed", required=True)],
    ),
    types.Prompt(name="test_prompt_with_image", description="A prompt with an image in it."),
    types.Prompt(name="test_input_required_result_prompt", description="A prompt that asks back."),
)

RESOURCES = (
    types.Resource(uri="test://static-text", name="static-text", description="Text.", mime_type="text/plain"),
    types.Resource(
        uri="test://static-binary", name="static-binary", description="An image.", mime_type="image/png"
    ),
    types.Resource(
        uri="test://watched-resource",
        name="watched-resource",
        description="Text that changes.",
        mime_type="text/plain",
    ),
)
TEMPLATES = (
    types.ResourceTemplate(
        uri_template="test://template/{id}/data",
        name="template",
        description="Data of an id.",
        mime_type="application/json",
    ),
)


def prompt_of(name: str, arguments: dict[str, str]) -> types.GetPromptResult:
    """Return a prompt. Raises `MCPError` when there is none of this name."""
    text = {
        "test_simple_prompt": "This is a simple prompt for testing.",
        "test_prompt_with_arguments": "Prompt with arguments: "
        f"arg1='{arguments.get('arg1', '')}', arg2='{arguments.get('arg2', '')}'",
        "test_prompt_with_embedded_resource": "Please process the embedded resource above.",
        "test_prompt_with_image": "Please analyze the image above.",
        "test_input_required_result_prompt": f"Context: {arguments.get('context', '')}",
    }.get(name)
    if text is None:
        raise MCPError(types.INVALID_PARAMS, f"Unknown prompt: {name}")
    blocks: list[types.ContentBlock] = [types.TextContent(text=text)]
    if name == "test_prompt_with_embedded_resource":
        uri = arguments.get("resourceUri", "")
        blocks.insert(0, embedded(uri, "text/plain", "Embedded resource content for testing."))
    if name == "test_prompt_with_image":
        blocks.insert(0, types.ImageContent(data=PNG, mime_type="image/png"))
    return types.GetPromptResult(
        messages=[types.PromptMessage(role="user", content=block) for block in blocks]
    )


def resource_of(uri: str) -> types.ReadResourceResult:
    """Return a resource. Raises `MCPError` when there is none of this URI."""
    match uri.removeprefix("test://").split("/"):
        case ["static-text"]:
            text, mime_type = "This is the content of the static text resource.", "text/plain"
        case ["watched-resource"]:
            text, mime_type = "Watched resource content", "text/plain"
        case ["template", its_id, "data"]:
            text = json.dumps({"id": its_id, "templateTest": True, "data": f"Data for ID: {its_id}"})
            mime_type = "application/json"
        case ["static-binary"]:
            blob = types.BlobResourceContents(uri=uri, mime_type="image/png", blob=PNG)
            return types.ReadResourceResult(contents=[blob])
        case _:
            raise MCPError(types.INVALID_PARAMS, "Resource not found", {"uri": uri})
    return types.ReadResourceResult(
        contents=[types.TextResourceContents(uri=uri, mime_type=mime_type, text=text)]
    )
