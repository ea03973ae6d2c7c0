"""One HTTP request at `/mcp`: its headers, what it accepts, which revision it speaks."""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from starlette.types import Receive, Scope

from omni2.gateway.wire import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    LEGACY,
    MODERN,
    SUPPORTED,
    Fault,
    Message,
    Object,
    unsupported,
)
from omni2.kernel.errors import Problem

ROOT = "/mcp"
VERSION_KEY = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities"
CLIENT_KEY = "io.modelcontextprotocol/clientInfo"
NAMED_BY: Mapping[str, str] = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_ONCE = (b"mcp-protocol-version", b"mcp-method", b"mcp-name", b"mcp-session-id", b"authorization")
_PACKED = ("=?base64?", "?=")


@dataclass(slots=True)
class Incoming:
    """What the head of a request says. `slug` is that of `/mcp/{slug}`, empty at `/mcp`.

    `older` is the revision that it names, if that is one with sessions and all headers are as they must be.
    """

    verb: str
    slug: str
    headers: Mapping[bytes, str]
    accepts_json: bool
    accepts_stream: bool
    repeated: str | None
    older: str | None = None

    def header(self, name: bytes) -> str | None:
        """Return a header by its name in lower case."""
        return self.headers.get(name)

    @property
    def version(self) -> str | None:
        """The revision that the header names."""
        return self.headers.get(b"mcp-protocol-version")

    @property
    def session_id(self) -> str | None:
        """The session that the request belongs to."""
        return self.headers.get(b"mcp-session-id")


def is_ours(path: str) -> bool:
    """Whether a path belongs to the gateway."""
    return path == ROOT or path.startswith(ROOT + "/")


def read_head(scope: Scope) -> Incoming:
    """Return the head of a request; raise `Problem` for an address that does not exist."""
    slug = scope["path"].removeprefix(ROOT).strip("/")
    if "/" in slug or len(slug) > 32:
        raise Problem("not_found", 404, "There is nothing at this address.")
    headers, repeated = _headers(scope["headers"])
    version = headers.get(b"mcp-protocol-version")
    accept = {part.partition(";")[0].strip().lower() for part in headers.get(b"accept", "*/*").split(",")}
    return Incoming(
        scope["method"],
        slug,
        headers,
        not accept.isdisjoint({"*/*", "application/*", "application/json"}),
        not accept.isdisjoint({"*/*", "text/*", "text/event-stream"}),
        repeated,
        version if repeated is None and version in LEGACY else None,
    )


async def read_body(receive: Receive) -> bytes:
    """Return the whole body; how much and how long is bounded by whoever made `receive`."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def require_json(head: Incoming) -> None:
    """Raise `Problem` unless the body is JSON and an answer of ours is acceptable."""
    kind = head.headers.get(b"content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem("unsupported_media_type", 415, "Send JSON with content type application/json.")
    if not head.accepts_json and not head.accepts_stream:
        detail = "Accept application/json and text/event-stream."
        raise Problem("not_acceptable", 406, detail)


def revision_of(head: Incoming, message: Message) -> str:
    """Return the revision that a message is to be read by, `MODERN` or an older one.

    Raises `Fault` where headers and body disagree or the revision is not spoken here: before anybody is
    asked who they are, since whoever routes by headers must be able to trust them.
    """
    if head.older is not None and VERSION_KEY not in message.meta:
        return head.older
    if head.repeated is not None:
        raise Fault(HEADER_MISMATCH, f"The header {head.repeated} appears more than once.")
    inside = message.meta.get(VERSION_KEY)
    if message.method == "initialize" and head.version in {None, *LEGACY}:
        return head.version or LEGACY[-1]
    if head.version == MODERN or inside is not None:
        return _modern(head, message, inside)
    if head.version is not None and head.version not in SUPPORTED:
        raise unsupported(head.version)
    return head.version or LEGACY[-1]


def _modern(head: Incoming, message: Message, inside: object) -> str:
    if message.kind != "request":
        if head.version not in SUPPORTED:
            raise unsupported(head.version or "")
        return MODERN
    missing = [key for key in (VERSION_KEY, CAPABILITIES_KEY) if key not in message.meta]
    if missing:
        raise Fault(INVALID_PARAMS, f"params._meta is missing {', '.join(missing)}.")
    if head.version != inside:
        raise _mismatch("MCP-Protocol-Version", VERSION_KEY)
    if head.header(b"mcp-method") != message.method:
        raise _mismatch("Mcp-Method", "method")
    named = NAMED_BY.get(message.method)
    expected = message.params.get(named) if named else None
    if named and expected is not None and unpacked(head.header(b"mcp-name")) != expected:
        raise _mismatch("Mcp-Name", f"params.{named}")
    if inside != MODERN:
        raise unsupported(str(inside))
    if not isinstance(message.meta[CAPABILITIES_KEY], dict):
        raise Fault(INVALID_PARAMS, f"{CAPABILITIES_KEY} must be an object.")
    return MODERN


def unpacked(value: str | None) -> str | None:
    """Return a header's value, decoded where it is `=?base64?...?=`; None where it cannot be one."""
    if value is None or not (value.isascii() and value.isprintable()):
        return None
    if not (value.startswith(_PACKED[0]) and value.endswith(_PACKED[1])):
        return value
    packed = value[len(_PACKED[0]) : -len(_PACKED[1])]
    try:
        decoded = base64.b64decode(packed, validate=True)
        if base64.b64encode(decoded).decode() != packed:
            return None
        return decoded.decode()
    except (binascii.Error, UnicodeDecodeError):
        return None


def client_words(told: object, revision: str) -> str | None:
    """Return `name version (revision)` of a client that says who it is."""
    if not isinstance(told, dict):
        return None
    info = cast("Object", told)
    name, version = info.get("name"), info.get("version")
    if not isinstance(name, str) or not name.strip():
        return None
    words = f"{name} {version}" if isinstance(version, str) else name
    return f"{words[:120]} ({revision})"


def bearer(head: Incoming) -> str | None:
    """Return the token that a request shows, in the one place where it may stand."""
    scheme, _, token = (head.header(b"authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> tuple[dict[bytes, str], str | None]:
    headers: dict[bytes, str] = {}
    repeated: str | None = None
    for name, value in raw:
        text = value.decode("latin-1").strip()
        if name in headers:
            if name in _ONCE or name.startswith(b"mcp-param-"):
                repeated = name.decode()
            headers[name] += f", {text}"
        else:
            headers[name] = text
    return headers, repeated


def _mismatch(header: str, member: str) -> Fault:
    return Fault(HEADER_MISMATCH, f"The header {header} does not equal {member} of the body.")
