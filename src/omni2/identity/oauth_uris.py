"""Which addresses clients may have: ids that are URLs, and where codes may be sent."""

import re
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

URI_CHARS = 2048
ID_CHARS = 512
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]{1,60}")
_CLEAN = re.compile(r"[\x21-\x7e]+")
_REFUSED = frozenset(
    {
        "about", "blob", "chrome", "data", "file", "filesystem", "ftp", "intent", "javascript", "mailto",
        "tel", "vbscript", "view-source", "ws", "wss",
    }
)  # fmt: skip


def is_document_url(client_id: str) -> bool:
    """Whether a client id is the URL of a metadata document: https, with a path, and nothing hidden."""
    parts = _split(client_id, ID_CHARS)
    return (
        parts is not None
        and parts.scheme == "https"
        and bool(parts.hostname)
        and parts.path not in {"", "/"}
        and parts.username is None
        and not {".", ".."} & set(parts.path.split("/"))
    )


def may_receive(uri: str) -> bool:
    """Whether codes may be sent to `uri`: https, http on this very machine, or a program's own scheme."""
    parts = _split(uri, URI_CHARS)
    if parts is None or parts.username is not None:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":
        return is_loopback(parts)
    return bool(_SCHEME.fullmatch(parts.scheme)) and parts.scheme not in _REFUSED


def matches(registered: str, asked: str) -> bool:
    """Whether `asked` is `registered`, letter by letter; on loopback any port will do (RFC 8252)."""
    if registered == asked:
        return True
    known, wished = _split(registered, URI_CHARS), _split(asked, URI_CHARS)
    if known is None or wished is None or not (is_loopback(known) and is_loopback(wished)):
        return False
    return _without_port(known) == _without_port(wished)


def is_loopback(parts: SplitResult) -> bool:
    """Whether this is plain http to a program on the person's own machine."""
    if parts.scheme != "http" or parts.hostname is None or parts.username is not None:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def host_of(uri: str) -> str:
    """Return where a URI leads, as people are told it: its host, or a program's own scheme."""
    parts = urlsplit(uri)
    return parts.hostname or f"{parts.scheme}://"


def stays_on_the_machine(uri: str) -> bool:
    """Whether any program on the person's machine could receive what is sent to `uri`."""
    parts = urlsplit(uri)
    return parts.scheme != "https"


def _without_port(parts: SplitResult) -> tuple[str, str | None, str, str]:
    return parts.scheme, parts.hostname, parts.path, parts.query


def _split(uri: str, limit: int) -> SplitResult | None:
    """Return the parts of an absolute URI without a fragment, or None for what is none."""
    if len(uri) > limit or not _CLEAN.fullmatch(uri) or "#" in uri or "\\" in uri:
        return None
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    return parts if parts.scheme and port != 0 else None
