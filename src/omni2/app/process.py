"""The process: everything that lives as long as it does, opened in order and closed in the opposite one."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import import_module

from omni2.access.book import AccessBook
from omni2.app.proving import open_proof
from omni2.app.version import VERSION
from omni2.catalog.book import CatalogBook
from omni2.catalog.entries import CatalogSnapshot
from omni2.chat.greeting import Greeting
from omni2.chat.socket import ChatDoor
from omni2.conversations.history import words_of
from omni2.demo import SUGGESTED_PROMPTS
from omni2.engine.context import Engine
from omni2.engine.recovery import Recovery
from omni2.engine.tidy import tidy
from omni2.engine.turns import Turns
from omni2.engine.views import Views
from omni2.flows.indexer import Indexer
from omni2.flows.recorder import Recorder
from omni2.flows.verify_watch import Proof
from omni2.gateway.door import Gateway
from omni2.hub.hub import Counts, Hub, ServerNumbers
from omni2.hub.policy import stdio_commands
from omni2.hub.prepare import prepare_catalog
from omni2.hub.sign_ins import SignIns
from omni2.identity.allowance import Allowance
from omni2.identity.auth import Authenticator
from omni2.identity.epochs import Mirror
from omni2.identity.follower import follow_epochs
from omni2.identity.oauth_clients import Clients
from omni2.identity.passwords import Passwords
from omni2.identity.throttle import Throttle
from omni2.insight.counts import server_counts
from omni2.insight.watch_feed import Feed
from omni2.insight.watch_socket import WatchDoor
from omni2.insight.watch_topics import Topics
from omni2.kernel.bus import Bus, MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.ids import now
from omni2.kernel.lane import Lane
from omni2.kernel.lane_postgres import PostgresWriter
from omni2.kernel.lane_sqlite import SqliteWriter
from omni2.kernel.lease import RENEW_S, Lease
from omni2.kernel.private import make_private, warn_of_others
from omni2.kernel.secrets import Sealer, load_key
from omni2.kernel.settings import Settings
from omni2.kernel.tasks import Supervisor
from omni2.live.block import Blocking
from omni2.live.registry import Ending, Registry
from omni2.live.socket import House
from omni2.live.watch import watch_epochs
from omni2.live.watching import Watching
from omni2.migrations import upgrade
from omni2.upstream.documents import Documents
from omni2.upstream.lazy_pool import LazyPool
from omni2.upstream.models import Models
from omni2.upstream.ports import ModelPort
from omni2.upstream.signed_pool import SignedPool
from omni2.usage.budgets import Budgets

_PROMPT_SERVERS = ("shop", "shop", "time")
FIRST_LOOK_S = 8.0
GOING_AWAY = Ending(1012, "restarting", "The server restarts. Nothing is lost.")


@dataclass(frozen=True, slots=True)
class Process:
    """What routes and sockets reach through the application's state."""

    settings: Settings
    database: Database
    bus: Bus
    lease: Lease
    mirror: Mirror
    authenticator: Authenticator
    clients: Clients
    passwords: Passwords
    throttle: Throttle
    sealer: Sealer
    registry: Registry
    blocking: Blocking
    catalog: CatalogBook
    access: AccessBook
    budgets: Budgets
    hub: Hub
    engine: Engine
    turns: Turns
    chat: ChatDoor
    watch: WatchDoor
    gateway: Gateway
    sign_ins: SignIns
    proof: Proof

    async def allowance(self, user_id: str) -> Allowance:
        """Return what is left of a person's credits."""
        window = await self.budgets.window(user_id)
        return Allowance(
            window.remaining_micros,
            window.limit_micros,
            window.resets_at,
            self.budgets.credit_micros,
            self.budgets.zone,
        )


