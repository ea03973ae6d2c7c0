"""Reads a bundle, or JSON lines, as it comes in: never more in memory than a part and a value."""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, cast

import orjson

from omni2.kernel.errors import Problem

VALUE_LIMIT = 16 * 1024 * 1024
NEAR = 16  # characters from the end, where a number or a word may have been cut
START = re.compile(r'\{\s*"omni2_bundle"')
TELLING = 64  # characters, after which it is clear what comes
BLANK = " \t\r\n"
LISTS = ("flows", "links")

Mode = Literal["start", "lines", "top", "flows", "links", "end"]
Item = tuple[Literal["flow", "link"], dict[str, Any]]
_decoder = json.JSONDecoder()


class _Cut(Exception):
    """The value that stands here has not come as a whole yet."""


@dataclass(slots=True)
class Reader:
    """Where the reading is: in what kind of place, what stood beside the lists, what is left of a part."""

    mode: Mode = "start"
    rest: bytes = b""
    head: dict[str, Any] = field(default_factory=dict[str, Any])

    def take(self, part: bytes) -> Iterator[Item]:
        """Yield the flows and links that are whole with this part; raise `Problem` bundle_invalid."""
        try:
            decoder = codecs.getincrementaldecoder("utf-8")()
            given = decoder.decode(self.rest + part)
            left = decoder.getstate()[0]
            at = 0
            while True:
                at, item, more = self._next(given, at)
                if item is not None:
                    yield item
                if not more:
                    break
            self.rest = given[at:].encode() + left
        except (ValueError, KeyError, TypeError) as error:
            raise invalid("it is neither a bundle nor JSON lines") from error
        if len(self.rest) > VALUE_LIMIT:
            raise invalid(f"a flow is larger than {VALUE_LIMIT // 1024 // 1024} MiB, or never ends")

    def require_whole(self) -> None:
        """Raise `Problem` bundle_invalid if something is still to come."""
        if self.rest.strip() or self.mode not in {"lines", "end"}:
            raise invalid("it ends in the middle: the file is not whole")

    def _next(self, given: str, at: int) -> tuple[int, Item | None, bool]:
        """Go one step on; return where that ended, what it found, and whether to go on."""
        at = _skip(given, at, BLANK if self.mode in {"lines", "end"} else f"{BLANK},")
        if at == len(given):
            return at, None, False
        try:
            return self._step(given, at)
        except _Cut:
            return at, None, False

    def _step(self, given: str, at: int) -> tuple[int, Item | None, bool]:
        match self.mode:
            case "start":
                is_bundle = START.match(given, at) is not None
                if not is_bundle and len(given) - at < TELLING:
                    raise _Cut
                self.mode = "top" if is_bundle else "lines"
                return at + is_bundle, None, True
            case "lines":
                value, end = _object(given, at)
                return end, ("flow", value), True
            case "top":
                return self._member(given, at), None, True
            case "end":
                raise ValueError("more behind the end")
            case _:
                if given[at] == "]":
                    self.mode = "top"
                    return at + 1, None, True
                value, end = _object(given, at)
                return end, ("flow" if self.mode == "flows" else "link", value), True

    def _member(self, given: str, at: int) -> int:
        """Read a member of the bundle itself; return where it ends, or where the list that it is begins."""
        if given[at] == "}":
            self.mode = "end"
            return at + 1
        name, end = _value(given, at)
        end = _skip(given, end, BLANK)
        if end == len(given):
            raise _Cut
        if given[end] != ":":
            raise ValueError("no value")
        end = _skip(given, end + 1, BLANK)
        if end == len(given):
            raise _Cut
        if name in LISTS:
            if given[end] != "[":
                raise ValueError("no list")
            self.mode = "flows" if name == "flows" else "links"
            return end + 1
        value, end = _value(given, end)
        if end == len(given):
            raise _Cut
        self.head[str(name)] = value
        return end


def invalid(why: str) -> Problem:
    """Return the problem of what cannot be imported."""
    return Problem("bundle_invalid", 422, f"This cannot be imported: {why}.")


def _object(given: str, at: int) -> tuple[dict[str, Any], int]:
    if given[at] != "{":
        raise ValueError("no object")
    _, end = _value(given, at)
    return cast("dict[str, Any]", orjson.loads(given[at:end])), end


def _value(given: str, at: int) -> tuple[object, int]:
    try:
        return _decoder.raw_decode(given, at)
    except json.JSONDecodeError as error:
        if error.msg.startswith("Unterminated string") or error.pos >= len(given) - NEAR:
            raise _Cut from error
        raise


def _skip(given: str, at: int, blank: str) -> int:
    while at < len(given) and given[at] in blank:
        at += 1
    return at
