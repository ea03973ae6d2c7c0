"""The group commit: small units of work of many callers share one durable transaction.

There is no linger timer: what arrives while a commit runs is the next batch. A unit that is refused
(a step did not touch the rows it had to) hurts no other.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeGuard, TypeVar, cast

import structlog

from omni2.kernel.db import unavailable
from omni2.kernel.errors import Problem
from omni2.kernel.statement import Statement
from omni2.kernel.tasks import Patient

log = structlog.get_logger(__name__)

T = TypeVar("T")
Value = str | int | float | None
Row = tuple[Any, ...]
QUEUE_LIMIT = 4_096
BATCH_LIMIT = 256
WAIT_S = 10.0


@dataclass(slots=True)
class Step:
    """One statement with `$1`-style parameters. `expect` is the number of rows it must touch, or None.

    With `fetch` the first returned row is handed back; no row then counts as none touched. Parameters may be
    a function of the rows that the steps before it returned: pure, quick, and free of shared state. A
    `Statement` takes one row of parameters from this step, and others from steps of other units: see there.
    """

    sql: str | Statement
    params: tuple[Value, ...] | Callable[[Sequence[Row | None]], tuple[Value, ...]]
    expect: int | None = None
    fetch: bool = False

    def bind(self, rows: Sequence[Row | None]) -> tuple[Value, ...]:
        """Return the parameters, given the rows of the steps before.

        Raises `ValueError` when they cannot be made: a fault of the unit, not of the store.
        """
        if not callable(self.params):
            return self.params
        try:
            return self.params(rows)
        except (LookupError, AttributeError, ArithmeticError) as error:
            raise ValueError("the parameters of a step cannot be made") from error


Rows = Sequence[tuple[Value, ...]]


@dataclass(slots=True)
class Many:
    """One statement for all these rows of a unit; `expect` is how many of the table's they must touch."""

    sql: Statement
    rows: Rows
    expect: int | None = None


Steps = tuple[Step | Many, ...]


def is_plain(unit: Steps) -> TypeGuard[tuple[Step, ...]]:
    """Whether no step of a unit needs to know what another one did, so that it can run with other units."""
    return all(
        isinstance(step, Step) and isinstance(step.sql, Statement) and not callable(step.params)
        for step in unit
    )


def together(units: Sequence[tuple[Step, ...]]) -> list[tuple[Statement, Rows, int | None]]:
    """Return the statements that do what all these plain units ask for, in the order in which they must run.

    Each comes with its rows and how many it must touch in all; if it touches others, a unit is refused.
    """
    found: list[tuple[Statement, Rows, int | None]] = []
    for place in range(max(map(len, units))):
        steps: dict[Statement, list[Step]] = {}
        for unit in units:
            if place < len(unit):
                steps.setdefault(cast("Statement", unit[place].sql), []).append(unit[place])
        for statement, same in steps.items():
            counted = [step.expect for step in same if step.expect is not None]
            expected = sum(counted) if len(counted) == len(same) else None
            found.append((statement, [step.bind(()) for step in same], expected))
    return found


class UnitRefused(Exception):
    """A step of the unit touched other than the expected rows; nothing of the unit happened."""

    def __init__(self, index: int) -> None:
        super().__init__(f"step {index} was refused")
        self.index = index


class UnitInvalid(Problem):
    """The database can never take the unit as it is; nothing of it happened. The cause is its own error."""

    def __init__(self) -> None:
        super().__init__("record_invalid", 500, "This could not be recorded, so it was not done.")


@dataclass(slots=True)
class Unit:
    """Steps that happen together or not at all; `latest` is the loop time at which a wait for them ends."""

    steps: Steps
    done: Patient[list[Row | None] | Exception]
    latest: float


@dataclass(slots=True)
class Outcome:
    """What became of a unit: rows, or the index of the refused step, or the error of the database."""

    rows: list[Row | None] = field(default_factory=list)
    refused: int | None = None
    error: Exception | None = None