@asynccontextmanager
async def open_process(settings: Settings, models: ModelPort | None = None) -> AsyncIterator[Process]:
    """Open the process; `models` replaces the real model providers behind the same port."""
    make_private(settings.data)
    warn_of_others(settings.data)
    async with AsyncExitStack() as stack:
        bus = _bus(settings)
        await bus.open()
        stack.push_async_callback(bus.aclose)
        database = Database(settings.sqlalchemy_url, bus, synchronous=settings.sqlite_synchronous)
        stack.push_async_callback(database.aclose)
        lease = Lease(database)
        lease.lock()
        await upgrade(database)
        await lease.acquire()
        stack.push_async_callback(lease.release)
        supervisor = Supervisor()
        stack.push_async_callback(supervisor.aclose)
        if not database.is_sqlite:
            supervisor.loop("lease", lambda: _renew(lease))
        lane = Lane(_writer(database, settings), lambda: lease.valid)
        await lane.open()
        stack.push_async_callback(lane.aclose)
        proof = await stack.enter_async_context(open_proof(settings, database, lane, lease))
        process = _compose(_Base(settings, database, bus, lease, lane, supervisor, proof), models)
        await _start(process, supervisor)
        await stack.enter_async_context(_indexing(database, lane))
        stack.push_async_callback(process.sign_ins.aclose)
        stack.push_async_callback(process.engine.pool.aclose)
        stack.push_async_callback(process.turns.aclose)
        stack.push_async_callback(process.registry.end_all, GOING_AWAY)
        stack.callback(process.passwords.close)
        yield process


@dataclass(frozen=True, slots=True)
class _Base:
    """What everything else stands on."""

    settings: Settings
    database: Database
    bus: Bus
    lease: Lease
    lane: Lane
    supervisor: Supervisor
    proof: Proof


def _compose(base: _Base, models: ModelPort | None) -> Process:
    settings, database = base.settings, base.database
    mirror = Mirror(database)
    registry, authenticator = Registry(mirror), Authenticator(database, mirror, settings)
    catalog, budgets = CatalogBook(database, mirror), _budgets(base)
    access = AccessBook(database, mirror, catalog)
    sign_ins = SignIns(database, mirror, _sealer(settings), settings.origin)
    hub = _hub(base, catalog, budgets, sign_ins)
    engine = Engine(
        settings,
        database,
        base.bus,
        mirror,
        authenticator,
        registry,
        catalog,
        access,
        budgets,
        Recorder(base.lane, base.lease, base.bus),
        hub.sealer,
        hub.pool,
        models or hub.models,
        Views(mirror, authenticator, access),
    )
    turns = Turns(engine, base.supervisor)
    return Process(
        settings,
        database,
        base.bus,
        base.lease,
        mirror,
        authenticator,
        _clients(base),
        Passwords(settings.argon2_workers),
        Throttle(),
        hub.sealer,
        registry,
        Blocking(database, mirror, registry, lambda: base.lease.replica_id),
        catalog,
        access,
        budgets,
        hub,
        engine,
        turns,
        ChatDoor(turns, mirror, authenticator, registry, _greeting(settings, access, catalog, budgets)),
        _watch(base, engine),
        Gateway(engine, VERSION),
        sign_ins,
        base.proof,
    )


def _watch(base: _Base, engine: Engine) -> WatchDoor:
    watching = Watching(base.bus, engine.recorder.attention, engine.registry, engine.mirror)
    return WatchDoor(
        base.database,
        House(engine.mirror, engine.authenticator, engine.registry),
        Feed(base.database, watching),
        watching,
        Topics(base.database, engine.budgets),
    )


def _hub(base: _Base, catalog: CatalogBook, budgets: Budgets, sign_ins: SignIns) -> Hub:
    settings = base.settings

    def wake(server_id: str) -> None:
        hub.wake(server_id)

    hub = Hub(
        base.database,
        catalog,
        sign_ins.mirror,
        SignedPool(LazyPool(stdio_commands=stdio_commands(settings), on_tools_changed=wake), sign_ins),
        Models(),
        sign_ins.sealer,
        settings,
        base.supervisor,
        base.bus,
        _counts(base.database, budgets),
    )
    return hub


def _sealer(settings: Settings) -> Sealer:
    key = settings.secret_key.get_secret_value() if settings.secret_key else None
    return Sealer(load_key(settings.data, key))


