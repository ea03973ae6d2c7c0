"""Every method of the protocol that is spoken here: in which revisions, and who may use it.

Whatever the kind, a request takes a bearer with the scope `mcp` of a person who is not blocked. `flow` goes
the governed path and leaves a flow; `list` shows exactly what calls allow; the rest concerns the connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from omni2.gateway.wire import LEGACY, METHOD_NOT_FOUND, MODERN, Fault

Kind = Literal["flow", "list", "session", "stream"]


@dataclass(frozen=True, slots=True)
class Method:
    """Who may use a method (`scope`), what kind it is, and the revisions that have it."""

    kind: Kind
    revisions: frozenset[str]
    scope: Literal["mcp"] = "mcp"


_ALL = frozenset({*LEGACY, MODERN})
_OLDER = frozenset(LEGACY)
_NEWEST = frozenset({MODERN})

METHODS: Mapping[str, Method] = {
    "initialize": Method("session", _OLDER),
    "ping": Method("session", _OLDER),
    "server/discover": Method("session", _NEWEST),
    "logging/setLevel": Method("session", _OLDER),
    "tools/list": Method("list", _ALL),
    "tools/call": Method("flow", _ALL),
    "prompts/list": Method("list", _ALL),
    "prompts/get": Method("flow", _ALL),
    "resources/list": Method("list", _ALL),
    "resources/templates/list": Method("list", _ALL),
    "resources/read": Method("flow", _ALL),
    "completion/complete": Method("flow", _ALL),
    "resources/subscribe": Method("stream", _OLDER),
    "resources/unsubscribe": Method("stream", _OLDER),
    "subscriptions/listen": Method("stream", _NEWEST),
}


def require_method(name: str, revision: str) -> Method:
    """Return a method of this revision; raise `Fault` for one that it does not have."""
    method = METHODS.get(name)
    if method is None or revision not in method.revisions:
        raise Fault(METHOD_NOT_FOUND, f"Method not found: {name[:100]}")
    return method
