"""Resources that streams want to hear of: subscribed to at their servers for as long as somebody listens."""

import asyncio

import structlog

from omni2.engine.context import Engine
from omni2.gateway.link import severity
from omni2.gateway.shelf import Shelf
from omni2.gateway.streams import Stream
from omni2.kernel.errors import Problem
from omni2.upstream.targets import server_target

log = structlog.get_logger(__name__)

_USUAL = severity("info")


class Updates:
    """Keeps the subscriptions of a stream equal to what it wants and may read."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._levels: dict[str, int] = {}
        self._leaving: set[asyncio.Task[None]] = set()

    async def follow(self, stream: Stream, shelf: Shelf) -> None:
        """Subscribe to what is new, and end what is not wanted or not allowed any more; raise `Problem`."""
        async with stream.changing:
            wanted = set[str]() if stream.left else {uri for uri in stream.uris if may_read(shelf, uri)}
            for uri in stream.followed.keys() - wanted:
                await self._engine.pool.unsubscribe(stream.followed.pop(uri), uri, stream.updated)
            for uri in wanted - stream.followed.keys():
                await self._subscribe(stream, shelf, uri)

    def leave(self, stream: Stream) -> None:
        """End the subscriptions of a stream that is over; nobody waits for it."""
        stream.left = True
        if stream.followed or stream.changing.locked():
            task = asyncio.create_task(self._leave(stream), name="mcp unsubscribe")
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    async def set_level(self, shelf: Shelf, level: str, user_id: str) -> None:
        """Ask the servers of an address for more of their log; a client is sent what it asked for alone."""
        wanted = severity(level)
        for slug, server in shelf.catalog.servers.items():
            here = shelf.slug in {"", slug} and shelf.access.uses(slug)
            if (
                not here
                or "logging" not in server.capabilities
                or wanted >= self._levels.get(server.server_id, _USUAL)
            ):
                continue
            try:
                target = server_target(server, self._engine.sealer, user_id)
                await self._engine.pool.set_level(target, level)
                self._levels[server.server_id] = wanted
            except Problem as problem:
                log.info("level_not_set", server=slug, code=problem.code)

    async def _subscribe(self, stream: Stream, shelf: Shelf, uri: str) -> None:
        server = shelf.catalog.servers.get(shelf.find_resource(uri) or "")
        if server is None or stream.left:
            return
        target = server_target(server, self._engine.sealer, stream.ask.principal.user_id)
        await self._engine.pool.subscribe(target, uri, stream.updated)
        stream.followed[uri] = target

    async def _leave(self, stream: Stream) -> None:
        """Wait for a subscription that is on its way, so that it does not outlive the stream."""
        async with stream.changing:
            while stream.followed:
                uri, target = stream.followed.popitem()
                try:
                    await self._engine.pool.unsubscribe(target, uri, stream.updated)
                except Problem as problem:
                    log.info("not_unsubscribed", server=target.slug, code=problem.code)


def may_read(shelf: Shelf, uri: str) -> bool:
    """Whether the caller may read a resource at an address."""
    slug = shelf.find_resource(uri)
    return slug is not None and shelf.access.allows_resource(slug, uri).allowed
