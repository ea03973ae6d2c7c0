"""omni2's side towards servers, as the conformance suite starts a client: its last argument is a URL."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from pydantic import JsonValue

from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import ServerTarget, UpstreamCall, UpstreamTool

# What a server sends before the stream for its own messages is open, it loses.
STREAM_OPENS_S = 1.0

Json = dict[str, JsonValue]

_BY_TYPE: Json = {"integer": 5, "number": 5, "boolean": True, "array": [], "object": {}}


class Answering:
    """A caller that agrees to everything, with what a form has by default."""

    def supports(self, method: str) -> bool:
        """Whatever is asked."""
        del method
        return True

    async def progress(self, params: Json) -> None:
        """Nobody watches."""
        del params

    async def log(self, params: Json) -> None:
        """Nobody reads."""
        del params

    async def ask(self, requests: Mapping[str, Json]) -> Mapping[str, JsonValue]:
        """Answer every request."""
        return {key: _answer(request) for key, request in requests.items()}

    def sent(self) -> None:
        """Nobody pays."""


def _answer(request: Json) -> JsonValue:
    match request:
        case {"method": "elicitation/create", "params": {"requestedSchema": {"properties": dict(fields)}}}:
            content: Json = {name: _value(cast("Json", schema)) for name, schema in fields.items()}
            return {"action": "accept", "content": content}
        case {"method": "sampling/createMessage"}:
            content = {"type": "text", "text": "Paris"}
            return {"role": "assistant", "content": content, "model": "none", "stopReason": "endTurn"}
        case _:
            return {"roots": []}


def _value(schema: Json) -> JsonValue:
    if "default" in schema:
        return schema["default"]
    match schema:
        case {"enum": [first, *_]}:
            return first
        case _:
            kind = schema.get("type")
            return _BY_TYPE.get(kind, "text") if isinstance(kind, str) else "text"


def arguments_for(tool: UpstreamTool) -> Json:
    """Return what a tool's schema asks for."""
    properties = cast("dict[str, Json]", tool.input_schema.get("properties") or {})
    needed = cast("list[str]", tool.input_schema.get("required") or [])
    return {name: _value(properties.get(name, {})) for name in needed}


def calls_of(context: Json, tools: tuple[UpstreamTool, ...]) -> list[tuple[str, Json]]:
    """Return the calls that the suite asks for, or one of each tool."""
    match context:
        case {"toolCalls": list(wanted)}:
            found = cast("list[Json]", wanted)
            return [(str(call["name"]), cast("Json", call["arguments"])) for call in found]
        case _:
            pass
    schemas = {tool.name: tool.input_schema for tool in tools}
    rich = schemas.get("json_schema_2020_12_tool")
    if rich is not None:
        echo = next(name for name in schemas if name != "json_schema_2020_12_tool")
        return [(echo, {"schema": rich})]
    return [(tool.name, arguments_for(tool)) for tool in tools]


async def main(url: str) -> None:
    """Connect, list, and call."""
    context = cast("Json", json.loads(os.environ.get("MCP_CONFORMANCE_CONTEXT") or "{}"))
    target = ServerTarget(
        server_id="suite",
        slug="suite",
        title=urlsplit(url).netloc,
        transport="http",
        url=url,
        command=(),
        env=(),
        headers=(),
        timeout_ms=10_000,
        concurrency=4,
        version=1,
        allow_private=True,
        builtin=False,
    )
    pool = SessionPool(stdio_commands=frozenset())
    try:
        catalogue = await pool.list_tools(target)
        await asyncio.sleep(STREAM_OPENS_S)
        for name, arguments in calls_of(context, catalogue.tools):
            call = UpstreamCall("tools/call", {"name": name, "arguments": arguments})
            outcome = await pool.request(target, call, Answering())
            print(name, outcome.status, outcome.text)  # noqa: T201
    finally:
        await pool.aclose()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
