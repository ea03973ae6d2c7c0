"""All pages of a server's tool list, bounded, as a `Catalogue`."""

import time
from typing import cast

import mcp_types as types
import orjson
import structlog
from pydantic import JsonValue, ValidationError

from omni2.kernel.errors import Problem
from omni2.upstream.exchange import Exchange
from omni2.upstream.ports import Catalogue, UpstreamTool
from omni2.upstream.session import Session

MAX_PAGES = 100
MAX_TOOLS = 5_000
MAX_DESCRIPTION_CHARS = 16_384
MAX_NAME_CHARS = 256

log = structlog.get_logger(__name__)


async def read_catalogue(session: Session, exchange: Exchange, started: float) -> Catalogue:
    """Ask for every page until the deadline. `started` is the performance counter that latency counts from.

    Raises `Problem` server_invalid for a list that does not end, `TimeoutError`, `SERVER_FAULTS`.
    """
    tools: dict[str, UpstreamTool] = {}
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        params = types.PaginatedRequestParams(cursor=cursor) if cursor is not None else None
        page = await _page(session, params, exchange)
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


async def _page(
    session: Session, params: types.PaginatedRequestParams | None, exchange: Exchange
) -> types.ListToolsResult:
    """Return one page; where single tools are malformed, the page without them."""
    request = types.ListToolsRequest(params=params)
    try:
        return await session.ask(request, types.ListToolsResult, exchange)
    except ValidationError:
        sent = params.model_dump(by_alias=True, exclude_none=True) if params is not None else {}
        raw = await session.ask_raw("tools/list", sent, exchange)
        if raw is None or not isinstance(raw.get("tools"), list):
            raise
    cursor = raw.get("nextCursor")
    return types.ListToolsResult(
        tools=[tool for entry in raw["tools"] if (tool := _valid(session, entry)) is not None],
        next_cursor=cursor if isinstance(cursor, str) else None,
    )


def _valid(session: Session, entry: object) -> types.Tool | None:
    try:
        tool = types.Tool.model_validate(entry, by_name=False)
    except ValidationError:
        log.warning("tool_definition_invalid", server=session.target.slug)
        return None
    return tool


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
