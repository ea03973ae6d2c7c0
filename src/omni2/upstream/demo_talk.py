"""What the demo model says without a tool: who it is, what it can do, what was asked before."""

import re

from omni2.upstream.demo_match import Choice
from omni2.upstream.demo_words import telling_words
from omni2.upstream.ports import ModelRequest, ToolSpec, UserMessage

MAX_LISTED = 12

INTRODUCTION = "I am omni2's demo model, a set of rules, not a language model"

_GREETING = re.compile(
    r"^(?:hello|hi|hey|good (?:morning|afternoon|evening)|greetings)\b[^?]{0,20}$", re.IGNORECASE
)
_THANKS = re.compile(r"^(?:thanks|thank you|great|perfect|cool|nice)\b[^?]{0,30}$", re.IGNORECASE)
_ABILITY = re.compile(
    r"what can you do|what do you do|^help\b|who are you|what are you|how can you help|wh(?:ich|at) tools",
    re.IGNORECASE,
)
_MEMORY = re.compile(
    r"what did i (?:just )?(?:ask|say)|what was my (?:last|previous) question|(?:remember|recall) what i",
    re.IGNORECASE,
)
_CODE = re.compile(r"\b(?:code|snippet|example|python|curl|script|program)\b", re.IGNORECASE)
_ENDPOINT = re.compile(r"\b(?:mcp|endpoint|api|token|connect|client|tools?/call)\b", re.IGNORECASE)

# What people ask for, and the words for it, so that a missing tool can be named.
_TOPICS = {
    "tells the time": {"time", "clock", "timezone"},
    "looks up orders": {"order", "delivery", "parcel", "shipment"},
    "knows the products and the stock": {"product", "stock", "inventory"},
    "handles support tickets": {"ticket", "support", "complaint"},
    "sums up sales": {"sale", "revenue", "turnover"},
}

_EXAMPLE = """Here is a complete Python program. It needs `pip install "mcp>=2.3"`,
and an access token from the *Connect* page.

```python
import asyncio
import os

import httpx2
from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

URL = "http://127.0.0.1:8400/mcp"
HEADERS = {"Authorization": f"Bearer {os.environ['OMNI2_TOKEN']}"}


async def main() -> None:
    async with (
        httpx2.AsyncClient(headers=HEADERS, timeout=30) as http,
        streamable_http_client(URL, http_client=http) as (read, write),
        ClientSession(read, write) as session,
    ):
        await session.initialize()
        for tool in (await session.list_tools()).tools:
            print(tool.name, "-", tool.description)
        result = await session.call_tool("TOOL_NAME", TOOL_ARGUMENTS)
        print(result.content[0].text)


asyncio.run(main())
```

Run it with `OMNI2_TOKEN=omni2_... python example.py`. Every call takes the same checks
as this chat does, and each one can be seen under *Flows*."""


def small_talk(question: str, request: ModelRequest) -> str | None:
    """Return the answer to what needs no tool, or None."""
    if _GREETING.match(question):
        return f"Hello. {INTRODUCTION}: I match questions to your tools.\n\n{_offer(request)}"
    if _THANKS.match(question):
        return "You are welcome."
    if _MEMORY.search(question):
        return _memory(request)
    if _CODE.search(question) and _ENDPOINT.search(question):
        return _example(request.tools)
    if _ABILITY.search(question):
        return f"{INTRODUCTION}. I match a question to a tool and show the result.\n\n{_offer(request)}"
    return None


def cannot(question: str, request: ModelRequest) -> str:
    """Say that nothing fits: which kind of tool would be needed, or that this is beyond a set of rules."""
    words = telling_words(question)
    topic = next((topic for topic, about in _TOPICS.items() if words & about), None)
    if topic is not None:
        return (
            f"For this I would need a tool that {topic}, and none that I was offered does exactly that. "
            f"An administrator can grant you one.\n\n{_offer(request)}"
        )
    return (
        f"{INTRODUCTION}, so I cannot answer that: no tool that I was offered fits it.\n\n{_offer(request)}"
    )


def ask_for(choice: Choice) -> str:
    """Ask for what a tool needs and the question does not say."""
    properties = choice.tool.input_schema.get("properties")
    lines: list[str] = []
    for name in choice.filled.missing:
        prop = properties.get(name) if isinstance(properties, dict) else None
        description = prop.get("description") if isinstance(prop, dict) else None
        lines.append(f"- **{name.replace('_', ' ')}**" + (f": {description}" if description else ""))
    return f"I would use `{choice.tool.name}` for this. Please tell me also:\n\n" + "\n".join(lines)


def _memory(request: ModelRequest) -> str:
    asked = [message.text for message in request.messages if isinstance(message, UserMessage)][:-1]
    if not asked:
        return "This is the first thing that you say in this conversation."
    lines = "\n".join(f"{number}. {_short(text)}" for number, text in enumerate(asked, start=1))
    return f"In this conversation you asked:\n\n{lines}"


def _offer(request: ModelRequest) -> str:
    if not request.tools:
        return "No tools were offered to me here. An administrator can connect a server and grant it to you."
    lines = [f"- `{tool.name}`: {_short(_first_sentence(tool))}" for tool in request.tools[:MAX_LISTED]]
    if len(request.tools) > MAX_LISTED:
        lines.append(f"- ... and {len(request.tools) - MAX_LISTED} more")
    return "These tools are open to you:\n\n" + "\n".join(lines)


def _example(tools: tuple[ToolSpec, ...]) -> str:
    tool = next((tool for tool in tools if tool.name.endswith("get_current_time")), None)
    if tool is not None:
        name, arguments = tool.name, '{"timezone": "Asia/Tokyo"}'
    else:
        name, arguments = (tools[0].name if tools else "shop__low_stock"), "{}"
    return _EXAMPLE.replace("TOOL_NAME", name).replace("TOOL_ARGUMENTS", arguments)


def _first_sentence(tool: ToolSpec) -> str:
    text = tool.description or tool.title or "no description"
    return text.partition(". ")[0].rstrip(".")


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 120 else line[:117] + "..."
