"""The pool of MCP sessions, loaded aside while the server already answers: the SDK takes most of a second."""

import asyncio
from collections.abc import Callable, Coroutine
from importlib import import_module
from typing import Any

from omni2.kernel.errors import Problem
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


class LazyPool:
    """An `McpPool` that loads the real one in a thread when it is first needed."""

    def __init__(self, *, stdio_commands: frozenset[str], on_tools_changed: Callable[[str], None]) -> None:
        self._stdio_commands = stdio_commands
        self._on_tools_changed = on_tools_changed
        self._pool: McpPool | None = None
        self._loading = asyncio.Lock()
        self._closed = False

    def request(
        self,
        target: ServerTarget,
        call: UpstreamCall,
        link: CallerLink | None = None,
        timeout_ms: int | None = None,
        on_wire: OnWire | None = None,
    ) -> Coroutine[Any, Any, CallOutcome]:
        """See `McpPool`."""
        if self._pool is None:
            return self._first_request(target, call, link, timeout_ms, on_wire)
        return self._pool.request(target, call, link, timeout_ms, on_wire)

    async def subscribe(self, target: ServerTarget, uri: str, on_updated: Callable[[str], None]) -> None:
        """See `McpPool`."""
        await (self._pool or await self._load()).subscribe(target, uri, on_updated)

    async def unsubscribe(self, target: ServerTarget, uri: str, on_updated: Callable[[str], None]) -> None:
        """See `McpPool`."""
        await (self._pool or await self._load()).unsubscribe(target, uri, on_updated)

    async def set_level(self, target: ServerTarget, level: str) -> None:
        """See `McpPool`."""
        await (self._pool or await self._load()).set_level(target, level)

    def breaker_state(self, server_id: str) -> BreakerState:
        """See `McpPool`."""
        return self._pool.breaker_state(server_id) if self._pool is not None else "closed"

    async def list_tools(self, target: ServerTarget) -> Catalogue:
        """See `McpPool`."""
        return await (self._pool or await self._load()).list_tools(target)

    async def probe(self, target: ServerTarget) -> Catalogue:
        """See `McpPool`."""
        return await (self._pool or await self._load()).probe(target)

    async def drop(self, server_id: str) -> None:
        """See `McpPool`."""
        if self._pool is not None:
            await self._pool.drop(server_id)

    async def release(self, target: ServerTarget) -> None:
        """See `McpPool`."""
        if self._pool is not None:
            await self._pool.release(target)

    def stderr_tail(self, server_id: str) -> str:
        """See `McpPool`."""
        return self._pool.stderr_tail(server_id) if self._pool is not None else ""

    async def aclose(self) -> None:
        """See `McpPool`."""
        self._closed = True
        async with self._loading:
            if self._pool is not None:
                await self._pool.aclose()

    async def _first_request(self, target: ServerTarget, *asked: Any) -> CallOutcome:
        return await (await self._load()).request(target, *asked)

    async def _load(self) -> McpPool:
        async with self._loading:
            if self._closed:
                raise Problem("server_refused", 503, "omni2 is stopping.")
            if self._pool is None:
                module = await asyncio.to_thread(import_module, "omni2.upstream.pool")
                pool: McpPool = module.SessionPool(
                    stdio_commands=self._stdio_commands, on_tools_changed=self._on_tools_changed
                )
                self._pool = pool
        return self._pool