def _clients(base: _Base) -> Clients:
    documents = Documents(allow_private=base.settings.listens_on_loopback)
    return Clients(base.database, documents.fetch, registration=base.settings.oauth_registration)


def _budgets(base: _Base) -> Budgets:
    settings = base.settings
    limit_micros = settings.default_daily_credits * settings.credit_micros
    return Budgets(base.database, settings.time_zone, limit_micros, settings.credit_micros)


def _greeting(settings: Settings, access: AccessBook, catalog: CatalogBook, budgets: Budgets) -> Greeting:
    prompts = tuple(zip(_PROMPT_SERVERS, SUGGESTED_PROMPTS, strict=True)) if settings.demo else ()
    return Greeting(access, catalog, budgets, prompts)


async def _start(process: Process, supervisor: Supervisor) -> None:
    await process.mirror.refresh()
    watch_epochs(process.mirror, process.blocking, process.authenticator, process.registry, supervisor)
    follow_epochs(supervisor, process.database, process.mirror, process.bus)
    recovery = Recovery(process.engine)
    await recovery.close_dead()
    supervisor.loop("recovery", recovery.run)
    supervisor.loop("closings", process.engine.recorder.retry_closings)
    supervisor.loop("stops", process.turns.listen)
    process.gateway.supervise(supervisor)
    process.watch.supervise(supervisor)
    supervisor.loop("tidy", lambda: tidy(process.engine.recorder.lane))
    await prepare_catalog(process.database, process.settings)
    await process.mirror.refresh()
    await process.hub.start()
    supervisor.loop("sign_ins", process.sign_ins.keep_fresh)
    await _await_first_catalogue(process)
    await process.lease.renew()  # a slow start may have used it up: nobody's first request is to meet that


@asynccontextmanager
async def _indexing(database: Database, lane: Lane) -> AsyncIterator[None]:
    """Index what the lane records, over a connection that lets all others go first, and may lose the last."""
    path, url = database.path, database.url
    quick = SqliteWriter(path, database.gate, "NORMAL", urgent=False)
    indexer = Indexer(
        database, quick if database.is_sqlite else PostgresWriter(url), lambda: lane.units, words_of
    )
    await indexer.open()
    supervisor = Supervisor()
    supervisor.loop("flow_index", indexer.run)
    try:
        yield
    finally:
        await supervisor.aclose()
        await indexer.aclose()


async def _await_first_catalogue(process: Process) -> None:
    """On the very first start wait a moment for the demo servers, so that the first question finds tools."""
    moved = asyncio.Event()
    process.mirror.on_change(lambda kind, key: moved.set())
    with suppress(TimeoutError):
        async with asyncio.timeout(FIRST_LOOK_S):
            while _is_new(await process.catalog.snapshot()):
                await moved.wait()
                moved.clear()


def _is_new(snapshot: CatalogSnapshot) -> bool:
    return any(
        server.demo and server.enabled and server.state == "connecting" and not server.tools
        for server in snapshot.servers.values()
    )


async def _renew(lease: Lease) -> None:
    await lease.renew()
    await asyncio.sleep(RENEW_S)


def _bus(settings: Settings) -> Bus:
    """Return the bus; the Redis client is loaded only where it is used."""
    if settings.bus_url is None:
        return MemoryBus()
    bus: Bus = import_module("omni2.kernel.bus_redis").RedisBus(settings.bus_url.get_secret_value())
    return bus


def _writer(database: Database, settings: Settings) -> SqliteWriter | PostgresWriter:
    if database.is_sqlite:
        return SqliteWriter(database.path, database.gate, settings.sqlite_synchronous)
    return PostgresWriter(database.url)


def _counts(database: Database, budgets: Budgets) -> Counts:
    async def counts(slugs: Sequence[str]) -> Mapping[str, ServerNumbers]:
        since, _ = budgets.day(now())
        async with database.read() as session:
            return await server_counts(session, since)

    return counts
