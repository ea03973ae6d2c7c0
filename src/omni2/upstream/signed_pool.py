"""A pool that adds what somebody signed in for, and renews it once when a server refuses it."""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, Protocol

from omni2.kernel.errors import Problem
from omni2.upstream.challenge import scopes_in
from omni2.upstream.ports import (
    BreakerState,
    CallerLink,
    CallOutcome,
    Catalogue,
    McpPool,
    OnWire,
    ServerTarget,
    UpstreamCall,
)

MAX_LATEST = 10_000


class TokenSource(Protocol):
    """Who knows the tokens of servers; see the hub."""

    async def token(self, target: ServerTarget) -> str:
        """Return the token for this server and person; raise `Problem` server_sign_in_needed or why not."""
        ...

    async def renewed(self, target: ServerTarget, refused: str) -> str:
        """Return a token in the place of one that the server refused. Raises like `token`."""
        ...

    async def lacks(self, target: ServerTarget, scopes: tuple[str, ...]) -> Problem:
        """Note what a server misses in a sign-in; return what its owner is told."""
        ...


class SignedPool:
    """An `McpPool` over another one. Targets without a sign-in pass through as they are."""

    def __init__(self, inner: McpPool, tokens: TokenSource) -> None:
        self._inner = inner
        self._tokens = tokens
        self._latest: dict[tuple[str, str | None], ServerTarget] = {}

    def request(
        self,
        target: ServerTarget,
        call: UpstreamCall,
        link: CallerLink | None = None,
        timeout_ms: int | None = None,
        on_wire: OnWire | None = None,
    ) -> Coroutine[Any, Any, CallOutcome]:
        """See `McpPool`."""
        if target.sign_in == "none":
            return self._inner.request(target, call, link, timeout_ms, on_wire)
        return self._signed_request(target, (call, link, timeout_ms), on_wire)

    async def _signed_request(
        self,
        target: ServerTarget,
        asked: tuple[UpstreamCall, CallerLink | None, int | None],
        on_wire: OnWire | None,
    ) -> CallOutcome:
        """Make a request with a token. A 401 came before anything was done: it is made once more."""
        call, link, timeout_ms = asked
        try:
            token = await self._tokens.token(target)
            signed = await self._signed(target, token)
            outcome = await self._inner.request(signed, call, link, timeout_ms, on_wire)
            if outcome.wanted_scopes:
                raise await self._tokens.lacks(target, outcome.wanted_scopes)
            if outcome.http_status != 401:
                return outcome
            if on_wire is not None:
                on_wire("ignored")
            signed = await self._signed(target, await self._tokens.renewed(target, token))
        except Problem as problem:
            words = f"{problem.code}: {problem.detail}"
            return CallOutcome("upstream_error", (), None, problem.detail, 0, words)
        return await self._inner.request(signed, call, link, timeout_ms, on_wire)

    async def list_tools(self, target: ServerTarget) -> Catalogue:
        """See `McpPool`; raises what `TokenSource` raises, besides."""
        if target.sign_in == "none":
            return await self._inner.list_tools(target)
        token = await self._tokens.token(target)
        try:
            return await self._inner.list_tools(await self._signed(target, token))
        except Problem as problem:
            wanted = scopes_in(str(problem.extra.get("wanted_scopes", "")))
            if wanted:
                raise await self._tokens.lacks(target, wanted) from problem
            if problem.extra.get("http_status") != 401:
                raise
        renewed = await self._tokens.renewed(target, token)
        return await self._inner.list_tools(await self._signed(target, renewed))

    async def probe(self, target: ServerTarget) -> Catalogue:
        """See `McpPool`; raises what `TokenSource` raises, besides."""
        if target.sign_in == "none":
            return await self._inner.probe(target)
        return await self._inner.probe(with_token(target, await self._tokens.token(target)))

    async def subscribe(self, target: ServerTarget, uri: str, on_updated: Callable[[str], None]) -> None:
        """See `McpPool`; raises what `TokenSource` raises, besides."""
        await self._inner.subscribe(await self._entered(target), uri, on_updated)

    async def unsubscribe(self, target: ServerTarget, uri: str, on_updated: Callable[[str], None]) -> None:
        """See `McpPool`; raises what `TokenSource` raises, besides."""
        await self._inner.unsubscribe(await self._entered(target), uri, on_updated)

    async def set_level(self, target: ServerTarget, level: str) -> None:
        """See `McpPool`; raises what `TokenSource` raises, besides."""
        await self._inner.set_level(await self._entered(target), level)

    def breaker_state(self, server_id: str) -> BreakerState:
        """See `McpPool`."""
        return self._inner.breaker_state(server_id)

    async def drop(self, server_id: str) -> None:
        """See `McpPool`."""
        await self._inner.drop(server_id)

    async def release(self, target: ServerTarget) -> None:
        """See `McpPool`."""
        await self._inner.release(target)

    def stderr_tail(self, server_id: str) -> str:
        """See `McpPool`."""
        return self._inner.stderr_tail(server_id)

    async def aclose(self) -> None:
        """See `McpPool`."""
        await self._inner.aclose()

    async def _entered(self, target: ServerTarget) -> ServerTarget:
        if target.sign_in == "none":
            return target
        return await self._signed(target, await self._tokens.token(target))

    async def _signed(self, target: ServerTarget, token: str) -> ServerTarget:
        """Return the target with the token; the session of the token before it is given up."""
        signed = with_token(target, token)
        key = target.server_id, target.user_id if target.sign_in == "per_user" else None
        before = self._latest.get(key)
        if before is None and len(self._latest) >= MAX_LATEST:
            self._latest.clear()
        self._latest[key] = signed
        if before is not None and before.headers != signed.headers:
            await self._inner.release(before)
        return signed


def with_token(target: ServerTarget, token: str) -> ServerTarget:
    """Return the target with the token in the place of whatever authorised before."""
    others = tuple(pair for pair in target.headers if pair[0].lower() != "authorization")
    return replace(target, headers=(*others, ("Authorization", f"Bearer {token}")))
