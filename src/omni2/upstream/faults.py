"""What went wrong out there, as a `Problem` whose words name the server and the next step."""

import httpx2
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED, PARSE_ERROR, REQUEST_TIMEOUT
from pydantic import ValidationError

from omni2.kernel.errors import Problem
from omni2.upstream.challenge import missing_scopes
from omni2.upstream.exchange import Exchange, Fault
from omni2.upstream.masks import masked
from omni2.upstream.ports import ServerTarget

MAX_WORDS = 300

# What the MCP client says to every waiting request when the session itself has ended.
DEAD_SESSION = "Connection closed"

# What the MCP client may raise for a fault of the server.
SERVER_FAULTS = (MCPError, ValidationError, RuntimeError, ValueError, OSError, httpx2.HTTPError)

_FAULTS: dict[Fault, tuple[str, int, str]] = {
    "connect": ("server_unreachable", 502, "is not reachable. Is it running, and is the URL right?"),
    "timeout": ("server_timeout", 504, "did not answer in time."),
    "broken": ("server_unreachable", 502, "broke off the connection while answering."),
    "too_big": ("server_invalid", 502, "answered with more than 4 MiB."),
    "encoded": ("server_invalid", 502, "sent a compressed answer that was not asked for."),
}


def connect_problem(target: ServerTarget, error: Exception, exchange: Exchange) -> Problem:
    """Say why no session came about, or why a list could not be had."""
    if isinstance(error, Problem):
        return error
    known = timed_out(target) if isinstance(error, TimeoutError) else exchange_problem(target, exchange)
    if known is not None:
        return known
    if isinstance(error, MCPError):
        return _refusal(target, error, exchange)
    return _not_mcp(target.title, "its answer does not follow the protocol")


def exchange_problem(target: ServerTarget, exchange: Exchange) -> Problem | None:
    """Say what the wire saw, if that alone explains the failure."""
    if exchange.problem is not None:
        return exchange.problem
    if exchange.fault is not None:
        code, status, ending = _FAULTS[exchange.fault]
        return Problem(code, status, f"{target.title} {ending}")
    missing = missing_scopes(exchange.status, exchange.challenge)
    if missing:
        wanted = " ".join(missing)
        words = f"{target.title} wants a further permission for this: {wanted}."
        return Problem("server_auth_failed", 502, words, http_status=403, wanted_scopes=wanted)
    return _status_problem(target.title, exchange.status)


def timed_out(target: ServerTarget) -> Problem:
    """Return the problem for a server that does not answer."""
    return Problem("server_timeout", 504, f"{target.title} did not answer in time.")


def words(text: str) -> str:
    """Return foreign text as one short printable line."""
    line = "".join(character if character.isprintable() else " " for character in text[: MAX_WORDS * 2])
    line = " ".join(line.split())
    return line if len(line) <= MAX_WORDS else line[:MAX_WORDS] + "..."


def has_closed(error: Exception) -> bool:
    """Whether the whole session is gone; servers use the same code for whatever they refuse."""
    return isinstance(error, MCPError) and error.code == CONNECTION_CLOSED and error.message == DEAD_SESSION


def _refusal(target: ServerTarget, error: MCPError, exchange: Exchange) -> Problem:
    title = target.title
    if error.code == REQUEST_TIMEOUT:
        return timed_out(target)
    if has_closed(error) and target.transport == "stdio":
        return Problem("server_unreachable", 502, f"{title} ended while omni2 was talking to it.")
    if error.code == PARSE_ERROR:
        return _not_mcp(title, "its answer is not a JSON-RPC message")
    if exchange.content_type not in {"", "application/json", "text/event-stream"}:
        return _not_mcp(title, f"it answered with {words(exchange.content_type)}")
    return Problem("server_refused", 502, f"{title} refused: {words(masked(target, error.message))}")


def _status_problem(title: str, status: int | None) -> Problem | None:
    if status is None or status < 300:
        return None
    if status in {401, 403}:
        return Problem(
            "server_auth_failed",
            502,
            f"{title} did not accept the credentials (HTTP {status}). Check them in its settings.",
            http_status=status,
        )
    if status < 400:
        return Problem("server_refused", 502, f"{title} redirects (HTTP {status}). Enter the final URL.")
    if status in {404, 405, 406, 415}:
        return _not_mcp(title, f"it answered HTTP {status}")
    if status >= 500 or status == 429:
        return Problem("server_refused", 502, f"{title} failed (HTTP {status}). Try again later.")
    return None


def _not_mcp(title: str, why: str) -> Problem:
    return Problem("server_not_mcp", 502, f"{title} does not speak MCP at this address: {why}.")
