"""The journey with the Python SDK before 2, in whose environment this runs: URL PREFIX, and `OMNI2_TOKEN`.

What it met is written as JSON, as `journey.js` does.
"""

import asyncio
import json
import os
import sys
from contextlib import AsyncExitStack
from importlib import import_module
from typing import Any

mcp: Any = import_module("mcp")
types: Any = import_module("mcp.types")
http: Any = import_module("mcp.client.streamable_http")
httpx: Any = import_module("httpx")

URI = "demo://resource/dynamic/text/1"
LONG = "trigger-long-running-operation"


async def main(url: str, prefix: str) -> None:
    """Connect, travel, and say what was found."""
    updated: asyncio.Queue[str] = asyncio.Queue()

    async def on_message(message: Any) -> None:
        if isinstance(getattr(message, "root", None), types.ResourceUpdatedNotification):
            updated.put_nowait(str(message.root.params.uri))

    headers = {"Authorization": f"Bearer {os.environ['OMNI2_TOKEN']}"}
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx.AsyncClient(headers=headers, timeout=60))
        read, write, _ = await stack.enter_async_context(http.streamable_http_client(url, http_client=client))
        session = await stack.enter_async_context(
            mcp.ClientSession(
                read,
                write,
                sampling_callback=_sampled,
                elicitation_callback=_elicited,
                message_handler=on_message,
            )
        )
        revision = (await session.initialize()).protocolVersion
        found = {"revision": revision, **await _travel(session, prefix)}
        if not prefix:
            await session.subscribe_resource(URI)
            await session.call_tool("toggle-subscriber-updates", {})
            found["updated"] = await asyncio.wait_for(updated.get(), 20)
            await session.call_tool("toggle-subscriber-updates", {})
    print(json.dumps(found))


async def _travel(session: Any, prefix: str) -> dict[str, Any]:
    async def called(name: str, **given: Any) -> Any:
        return await session.call_tool(prefix + name, given)

    ref = types.PromptReference(type="ref/prompt", name=f"{prefix}completable-prompt")
    completed = await session.complete(ref, {"name": "department", "value": "E"})
    prompt = await session.get_prompt(f"{prefix}args-prompt", {"city": "Paris"})
    return {
        "tools": [tool.name for tool in (await session.list_tools()).tools],
        "call": _text(await called("get-sum", a=2, b=3)),
        "structured": (await called("get-structured-content", location="New York")).structuredContent,
        "image": [block.type for block in (await called("get-tiny-image")).content],
        "prompt": prompt.messages[0].content.text,
        "resource": (await session.read_resource(URI)).contents[0].text,
        "completion": completed.completion.values,
        "sampling": _text(await called("trigger-sampling-request", prompt="Hello", maxTokens=10)),
        "elicitation": _text(await called("trigger-elicitation-request")),
        "progress": await _progress(session, prefix + LONG),
    }


async def _progress(session: Any, tool: str) -> list[list[float]]:
    heard: list[list[float]] = []

    async def on_progress(progress: float, total: float, message: str | None) -> None:
        del message
        heard.append([progress, total])

    await session.call_tool(tool, {"duration": 0.2, "steps": 3}, progress_callback=on_progress)
    return heard


async def _sampled(context: Any, params: Any) -> Any:
    del context, params
    words = types.TextContent(type="text", text="An answer of the model of the client.")
    return types.CreateMessageResult(role="assistant", content=words, model="none")


async def _elicited(context: Any, params: Any) -> Any:
    del context, params
    return types.ElicitResult(action="accept", content={"name": "Ann", "check": True})


def _text(result: Any) -> str:
    return "\n".join(block.text for block in result.content if block.type == "text")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
