"""All pages of a server's tool list, bounded, as a `Catalogue`."""

import time
from typing import Any, cast

import mcp_types as types
import orjson
import structlog
from pydantic import ValidationError

from omni2.kernel.errors import Problem
from omni2.upstream.exchange import Exchange
from omni2.upstream.faults import masked_json
from omni2.upstream.ports import Catalogue, ServerTarget, UpstreamTool
from omni2.upstream.session import Session

MAX_PAGES = 100
MAX_TOOLS = 5_000
MAX_LIST_BYTES = 8 * 1024 * 1024
MAX_TOOL_BYTES = 256 * 1024
MAX_CURSOR_CHARS = 4_096
MAX_DESCRIPTION_CHARS = 16_384
MAX_NAME_CHARS = 256
MAX_TITLE_CHARS = 256
MAX_REVISION_CHARS = 32

log = structlog.get_logger(__name__)


async def read_catalogue(session: Session, exchange: Exchange, started: float) -> Catalogue:
    """Ask for every page until the deadline. `started` is the performance counter that latency counts from.

    Raises `Problem` server_invalid for a list that does not end, server_list_too_large for one of too many
    tools or bytes, `TimeoutError`, `SERVER_FAULTS`. A tool that cannot be kept is left out.
    """
    shelf = _Shelf(session.target)
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(MAX_PAGES):
        params = types.PaginatedRequestParams(cursor=cursor) if cursor is not None else None
        page = await _page(session, params, exchange)
        for tool in page.tools:
            shelf.add(tool)
        cursor = page.next_cursor
        if cursor is None:
            revision, name, version = session.info
            latency_ms = (time.perf_counter() - started) * 1000
            return Catalogue(
                tuple(shelf.tools.values()),
                revision[:MAX_REVISION_CHARS],
                name[:MAX_NAME_CHARS],
                version[:MAX_NAME_CHARS],
                latency_ms,
            )
        if cursor in seen or len(cursor) > MAX_CURSOR_CHARS:
            break
        seen.add(cursor)
    raise Problem("server_invalid", 502, f"The tool list of {session.target.title} does not end.")


class _Shelf:
    """The tools so far, and how much the server said to list them: also what is listed twice counts."""

    def __init__(self, target: ServerTarget) -> None:
        self.tools: dict[str, UpstreamTool] = {}
        self._target = target
        self._count = self._bytes = 0

    def add(self, tool: types.Tool) -> None:
        """Take one tool, or leave it out; raise `Problem` when it is one too many."""
        found = _tool(self._target, tool)
        size = len(_encoded(found)) if found is not None else 0
        self._count += 1
        self._bytes += size
        if self._count > MAX_TOOLS or self._bytes > MAX_LIST_BYTES:
            raise Problem(
                "server_list_too_large",
                502,
                f"{self._target.title} lists more than {MAX_TOOLS} tools, or more than 8 MiB of them.",
            )
        if found is None or size > MAX_TOOL_BYTES or not 0 < len(found.name) <= MAX_NAME_CHARS:
            log.warning("tool_left_out", server=self._target.slug, size_bytes=size)
            return
        self.tools.setdefault(found.name, found)


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


def _tool(target: ServerTarget, tool: types.Tool) -> UpstreamTool | None:
    """Return the tool, or None where it holds what JSON cannot carry; its server's credentials are masked."""
    hints = (
        tool.annotations.model_dump(by_alias=True, mode="json", exclude_none=True) if tool.annotations else {}
    )
    try:
        told = orjson.loads(orjson.dumps([tool.title, tool.description, tool.input_schema, hints]))
        title, words, schema, annotations = cast("list[Any]", masked_json(target, told))
        title = title or annotations.get("title")
        found = UpstreamTool(
            name=tool.name,
            title=title[:MAX_TITLE_CHARS] if isinstance(title, str) else None,
            description=(words or "")[:MAX_DESCRIPTION_CHARS],
            input_schema=schema,
            annotations=annotations,
        )
        _encoded(found)
    except (TypeError, ValueError, RecursionError):
        return None
    return found


def _encoded(tool: UpstreamTool) -> bytes:
    return orjson.dumps(tool)
