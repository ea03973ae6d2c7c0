"""Resource templates (RFC 6570): whether a URI may come from one, in a time that grows with its length."""

import re
from functools import lru_cache

_EXPRESSION = re.compile(r"\{([+#./;?&]?)[^{}]*\}")
_STOPS = {"": "/?#", ".": "/?#", ";": "/?#", "/": "?#", "?": "#", "&": "#", "+": "", "#": ""}
Part = tuple[str, str | None]  # a literal and what stands behind it: the characters a value cannot hold


def literal_start(template: str) -> str:
    """Return what every URI of a template begins with."""
    return _parts(template)[0][0]


def could_be(template: str, uri: str) -> bool:
    """Whether some values of its variables make a template into `uri`."""
    ends = {0}
    for literal, stops in _parts(template):
        ends = {end + len(literal) for end in ends if uri.startswith(literal, end)}
        if not ends:
            return False
        if stops is None:
            return len(uri) in ends
        ends = _behind_value(uri, ends, stops)
    raise AssertionError


def _behind_value(uri: str, starts: set[int], stops: str) -> set[int]:
    """Return where a value may end that begins at one of `starts`."""
    ends: set[int] = set()
    reached = False
    for position in range(min(starts), len(uri) + 1):
        reached = reached or position in starts
        if reached:
            ends.add(position)
        if position < len(uri) and uri[position] in stops:
            reached = False
    return ends


@lru_cache(maxsize=4096)
def _parts(template: str) -> tuple[Part, ...]:
    parts: list[Part] = []
    at = 0
    for found in _EXPRESSION.finditer(template):
        parts.append((template[at : found.start()], _STOPS[found[1]]))
        at = found.end()
    return (*parts, (template[at:], None))
