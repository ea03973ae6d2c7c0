"""How a session begins: a server is asked whether it needs no handshake, and shaken hands with if it does."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import mcp_types as types
from mcp.client.session import ClientSession
from mcp.shared.exceptions import MCPError
from mcp_types import REQUEST_TIMEOUT, UNSUPPORTED_PROTOCOL_VERSION
from mcp_types.version import (
    HANDSHAKE_PROTOCOL_VERSIONS,
    LATEST_MODERN_VERSION,
    MODERN_PROTOCOL_VERSIONS,
)
from pydantic import ValidationError

from omni2.kernel.tasks import end
from omni2.upstream.exchange import Exchange, current_exchange
from omni2.upstream.faults import has_closed
from omni2.upstream.ports import ServerTarget, Transport

Era = Literal["modern", "handshake"]

# Over HTTP something is always answered, unless the server is slow; a program may well stay silent.
PATIENCE_S: Mapping[Transport, float] = {"http": 10.0, "stdio": 2.0}
PATIENCE_SHARE = 2
MAX_ERAS = 512

# Answers that say nothing of what a server speaks: it wants credentials, is busy, or is not there.
_NO_VERDICT = frozenset({401, 429, 502, 503, 504})


@dataclass(slots=True)
class Eras:
    """Which servers are known to need a handshake or none, so that each is asked once."""

    _known: dict[tuple[str, tuple[str, ...]], Era] = field(
        default_factory=dict[tuple[str, tuple[str, ...]], Era]
    )

    def of(self, target: ServerTarget) -> Era | None:
        """Return what is known of a server; the oldest transport always has the handshake."""
        return "handshake" if target.transport == "sse" else self._known.get(_address(target))

    def learn(self, target: ServerTarget, era: Era | None) -> None:
        """Remember it, or forget it."""
        self._known.pop(_address(target), None)
        if era is not None:
            self._known[_address(target)] = era
            if len(self._known) > MAX_ERAS:
                del self._known[next(iter(self._known))]


async def greet(client: ClientSession, exchange: Exchange, known: Era | None, transport: Transport) -> None:
    """Make `client` ready to use by whatever its server speaks. Raises what the MCP client does.

    A server that leaves the question unanswered for a moment is shaken hands with besides, since some never
    answer what they do not know and others only start slowly; whichever works first holds.
    """
    if known == "handshake":
        await _shake_hands(client, exchange, asked=False)
        return
    asking = asyncio.create_task(_ask(client, exchange))
    shaking: asyncio.Task[None] | None = None
    try:
        left_s = exchange.deadline - asyncio.get_running_loop().time()
        patience_s = min(PATIENCE_S.get(transport, 0.0), left_s / PATIENCE_SHARE)
        await asyncio.wait({asking}, timeout=patience_s)
        if asking.done():
            found = asking.result()
        else:
            shaking = asyncio.create_task(_shake_hands(client, exchange, asked=True))
            found = await _first(asking, shaking)
    finally:
        await end(asking, *([shaking] if shaking is not None else []))
    if found is not None:
        client.adopt(found)
    elif shaking is None:
        await _shake_hands(client, exchange, asked=True)


async def _shake_hands(client: ClientSession, exchange: Exchange, *, asked: bool) -> None:
    """Use the handshake of every revision before 2026-07-28, or the newer one where that is refused.

    A server that was `asked` before is asked again only if it names a newer revision: it was slow to say so.
    """
    try:
        await client.initialize()
    except MCPError as error:
        if has_closed(error) or error.code == REQUEST_TIMEOUT or not exchange.was_read:
            raise
        if asked and error.code != UNSUPPORTED_PROTOCOL_VERSION:
            raise
        await client.discover()


async def _first(
    asking: asyncio.Task[types.DiscoverResult | None], shaking: asyncio.Task[None]
) -> types.DiscoverResult | None:
    """Return what the server says of itself, or None when the handshake was done before; raise its error."""
    await asyncio.wait({asking, shaking}, return_when=asyncio.FIRST_COMPLETED)
    if shaking.done() and shaking.exception() is None:
        return None
    found = await asking
    if found is None:
        await shaking
    return found


async def _ask(client: ClientSession, outer: Exchange) -> types.DiscoverResult | None:
    """Return what a server says of itself where it needs no handshake, else None.

    Raises `MCPError` when that cannot be told, and `outer` says why; or when there is no common revision.
    """
    exchange = Exchange(outer.deadline)
    current_exchange.set(exchange)
    try:
        raw = await _described(client)
    except MCPError as error:
        if has_closed(error) or not _is_verdict(exchange) or _is_only_newer(error):
            outer.status, outer.content_type = exchange.status, exchange.content_type
            outer.fault, outer.problem = exchange.fault, exchange.problem
            outer.challenge = exchange.challenge
            raise
        return None
    finally:
        exchange.abandon()
    try:
        found = types.DiscoverResult.model_validate(raw)
    except ValidationError:
        return None
    common = any(version in MODERN_PROTOCOL_VERSIONS for version in found.supported_versions)
    return found if common else None


async def _described(client: ClientSession) -> dict[str, Any]:
    """Ask, once more where the server names another revision that we speak."""
    try:
        return await client.send_discover(LATEST_MODERN_VERSION)
    except MCPError as error:
        common = [version for version in MODERN_PROTOCOL_VERSIONS if version in (_supported(error) or ())]
        if not common:
            raise
    return await client.send_discover(common[-1])


def _is_verdict(exchange: Exchange) -> bool:
    """Whether a refusal tells that the server does not know the question."""
    away = exchange.problem is not None or exchange.fault in {"connect", "timeout"}
    return not (away or exchange.status in _NO_VERDICT or exchange.challenge)


def _is_only_newer(error: MCPError) -> bool:
    supported = _supported(error)
    return supported is not None and not any(one in HANDSHAKE_PROTOCOL_VERSIONS for one in supported)


def _supported(error: MCPError) -> list[str] | None:
    """Return the revisions that a refusal names, if it is one of those."""
    if error.code != UNSUPPORTED_PROTOCOL_VERSION:
        return None
    try:
        return types.UnsupportedProtocolVersionErrorData.model_validate(error.error.data).supported
    except ValidationError:
        return None


def _address(target: ServerTarget) -> tuple[str, tuple[str, ...]]:
    return target.url or "", target.command
