"""The database: units of work that commit before their events leave, and bounded reads."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from sqlalchemy import event, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)

from omni2.kernel.bus import Bus
from omni2.kernel.errors import Problem
from omni2.kernel.gate import Gate
from omni2.kernel.sqlite import Connections, pragmas
from omni2.kernel.tasks import finish


@dataclass(slots=True)
class Work:
    """One write transaction. Statements go through `session`; events and callbacks wait for the commit."""

    session: AsyncSession
    events: list[tuple[str, JsonValue]] = field(default_factory=list[tuple[str, JsonValue]])
    callbacks: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    committed: bool = False

    def emit(self, topic: str, payload: JsonValue) -> None:
        """Publish on the bus once this is committed, never before, never when it is rolled back."""
        self.events.append((topic, payload))

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call `callback` synchronously, directly behind the commit."""
        self.callbacks.append(callback)


class Database:
    """Owns the engines. On SQLite all writers of the process pass one gate and begin IMMEDIATE."""

    def __init__(self, url: str, bus: Bus, *, synchronous: str = "FULL") -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.bus = bus
        self.synchronous = synchronous
        self.gate = Gate()
        self._embedded = Connections(self.path)
        self._writer = self._engine("BEGIN IMMEDIATE", size=1 if self.is_sqlite else 5)
        self._reader = self._engine("BEGIN", size=4) if self.is_sqlite else self._writer
        self._vital = self._engine("BEGIN", size=2)
        self._work = async_sessionmaker(self._writer, expire_on_commit=False)
        self._read = async_sessionmaker(self._reader, expire_on_commit=False)
        self._urgent = async_sessionmaker(self._vital, expire_on_commit=False)

    @property
    def path(self) -> Path:
        """The file of an embedded database."""
        return Path(self.url.database or "")

    @asynccontextmanager
    async def work(self, *, urgent: bool = False) -> AsyncIterator[Work]:
        """Open a write transaction; commit on a clean exit, then publish. Do nothing slow inside.

        What is urgent (a block, the lease) overtakes: it does not wait for connections that others hold.
        """
        hold = self.gate.hold(urgent=urgent) if self.is_sqlite else nullcontext()
        maker = self._urgent if urgent and not self.is_sqlite else self._work
        work: Work | None = None
        try:
            async with hold, self._session(maker) as session:
                work = Work(session)
                yield work
                await finish(self._commit(work))
        finally:
            if work is not None and work.committed:
                await finish(self._publish(work))

    @asynccontextmanager
    async def read(self, *, urgent: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a read-only view of the committed state; `urgent` as in `work`."""
        async with self._session(self._urgent if urgent else self._read) as session:
            yield session

    async def answers(self) -> bool:
        """Whether a read succeeds now."""
        try:
            async with self.read() as session:
                await session.execute(text("SELECT 1"))
        except Problem:
            return False
        return True

    @asynccontextmanager
    async def connect_writer(self) -> AsyncIterator[AsyncConnection]:
        """Open one write transaction on a bare connection, for the schema's migrations."""
        hold = self.gate.hold(urgent=True) if self.is_sqlite else nullcontext()
        async with hold, self._writer.begin() as connection:
            yield connection

    async def aclose(self) -> None:
        """Close all connections."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()
        await self._vital.dispose()
        await self._embedded.aclose()

    async def _commit(self, work: Work) -> None:
        await work.session.commit()
        work.committed = True
        for callback in work.callbacks:
            callback()

    async def _publish(self, work: Work) -> None:
        for topic, payload in work.events:
            await self.bus.publish(topic, payload)

    @asynccontextmanager
    async def _session(self, maker: async_sessionmaker[AsyncSession]) -> AsyncIterator[AsyncSession]:
        try:
            async with maker() as session:
                yield session
        except OverflowError as error:
            raise unstorable() from error
        except (DBAPIError, PoolTimeoutError, OSError) as error:
            if isinstance(error, DBAPIError) and _is_unstorable(error):
                raise unstorable() from error
            if isinstance(error, DBAPIError) and not _is_outage(error):
                raise
            raise unavailable() from error

    def _engine(self, begin: str, *, size: int) -> AsyncEngine:
        if not self.is_sqlite:
            return create_async_engine(
                self.url,
                pool_size=size,
                max_overflow=10,
                pool_timeout=5,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"timeout": 5, "command_timeout": 15},
            )
        engine = create_async_engine(
            self.url,
            async_creator=self._embedded.open,
            pool_size=size,
            max_overflow=0 if size == 1 else 8,
            pool_timeout=10,
            hide_parameters=True,
        )
        event.listen(engine.sync_engine, "connect", self._on_connect)
        event.listen(engine.sync_engine, "begin", _begin_with(begin))
        return engine

    def _on_connect(self, connection: Any, record: object) -> None:
        del record
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas(self.synchronous):
            cursor.execute(pragma)
        cursor.close()


def _begin_with(statement: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def unavailable() -> Problem:
    """Return the problem of a database that does not answer: refuse, never allow."""
    return Problem(
        "database_unavailable",
        503,
        "The database does not answer. Nothing was done; try again in a moment.",
        retry_after_ms=1000,
    )


def unstorable() -> Problem:
    """Return the problem of a value that no column can hold, such as a NUL character."""
    return Problem("invalid_request", 422, "The request holds a value that cannot be stored or searched for.")


def _is_unstorable(error: DBAPIError) -> bool:
    """Whether the database refused a value as such (PostgreSQL's class 22), or its driver did."""
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return state.startswith("22") or "invalid input for query argument" in str(error.orig)


def _is_outage(error: DBAPIError) -> bool:
    if error.connection_invalidated:
        return True
    words = str(error.orig).lower()
    return any(
        word in words
        for word in ("locked", "unable to open", "disk i/o", "disk is full", "connection", "readonly")
    )