class Writer(Protocol):
    """Runs a batch in one transaction on a connection of its own."""

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What `run` raises when the store fails; the next batch is tried anew."""
        ...

    async def open(self) -> None:
        """Connect."""
        ...

    async def run(self, batch: Sequence[Steps]) -> list[Outcome]:
        """Run every unit and commit durably; raise when the batch as a whole could not be committed."""
        ...

    async def aclose(self) -> None:
        """Disconnect."""
        ...


class Lane:
    """The queue in front of the writer: bounded, with back-pressure, drained by one task."""

    def __init__(
        self, writer: Writer, may_write: Callable[[], bool] = lambda: True, wait_s: float = WAIT_S
    ) -> None:
        self._writer = writer
        self._may_write = may_write
        self._wait_s = wait_s
        self._queue: deque[Unit] = deque()
        self._idle: asyncio.Future[None] | None = None
        self._places = QUEUE_LIMIT
        self._line: deque[asyncio.Future[None]] = deque()
        self._under_way: list[Unit] = []
        self._watch: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.batches = 0
        self.units = 0

    async def open(self) -> None:
        """Connect the writer and start draining."""
        await self._writer.open()
        self._task = asyncio.get_running_loop().create_task(self._drain(), name="lane")

    async def commit(self, steps: Sequence[Step | Many]) -> list[Row | None]:
        """Return one entry a step once all are durable.

        Raises `UnitRefused`, `UnitInvalid` for a unit that the database cannot take, or `Problem` when the
        store fails or the lane is closed. When the wait is cut short, or the store fails, the unit may still
        be committed: callers treat that as a failure, and what they write next must hold for both.
        """
        if self._places > 0:
            self._places -= 1
        else:
            await self._enter()
        if self._closing or self._task is None or self._task.done():
            self._leave()
            raise unavailable()
        loop = self._task.get_loop()
        unit = Unit(tuple(steps), Patient(loop=loop), loop.time() + self._wait_s)
        self._queue.append(unit)
        self._rouse()
        if self._watch is None:
            self._watch = loop.call_at(unit.latest, self._look)
        came = await unit.done
        if isinstance(came, Exception):
            raise came
        return came

    async def aclose(self) -> None:
        """Take nothing more, drain what waits, then stop."""
        if self._closing:
            return
        self._closing = True
        self._rouse()
        try:
            if self._task is not None:
                await self._task
        finally:
            if self._watch is not None:
                self._watch.cancel()
            await self._writer.aclose()

    async def _enter(self) -> None:
        """Wait for a place in the queue, in order; raise `Problem` when none comes free in time."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        self._line.append(turn)
        cut = loop.call_later(self._wait_s, _cut, turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._leave()
            raise
        finally:
            cut.cancel()

    def _leave(self) -> None:
        """Give a place to whoever waits longest."""
        while self._line:
            turn = self._line.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._places += 1

    def _rouse(self) -> None:
        idle, self._idle = self._idle, None
        if idle is not None and not idle.done():
            idle.set_result(None)

    async def _drain(self) -> None:
        while self._queue or not self._closing:
            if not self._queue:
                self._idle = asyncio.get_running_loop().create_future()
                await self._idle
                continue
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), BATCH_LIMIT))]
            self._under_way = [unit for unit in batch if not unit.done.done()]
            try:
                if self._under_way:
                    await self._run(self._under_way)
            finally:
                self._under_way = []
                for _ in batch:
                    self._leave()

    def _look(self) -> None:
        """End the waits that took too long; look again when the next one would. They end in their order."""
        waiting = [unit for unit in (*self._under_way, *self._queue) if not unit.done.done()]
        at = asyncio.get_running_loop().time()
        for unit in waiting:
            if unit.latest <= at:
                _settle(unit, unavailable())
        later = min((unit.latest for unit in waiting if unit.latest > at), default=None)
        self._watch = None
        if later is not None:
            self._watch = asyncio.get_running_loop().call_at(later, self._look)

    async def _run(self, batch: list[Unit]) -> None:
        self.batches += 1
        self.units += len(batch)
        if not self._may_write():
            _fail(
                batch, Problem("lease_lost", 503, "This replica lost its lease and may not write. Try again.")
            )
            return
        try:
            outcomes = await self._writer.run([unit.steps for unit in batch])
        except self._writer.errors as error:
            log.warning("record_failed", units=len(batch), error=type(error).__name__)
            _fail(batch, unavailable())
            return
        except BaseException:
            _fail(batch, unavailable())
            raise
        for unit, outcome in zip(batch, outcomes, strict=True):
            _settle(unit, _came_of(outcome))


def _cut(turn: asyncio.Future[None]) -> None:
    """End a wait for a place that took too long."""
    if not turn.done():
        turn.set_exception(unavailable())


def _came_of(outcome: Outcome) -> list[Row | None] | Exception:
    if outcome.error is not None:
        log.error("record_invalid", error=type(outcome.error).__name__)
        invalid = UnitInvalid()
        invalid.__cause__ = outcome.error
        return invalid
    return outcome.rows if outcome.refused is None else UnitRefused(outcome.refused)


def _settle(unit: Unit, came: list[Row | None] | Exception) -> None:
    """End the wait for a unit, unless it ended; one that took too long may be committed all the same."""
    if not unit.done.done():
        unit.done.set_result(came)


def _fail(batch: list[Unit], problem: Problem) -> None:
    for unit in batch:
        _settle(unit, problem)
