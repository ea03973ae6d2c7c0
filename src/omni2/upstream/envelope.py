"""What goes around a request on the wire: `_meta`, and for the revision without sessions its headers."""

from collections.abc import Mapping
from typing import cast

from mcp.shared.inbound import (
    MCP_METHOD_HEADER,
    MCP_NAME_HEADER,
    NAME_BEARING_METHODS,
    encode_header_value,
    find_invalid_x_mcp_header,
    mcp_param_headers,
    x_mcp_header_map,
)
from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    CLIENT_INFO_META_KEY,
    LOG_LEVEL_META_KEY,
    PROTOCOL_VERSION_META_KEY,
)
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import JsonValue

from omni2.upstream.ports import CLIENT_INFO, URL_QUESTION, CallerLink

Object = dict[str, JsonValue]
Mirrored = dict[tuple[str, ...], str]
INPUT_REQUIRED = "input_required"

_CAPABILITIES: Mapping[str, tuple[str, str | None]] = {
    "sampling/createMessage": ("sampling", None),
    "elicitation/create": ("elicitation", "form"),
    URL_QUESTION: ("elicitation", "url"),
    "roots/list": ("roots", None),
}
QUESTIONS = frozenset(_CAPABILITIES) - {URL_QUESTION}


def is_modern(revision: str) -> bool:
    """Whether a revision has no sessions and an envelope around every request."""
    return revision in MODERN_PROTOCOL_VERSIONS


def enveloped(params: Object, revision: str, link: CallerLink | None, token: str | int) -> Object:
    """Return `params` with their `_meta`: the trace, the token of progress, who asks, the revision."""
    given = params.get("_meta")
    meta: Object = dict(given) if isinstance(given, dict) else {}
    if link is not None:
        meta["progressToken"] = token
    if is_modern(revision):
        meta[PROTOCOL_VERSION_META_KEY] = revision
        meta[CLIENT_INFO_META_KEY] = CLIENT_INFO
        meta[CLIENT_CAPABILITIES_META_KEY] = capabilities(link)
        if link is not None:
            meta[LOG_LEVEL_META_KEY] = "debug"
    return {**params, "_meta": meta} if meta else params


def capabilities(link: CallerLink | None) -> Object:
    """Return what the caller behind a request can be asked for."""
    found: dict[str, Object] = {}
    for question, (name, way) in _CAPABILITIES.items():
        if link is not None and link.supports(question):
            found.setdefault(name, {}).update({way: {}} if way is not None else {})
    return cast("Object", found)


def is_answered(link: CallerLink | None, request: Object) -> bool:
    """Whether the caller answers a request `{method, params}` of a server."""
    method, params = request.get("method"), request.get("params")
    if link is None or method not in QUESTIONS:
        return False
    by_page = method == "elicitation/create" and isinstance(params, dict) and params.get("mode") == "url"
    return link.supports(URL_QUESTION if by_page else str(method))


def routing_headers(method: str, params: Object) -> list[tuple[bytes, bytes]]:
    """Return the headers that repeat method and name beside the body."""
    headers = [(MCP_METHOD_HEADER.encode(), method.encode())]
    name = params.get(NAME_BEARING_METHODS.get(method, ""))
    if isinstance(name, str):
        headers.append((MCP_NAME_HEADER.encode(), encode_header_value(name).encode()))
    return headers


def mirrors_wrongly(schema: Object) -> bool:
    """Whether a schema wants arguments repeated as headers in a way that no client may follow."""
    return find_invalid_x_mcp_header(schema) is not None


def mirrored_arguments(schema: Object) -> Mirrored:
    """Return which arguments a schema wants repeated as headers; none where it says so wrongly."""
    return {} if mirrors_wrongly(schema) else x_mcp_header_map(schema)


def mirroring_headers(mirrored: Mirrored, params: Object) -> list[tuple[bytes, bytes]]:
    """Return the headers that repeat these arguments of a call."""
    arguments = params.get("arguments")
    given = mcp_param_headers(mirrored, arguments if isinstance(arguments, dict) else {})
    return [(name.encode(), value.encode()) for name, value in given.items()]


def input_required(result: Object) -> tuple[dict[str, Object], JsonValue]:
    """Return what a result of the type `INPUT_REQUIRED` asks for, by key, and the state to hand back."""
    asked = result.get("inputRequests")
    found = cast("dict[str, JsonValue]", asked) if isinstance(asked, dict) else {}
    return {key: item for key, item in found.items() if isinstance(item, dict)}, result.get("requestState")
