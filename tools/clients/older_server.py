"""A server on the Python SDK before 2 with what the journey asks for: `stdio`, or `streamable-http` or `sse`
and a port, are its arguments."""

import asyncio
import json
import sys
from importlib import import_module
from typing import Any

fastmcp: Any = import_module("mcp.server.fastmcp")
types: Any = import_module("mcp.types")
pydantic: Any = import_module("pydantic")

URI = "demo://resource/dynamic/text/1"
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
DEPARTMENTS = ("Engineering", "Sales")

About = pydantic.create_model("About", name=(str, ...), check=(bool, ...))
Weather = pydantic.create_model("Weather", temperature=(int, ...), conditions=(str, ...), humidity=(int, ...))
transport, *rest = sys.argv[1:]
server = fastmcp.FastMCP("older", port=int(rest[0]) if rest else 8000)


@server.tool(name="get-sum")
def get_sum(a: int, b: int) -> str:
    """Add."""
    return f"The sum of {a} and {b} is {a + b}."


def get_structured_content(location: str) -> Any:
    """Tell the weather."""
    del location
    return Weather(temperature=33, conditions="Cloudy", humidity=82)


def get_tiny_image() -> Any:
    """Show a picture between words."""
    image = types.ImageContent(type="image", data=PIXEL, mimeType="image/png")
    return ["Before.", image, "Behind."]


async def trigger_sampling_request(prompt: str, maxTokens: int, ctx: Any) -> str:  # noqa: N803
    """Ask the caller's model."""
    words = types.TextContent(type="text", text=prompt)
    message = types.SamplingMessage(role="user", content=words)
    answer = await ctx.session.create_message(
        [message], max_tokens=maxTokens, related_request_id=ctx.request_id
    )
    return str(answer.content.text)


async def trigger_elicitation_request(ctx: Any) -> str:
    """Ask the caller."""
    answer = await ctx.elicit("Who are you?", About)
    return f"- Name: {answer.data.name}\n- Agreed to terms: {json.dumps(answer.data.check)}"


async def trigger_long_running_operation(duration: float, steps: int, ctx: Any) -> str:
    """Take a while."""
    for step in range(1, steps + 1):
        await asyncio.sleep(duration / steps)
        await ctx.report_progress(step, steps)
    return "done"


async def toggle_subscriber_updates(ctx: Any) -> str:
    """Tell who subscribed that a resource changed."""
    for session in subscribers:
        await session.send_resource_updated(pydantic.AnyUrl(URI))
    del ctx
    return "changed"


for made in (get_structured_content, get_tiny_image):
    made.__annotations__["return"] = {"get_structured_content": Weather}.get(made.__name__, list)
for asking in (
    trigger_sampling_request,
    trigger_elicitation_request,
    trigger_long_running_operation,
    toggle_subscriber_updates,
):
    asking.__annotations__["ctx"] = fastmcp.Context
server.tool(name="get-structured-content")(get_structured_content)
server.tool(name="get-tiny-image", structured_output=False)(get_tiny_image)
server.tool(name="trigger-sampling-request")(trigger_sampling_request)
server.tool(name="trigger-elicitation-request")(trigger_elicitation_request)
server.tool(name="trigger-long-running-operation")(trigger_long_running_operation)
server.tool(name="toggle-subscriber-updates")(toggle_subscriber_updates)


@server.prompt(name="args-prompt")
def args_prompt(city: str) -> str:
    """Ask for the weather."""
    return f"What's weather in {city}?"


@server.prompt(name="completable-prompt")
def completable_prompt(department: str) -> str:
    """Ask who leads."""
    return f"Who leads {department}?"


@server.resource("demo://resource/dynamic/text/{number}")
def text(number: str) -> str:
    """Return a text."""
    return f"Resource {number}: This is a plaintext resource"


@server.completion()
async def complete(ref: Any, argument: Any, context: Any) -> Any:
    """Suggest departments."""
    del ref, context
    return types.Completion(values=[one for one in DEPARTMENTS if one.startswith(argument.value)])


subscribers: list[Any] = []


@server._mcp_server.subscribe_resource()
async def subscribe(uri: Any) -> None:
    """Note who wants to hear."""
    del uri
    subscribers.append(server._mcp_server.request_context.session)


@server._mcp_server.unsubscribe_resource()
async def unsubscribe(uri: Any) -> None:
    """Forget who wanted to."""
    del uri
    subscribers.clear()


if __name__ == "__main__":
    server.run(transport)
