"""Keeps the catalogue alive: a task for each server, so that a dead one never delays another."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from omni2.catalog.book import CatalogBook
from omni2.catalog.entries import CatalogSnapshot, ServerEntry
from omni2.hub.health import ask, restart_states, store
from omni2.hub.pace import REST_S, Pace
from omni2.identity.epochs import Mirror
from omni2.kernel.bus import Bus
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.lease import list_live_replicas
from omni2.kernel.secrets import Sealer
from omni2.kernel.settings import Settings
from omni2.kernel.tasks import Supervisor
from omni2.upstream.models import Models
from omni2.upstream.ports import McpPool

log = structlog.get_logger(__name__)

TROUBLE = "server_trouble"
CHECK_EVERY_S = 60.0
RETRY_S = (1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 60.0)
MIN_PAUSE_S = 0.5
SYNC_EVERY_S = 10.0


@dataclass(frozen=True, slots=True)
class ServerNumbers:
    """What the flows of today say of one server."""

    calls_today: int = 0
    errors_today: int = 0
    p50_ms: float | None = None
    p95_ms: float | None = None


Counts = Callable[[Sequence[str]], Awaitable[Mapping[str, ServerNumbers]]]


async def no_counts(slugs: Sequence[str]) -> Mapping[str, ServerNumbers]:
    """Return zeros, where nobody counts."""
    return {slug: ServerNumbers() for slug in slugs}


@dataclass(slots=True)
class _Watch:
    """The task that looks after one server, and the event that makes it look now."""

    task: asyncio.Task[None]
    wake: asyncio.Event
    version: int
    pace: Pace


@dataclass(slots=True)
class Hub:
    """The running part. `counts` gives calls and errors of today by slug; the composition brings it."""

    database: Database
    catalog: CatalogBook
    mirror: Mirror
    pool: McpPool
    models: Models
    sealer: Sealer
    settings: Settings
    supervisor: Supervisor
    bus: Bus
    counts: Counts = no_counts
    _watches: dict[str, _Watch] = field(default_factory=dict[str, _Watch])
    _moved: asyncio.Event = field(default_factory=asyncio.Event)
    _started: bool = False

    async def start(self) -> None:
        """Begin to watch every enabled server, and go on when the catalogue changes."""
        async with self.database.read() as session:
            alone = len(await list_live_replicas(session)) <= 1
        if alone:
            await restart_states(self.database)
        await self.mirror.catch_up()
        self._started = True
        self.mirror.on_change(self._on_change)
        self.supervisor.loop("hub_sync", self._sync)
        self.supervisor.loop("hub_trouble", self._listen)

    async def refresh(self, server_id: str) -> None:
        """Check one server now; return once the outcome is stored and seen here."""
        snapshot = await self.catalog.snapshot()
        entry = snapshot.find_server(server_id)
        if entry is not None and entry.enabled:
            watch = self._watches.get(server_id)
            await self._check(entry, watch.pace if watch is not None else None)
            await self.mirror.catch_up()

    def wake(self, server_id: str) -> None:
        """Check one server soon: something about it looks wrong or new."""
        watch = self._watches.get(server_id)
        if watch is not None:
            watch.wake.set()

    async def settle(self) -> None:
        """See a change that was just committed, and act on it."""
        await self.mirror.catch_up()
        if self._started:
            await self._align(await self.catalog.snapshot())

    def _on_change(self, kind: str, key: str) -> None:
        del key
        if kind == "catalog":
            self._moved.set()

    async def _listen(self) -> None:
        async with self.bus.subscribe(TROUBLE) as inbox:
            while True:
                _, payload = await inbox.get()
                if isinstance(payload, dict):
                    self.wake(str(payload.get("server_id")))

    async def _sync(self) -> None:
        self._moved.clear()
        await self._align(await self.catalog.snapshot())
        with suppress(TimeoutError):
            async with asyncio.timeout(SYNC_EVERY_S):
                await self._moved.wait()

    async def _align(self, snapshot: CatalogSnapshot) -> None:
        wanted = {server.server_id: server for server in snapshot.servers.values() if server.enabled}
        gone = [server_id for server_id in self._watches if server_id not in wanted]
        for server_id in gone:
            self._watches.pop(server_id).task.cancel()
        for server_id, entry in wanted.items():
            self._follow(server_id, entry)
        await asyncio.gather(*(self.pool.drop(server_id) for server_id in gone))

    def _follow(self, server_id: str, entry: ServerEntry) -> None:
        watch = self._watches.get(server_id)
        if watch is None or watch.task.done():
            wake, pace = asyncio.Event(), Pace()
            task = self.supervisor.spawn(self._watch(server_id, wake, pace), name=f"hub:{entry.slug}")
            self._watches[server_id] = _Watch(task, wake, entry.version, pace)
        elif watch.version != entry.version:
            watch.version = entry.version
            watch.wake.set()

    async def _watch(self, server_id: str, wake: asyncio.Event, pace: Pace) -> None:
        failures = 0
        while True:
            wake.clear()
            failures = 0 if await self._look(server_id, pace) else failures + 1
            pause_s = RETRY_S[min(failures, len(RETRY_S)) - 1] if failures else CHECK_EVERY_S
            await asyncio.sleep(REST_S if pace.is_restless else MIN_PAUSE_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s * random.uniform(0.9, 1.0)):  # noqa: S311
                    await wake.wait()
                    failures = 0

    async def _look(self, server_id: str, pace: Pace) -> bool:
        """Check a server as it is now; return whether it is well."""
        try:
            entry = (await self.catalog.snapshot()).find_server(server_id)
            if entry is None or not entry.enabled:
                return True
            return await self._check(entry, pace)
        except Problem as problem:
            log.warning("server_check_failed", server_id=server_id, code=problem.code)
            return False

    async def _check(self, entry: ServerEntry, pace: Pace | None = None) -> bool:
        finding = await ask(self.pool, self.sealer, entry, pace)
        if await store(self.database, entry, finding):
            await self.mirror.catch_up()
        return finding.catalogue is not None
