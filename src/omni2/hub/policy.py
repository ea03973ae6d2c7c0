"""What omni2 lets an admin connect to: stdio programs by name, addresses by kind, headers by shape."""

import re
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from omni2.kernel.errors import Problem, invalid
from omni2.kernel.settings import Settings

Pairs = tuple[tuple[str, str], ...]

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOADER = ("LD_", "DYLD_")
_OURS = frozenset(
    {
        "accept", "accept-encoding", "connection", "content-length", "content-type", "expect", "host",
        "keep-alive", "last-event-id", "mcp-method", "mcp-name", "mcp-protocol-version", "mcp-session-id",
        "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip


def stdio_commands(settings: Settings) -> frozenset[str]:
    """Return the programs that servers added by an admin may run: none while stdio servers are off."""
    if not settings.stdio_enabled:
        return frozenset()
    return frozenset(name.strip() for name in settings.stdio_commands.split(",") if name.strip())


def require_command(settings: Settings, command: list[str] | None) -> tuple[str, ...]:
    """Return the command of a stdio server; raise `Problem` that names the setting which forbids it."""
    if not settings.stdio_enabled:
        raise Problem(
            "stdio_disabled",
            422,
            "Stdio servers are off. Start omni2 with OMNI2_STDIO_ENABLED=true to allow them.",
            field="transport",
        )
    if not command:
        raise invalid("command", "Give the command that starts the server, such as uvx mcp-server-git.")
    allowed = stdio_commands(settings)
    if command[0] not in allowed:
        raise Problem(
            "command_not_allowed",
            422,
            f"OMNI2_STDIO_COMMANDS does not allow {command[0]}, only {', '.join(sorted(allowed))}.",
            field="command",
        )
    if any("\0" in word for word in command):
        raise invalid("command", "The command holds a character that no program accepts.")
    return tuple(command)


def require_url(url: str | None) -> str:
    """Return the URL of an HTTP server; raise `Problem` for none. Its address is checked at the probe."""
    if not url:
        raise invalid("url", "Give the URL of the server, such as https://example.org/mcp.")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise invalid("url", "This is not a URL.") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise invalid("url", "The URL has to start with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise invalid("url", "The URL holds credentials. Enter them as a bearer token or a header instead.")
    return url


def may_be_private(settings: Settings, url: str | None, *, chosen: bool | None) -> bool:
    """Whether `url` may be private: as chosen, else on this machine while only it reaches omni2."""
    return settings.listens_on_loopback and is_loopback(url) if chosen is None else chosen


def is_loopback(url: str | None) -> bool:
    """Whether a URL names this machine, by an address or as localhost; other names are not looked up."""
    host = urlsplit(url or "").hostname or ""
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def require_headers(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Return headers that may be sent; raise `Problem` with the one that may not."""
    checked = tuple(pairs)
    for name, value in checked:
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
            raise invalid("headers", f"The header {name} cannot be set here.")
        if not value.isprintable() or not value.isascii():
            raise invalid(
                "headers", f"The value of the header {name} holds characters that HTTP does not allow."
            )
    if len({name.lower() for name, _ in checked}) != len(checked):
        raise invalid("headers", "Each header may be given once.")
    return checked


def require_env(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """Return variables for a stdio server; raise `Problem` with the one that cannot be."""
    checked = tuple(pairs)
    for name, value in checked:
        chooses = name.upper() == "PATH" or name.upper().startswith(_LOADER)  # what runs, past the list
        if not _ENV_NAME.fullmatch(name) or "\0" in value or chooses:
            raise invalid("env", f"The variable {name} cannot be set.")
    return checked


def with_bearer(headers: Pairs, bearer: str | None) -> Pairs:
    """Return `headers` with the bearer token in the place of whatever authorised before."""
    others = tuple(pair for pair in headers if pair[0].lower() != "authorization")
    return others if bearer is None else (*others, ("Authorization", f"Bearer {bearer}"))


def same_origin(first: str | None, second: str | None) -> bool:
    """Whether two URLs lead to the same server."""
    one, two = urlsplit(first or ""), urlsplit(second or "")
    return (one.scheme, one.hostname, one.port) == (two.scheme, two.hostname, two.port)
