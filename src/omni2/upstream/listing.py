"""All pages of a server's tool list, bounded, as a `Catalogue`."""

import time
from typing import cast

import mcp_types as types
import orjson
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.exchange import Exchange
from omni2.upstream.ports import Catalogue, UpstreamTool
from omni2.upstream.session import Session

MAX_PAGES = 100
MAX_TOOLS = 5_000
MAX_DESCRIPTION_CHARS = 16_384
MAX_NAME_CHARS = 256


async def read_catalogue(session: Session, exchange: Exchange, started: float) -> Catalogue:
    """Ask for every page until the deadline. `started` is the performance counter that latency counts from.

    Raises `Problem` server_invalid for a list that does not end, `TimeoutError`, `SERVER_FAULTS`.
    """
    tools: dict[str, UpstreamTool] = {}
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        params = types.PaginatedRequestParams(cursor=cursor) if cursor is not None else None
        page: types.ListToolsResult = await session.ask(
            types.ListToolsRequest(params=params), types.ListToolsResult, exchange
        )
        for tool in page.tools:
            if 0 < len(tool.name) <= MAX_NAME_CHARS:
                tools.setdefault(tool.name, _tool(tool))
        cursor = page.next_cursor
        if cursor is None:
            revision, name, version = session.info
            latency_ms = (time.perf_counter() - started) * 1000
            return Catalogue(tuple(tools.values()), revision, name, version, latency_ms)
        if cursor in seen or len(tools) > MAX_TOOLS:
            break
        seen.add(cursor)
    raise Problem("server_invalid", 502, f"The tool list of {session.target.title} does not end.")


def _tool(tool: types.Tool) -> UpstreamTool:
    annotations = (
        tool.annotations.model_dump(by_alias=True, mode="json", exclude_none=True) if tool.annotations else {}
    )
    title = tool.title or annotations.get("title")
    return UpstreamTool(
        name=tool.name,
        title=title if isinstance(title, str) else None,
        description=(tool.description or "")[:MAX_DESCRIPTION_CHARS],
        input_schema=cast("dict[str, JsonValue]", orjson.loads(orjson.dumps(tool.input_schema))),
        annotations=cast("dict[str, JsonValue]", annotations),
    )
