"""One journey that every client makes, through a server behind omni2: what it has to find.

`tools/clients/journey.js` is the same one for the clients in Node.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from mcp.shared.dispatcher import ProgressFnT

URI = "demo://resource/dynamic/text/1"
STEPS = [[1, 3], [2, 3], [3, 3]]
SAMPLED = "An answer of the model of the client."
LONG = "trigger-long-running-operation"
TOOLS = (
    *("echo", "get-annotated-message", "get-env", "get-resource-links", "get-resource-reference"),
    *("get-roots-list", "get-structured-content", "get-sum", "get-tiny-image", "gzip-file-as-resource"),
    *("simulate-research-query", "toggle-simulated-logging", "toggle-subscriber-updates"),
    *("trigger-elicitation-request", LONG, "trigger-sampling-request", "trigger-url-elicitation"),
)
Found = dict[str, Any]
OURS = (
    *("get-sum", "get-structured-content", "get-tiny-image", "toggle-subscriber-updates"),
    *("trigger-elicitation-request", LONG, "trigger-sampling-request"),
)


class Traveller(Protocol):
    """A client of one kind, connected."""

    revision: str | None

    async def tools(self) -> list[str]:
        """Return the names of all tools."""
        ...

    async def call(self, name: str, given: Mapping[str, Any], on_progress: ProgressFnT | None = None) -> Any:
        """Call a tool; return the result, whose `content` are blocks."""
        ...

    async def prompt(self, name: str, given: dict[str, str]) -> str:
        """Return the text of a prompt's first message."""
        ...

    async def resource(self, uri: str) -> str:
        """Return the text of a resource."""
        ...

    async def complete(self, prompt: str, argument: str, value: str) -> list[str]:
        """Return what may be meant."""
        ...

    async def updated(self, uri: str, change: Callable[[], Awaitable[object]]) -> str | None:
        """Subscribe to a resource, let it change, and return what was heard; None where a client cannot."""
        ...


async def travel(client: Traveller, prefix: str) -> Found:
    """Make the journey, with `prefix` before every name."""
    found: Found = {"revision": client.revision, "tools": await client.tools()}

    async def said(name: str, **given: Any) -> str:
        return text_of(await client.call(prefix + name, given))

    found["call"] = await said("get-sum", a=2, b=3)
    weather = await client.call(f"{prefix}get-structured-content", {"location": "New York"})
    found["structured"] = weather.structured_content
    image = await client.call(f"{prefix}get-tiny-image", {})
    found["image"] = [block.type for block in image.content]
    found["prompt"] = await client.prompt(f"{prefix}args-prompt", {"city": "Paris"})
    found["resource"] = await client.resource(URI)
    found["completion"] = await client.complete(f"{prefix}completable-prompt", "department", "E")
    found["sampling"] = await said("trigger-sampling-request", prompt="Hello", maxTokens=10)
    found["elicitation"] = await said("trigger-elicitation-request")
    found["progress"] = await _progress(client, prefix + LONG)
    found["cancellation"] = await _given_up(client, prefix + LONG)
    if not prefix:
        found["updated"] = await client.updated(URI, lambda: client.call("toggle-subscriber-updates", {}))
    return found


def check(  # noqa: PLR0913 what clients differ in
    found: Found,
    revision: str,
    server: str,
    prefix: str = "",
    *,
    hears: bool = True,
    gives_up: bool = True,
    tells_all: bool = True,
) -> None:
    """Assert that a journey found what is there. `hears`: the client subscribes; `gives_up`: it cancels.

    Without `tells_all` it may keep the last progress to itself: over pipes the TypeScript SDKs forget whom to
    tell as soon as they have read an answer, but tell of what came with it in one piece only then.
    """
    tools = {prefix + name for name in (TOOLS if server.startswith("everything") else OURS)}
    assert found["revision"] == revision
    assert tools <= set(found["tools"]) if prefix else tools == set(found["tools"])
    assert found["call"] == "The sum of 2 and 3 is 5."
    assert found["structured"] == {"temperature": 33, "conditions": "Cloudy", "humidity": 82}
    assert found["image"] == ["text", "image", "text"]
    assert found["prompt"] == "What's weather in Paris?"
    assert found["resource"].startswith("Resource 1: This is a plaintext resource")
    assert found["completion"] == ["Engineering"]
    assert SAMPLED in found["sampling"]
    assert "- Name: Ann\n- Agreed to terms: true" in found["elicitation"]
    assert found["progress"] in ([STEPS] if tells_all else [STEPS, STEPS[:-1]])
    assert found.get("cancellation") == ("given up" if gives_up else None)
    assert found.get("updated") == (URI if hears and not prefix else None)


def text_of(result: Any) -> str:
    """Return the text of a result."""
    return "\n".join(block.text for block in result.content if block.type == "text")


async def _progress(client: Traveller, tool: str) -> list[list[float | None]]:
    heard: list[list[float | None]] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        del message
        heard.append([progress, total])

    await client.call(tool, {"duration": 0.2, "steps": 3}, on_progress)
    return heard


async def _given_up(client: Traveller, tool: str) -> str:
    """Give a call up once it is under way."""
    begun = asyncio.Event()

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        del progress, total, message
        begun.set()

    calling = asyncio.ensure_future(client.call(tool, {"duration": 60, "steps": 600}, on_progress))
    waiting = asyncio.ensure_future(begun.wait())
    await asyncio.wait({calling, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if calling.done():
        return f"answered: {calling.result()}"
    calling.cancel()
    await asyncio.wait({calling})
    return "given up" if calling.cancelled() else f"failed: {calling.exception()}"
