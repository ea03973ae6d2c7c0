"""The pool that calls servers, as a client of the conformance suite."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import cast
from urllib.parse import urlsplit

from pydantic import JsonValue

from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import Resumed, ServerTarget, UpstreamCall, UpstreamTool

# What a server sends before the stream for its own messages is open, it loses.
STREAM_OPENS_S = 1.0
NO_STREAM_SINCE = "2026-07-28"

Json = dict[str, JsonValue]

_TARGET = ServerTarget(
    server_id="suite",
    slug="suite",
    title="",
    transport="http",
    url=None,
    command=(),
    env=(),
    headers=(),
    timeout_ms=30_000,
    concurrency=4,
    version=1,
    allow_private=True,
    builtin=False,
)
_BY_TYPE: Json = {"integer": 5, "number": 5, "boolean": True, "array": [], "object": {}}


class Answering:
    """A caller that agrees to everything, with what a form has by default."""

    resumed: Resumed | None = None

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

    async def ask(self, requests: Mapping[str, Json], state: JsonValue = None) -> Mapping[str, JsonValue]:
        """Answer every request."""
        del state
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


def calls_of(context: Json, tools: tuple[UpstreamTool, ...]) -> list[UpstreamCall]:
    """Return the calls that the suite asks for, or one of each tool."""
    schemas = {tool.name: tool.input_schema for tool in tools}
    rich = schemas.get("json_schema_2020_12_tool")
    match context:
        case {"toolCalls": list(wanted)}:
            found = cast("list[Json]", wanted)
            made = [(str(call["name"]), cast("Json", call["arguments"])) for call in found]
        case _ if rich is not None:
            echo = next(name for name in schemas if name != "json_schema_2020_12_tool")
            made: list[tuple[str, Json]] = [(echo, {"schema": rich})]
        case _:
            made = [(tool.name, arguments_for(tool)) for tool in tools]
    return [
        UpstreamCall("tools/call", {"name": name, "arguments": arguments}, schema=(name, schemas[name]))
        for name, arguments in made
    ]


async def talk(url: str, context: Json) -> str:
    """Connect, list, and call; return what came."""
    target = replace(_TARGET, title=urlsplit(url).netloc, url=url)
    pool, said = SessionPool(stdio_commands=frozenset()), list[str]()
    try:
        catalogue = await pool.list_tools(target)
        if catalogue.revision < NO_STREAM_SINCE:
            await asyncio.sleep(STREAM_OPENS_S)
        for call in calls_of(context, catalogue.tools):
            outcome = await pool.request(target, call, Answering())
            said.append(f"{call.params['name']} {outcome.status} {outcome.text}")
    finally:
        await pool.aclose()
    return "\n".join(said)
