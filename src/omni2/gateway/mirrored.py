"""Arguments that headers repeat (`x-mcp-header` in a schema): who routes by them must not be deceived."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from omni2.catalog.entries import ToolEntry
from omni2.gateway.request import Incoming, unpacked
from omni2.gateway.wire import HEADER_MISMATCH, Fault, Object

KEPT = 4_096
_MARK = "x-mcp-header"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.0+)?")
_TYPES = {"string", "integer", "boolean"}


@dataclass(frozen=True, slots=True)
class Mirrored:
    """An argument by its path, the header that repeats it, in lower case, and its type."""

    path: tuple[str, ...]
    header: bytes
    kind: str


class Mirrors:
    """What is repeated of each tool, found once."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Mirrored, ...]] = {}

    def require_equal(self, head: Incoming, tool: ToolEntry, arguments: Object) -> None:
        """Raise `Fault` unless every header that a tool's schema names equals its argument."""
        found = self._kept.get(tool.sha256)
        if found is None:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            found = self._kept[tool.sha256] = mirrored_in(tool.input_schema)
        for one in found:
            _require_equal(head, one, arguments)


def mirrored_in(schema: Object) -> tuple[Mirrored, ...]:
    """Return what a schema lets headers repeat; nothing of one that says so wrongly, as clients drop it."""
    found: list[Mirrored] = []
    waiting: list[tuple[tuple[str, ...], Object]] = [((), schema)]
    while waiting:
        path, part = waiting.pop()
        if _MARK in part:
            one = _mirrored(path, part)
            if one is None or one.header in {other.header for other in found}:
                return ()
            found.append(one)
        properties = part.get("properties")
        if isinstance(properties, dict):
            waiting += [((*path, name), each) for name, each in properties.items() if isinstance(each, dict)]
    return tuple(found)


def _mirrored(path: tuple[str, ...], part: Object) -> Mirrored | None:
    token, kind = part.get(_MARK), part.get("type")
    if not path or not isinstance(token, str) or not _TOKEN.fullmatch(token):
        return None
    if not isinstance(kind, str) or kind not in _TYPES:
        return None
    return Mirrored(path, f"mcp-param-{token.lower()}".encode(), kind)


def _require_equal(head: Incoming, one: Mirrored, arguments: Object) -> None:
    raw, value = head.header(one.header), _value_at(arguments, one.path)
    rendered = _rendered(value)
    if raw is None and rendered is None:
        return
    given = unpacked(raw)
    if given is None or rendered is None or not _same(one.kind, value, rendered, given):
        name, argument = one.header.decode(), ".".join(one.path)
        raise Fault(HEADER_MISMATCH, f"The header {name} does not equal the argument {argument}.")


def _value_at(arguments: Object, path: tuple[str, ...]) -> JsonValue:
    node: JsonValue = arguments
    for key in path:
        if not isinstance(node, Mapping):
            return None
        node = node.get(key)
    return node


def _rendered(value: JsonValue) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _same(kind: str, value: JsonValue, rendered: str, given: str) -> bool:
    whole = isinstance(value, int | float) and not isinstance(value, bool) and float(value).is_integer()
    if kind == "integer" and whole and isinstance(value, int | float) and _DECIMAL.fullmatch(given):
        return int(given.partition(".")[0]) == int(value)
    return given == rendered
