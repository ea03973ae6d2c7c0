"""All pages of everything that a server lists, bounded, as a `Catalogue`."""

import time
from collections.abc import Callable
from typing import Generic, TypeVar, cast

import structlog
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, METHOD_NOT_FOUND, PARSE_ERROR
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.definitions import (
    MAX_DEFINITION_BYTES,
    MAX_NAME_CHARS,
    Definition,
    read_prompt,
    read_resource,
    read_template,
    read_tool,
    size_of,
)
from omni2.upstream.envelope import is_modern, mirrors_wrongly
from omni2.upstream.exchange import Exchange
from omni2.upstream.masks import masked, masked_json
from omni2.upstream.ports import Catalogue, ServerTarget, UpstreamTool
from omni2.upstream.session import Session

MAX_PAGES = 100
MAX_ENTRIES = 5_000
MAX_LIST_BYTES = 8 * 1024 * 1024
MAX_CURSOR_CHARS = 4_096
MAX_REVISION_CHARS = 32
MAX_INSTRUCTIONS_CHARS = 16_384
MAX_CAPABILITIES_BYTES = 64 * 1024

Object = dict[str, JsonValue]
T = TypeVar("T", bound=Definition)
log = structlog.get_logger(__name__)


async def read_catalogue(session: Session, exchange: Exchange, started: float) -> Catalogue:
    """Ask for every page until the deadline. `started` is the performance counter that latency counts from.

    Raises `Problem` server_invalid for a list that does not end, server_list_too_large for one of too many
    entries or bytes, `TimeoutError`, `SERVER_FAULTS`. What cannot be kept is left out, and so are lists that
    the server does not offer.
    """
    target, says = session.target, _capabilities(session)
    read = _read_routed_tool if target.transport == "http" and is_modern(session.revision) else read_tool
    tools = await _Shelf(target, "tool", read, "tools").fill(session, "tools/list", exchange)
    prompts = _Shelf(target, "prompt", read_prompt, "prompts")
    resources = _Shelf(target, "resource", read_resource, "resources")
    templates = _Shelf(target, "template", read_template, "resourceTemplates")
    if "prompts" in says:
        await prompts.fill(session, "prompts/list", exchange)
    if "resources" in says:
        await resources.fill(session, "resources/list", exchange)
        await templates.fill(session, "resources/templates/list", exchange)
    revision, name, version = session.info
    told = session.instructions
    return Catalogue(
        tuple(tools.kept.values()),
        revision[:MAX_REVISION_CHARS],
        name[:MAX_NAME_CHARS],
        version[:MAX_NAME_CHARS],
        (time.perf_counter() - started) * 1000,
        tuple(prompts.kept.values()),
        tuple(resources.kept.values()),
        tuple(templates.kept.values()),
        says,
        masked(target, told)[:MAX_INSTRUCTIONS_CHARS] if told else None,
    )


def _read_routed_tool(entry: Object) -> UpstreamTool | None:
    """Read a tool whose calls carry headers; one that wants impossible ones cannot be called."""
    found = read_tool(entry)
    return None if found is None or mirrors_wrongly(found.input_schema) else found


def _capabilities(session: Session) -> Object:
    found = session.capabilities
    size = size_of(found)
    names: Object = {name: {} for name in found}
    kept = found if size is not None and size <= MAX_CAPABILITIES_BYTES else names
    return cast("Object", masked_json(session.target, kept))


class _Shelf(Generic[T]):
    """The entries so far, and how much the server said to list them: also what is listed twice counts."""

    def __init__(
        self, target: ServerTarget, what: str, read: Callable[[Object], T | None], member: str
    ) -> None:
        self.kept: dict[str, T] = {}
        self._target = target
        self._what = what
        self._read = read
        self._member = member
        self._count = self._bytes = 0

    async def fill(self, session: Session, method: str, exchange: Exchange) -> "_Shelf[T]":
        """Read all pages; a server that does not know the method has none."""
        params: Object = {}
        seen: set[str] = set()
        for _ in range(MAX_PAGES):
            try:
                page = await session.request(method, params, exchange)
            except MCPError as error:
                if error.code != METHOD_NOT_FOUND or params:
                    raise
                exchange.refused_with = exchange.status = None
                return self
            cursor = self._take(page)
            if cursor is None:
                return self
            if cursor in seen or len(cursor) > MAX_CURSOR_CHARS:
                break
            seen.add(cursor)
            params = {"cursor": cursor}
        raise Problem("server_invalid", 502, f"The {self._what} list of {self._target.title} does not end.")

    def _take(self, page: Object) -> str | None:
        entries, cursor = page.get(self._member), page.get("nextCursor")
        if not isinstance(entries, list):
            raise MCPError(PARSE_ERROR, f"its {self._what} list is none")
        for entry in entries:
            self._add(entry)
        if cursor is not None and not isinstance(cursor, str):
            raise MCPError(INTERNAL_ERROR, "the cursor of its list is none")
        return cursor or None

    def _add(self, entry: JsonValue) -> None:
        """Take one entry, or leave it out; raise `Problem` when it is one too many."""
        size = size_of(entry)
        self._count += 1
        self._bytes += size or 0
        if self._count > MAX_ENTRIES or self._bytes > MAX_LIST_BYTES:
            raise Problem(
                "server_list_too_large",
                502,
                f"{self._target.title} lists more than {MAX_ENTRIES} {self._what}s, or over 8 MiB of them.",
            )
        usable = isinstance(entry, dict) and size is not None and size <= MAX_DEFINITION_BYTES
        found = self._read(self._masked(entry)) if usable and isinstance(entry, dict) else None
        if found is None:
            log.warning("definition_left_out", server=self._target.slug, what=self._what, size_bytes=size)
            return
        self.kept.setdefault(_key(found), found)

    def _masked(self, entry: Object) -> Object:
        """Return the entry without credentials; its own name stays, since it must be called by it."""
        clean = cast("Object", masked_json(self._target, entry))
        own = {name: entry[name] for name in ("name", "uri", "uriTemplate") if name in entry}
        return {**clean, **own}


def _key(found: Definition) -> str:
    uri = getattr(found, "uri", None) or getattr(found, "uri_template", None)
    return str(uri) if uri is not None else found.name
