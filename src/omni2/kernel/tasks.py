"""Supervised loops, and work that a cancellation may not cut in half."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, TypeVar, cast

import structlog

log = structlog.get_logger(__name__)
T = TypeVar("T")
CANCEL_AGAIN_S = 10.0  # as long as a record may take


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end even when the caller is cancelled.

    The cancellation is raised afterwards, also when `work` failed meanwhile.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await _ended(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        if not task.cancelled():
            task.exception()
        raise cancelled
    return task.result()


class Patient(asyncio.Future[T]):
    """A result, never an error, that `finish_here` waits for to the end, and without a waiter between."""

    kept = False

    def cancel(self, msg: object | None = None) -> bool:
        """Refuse while it is kept; the task that waits keeps in mind that it was cancelled."""
        return False if self.kept else super().cancel(msg)


class finish_here(Awaitable[T]):  # noqa: N801 used like `finish`
    """Like `finish`, in the caller's own task: there is none to start and to wait for.

    For work that nothing but the end of what it waits for may wake: it sets no `asyncio.timeout` of its own.
    """

    def __init__(self, work: Coroutine[Any, Any, T]) -> None:
        self._work = work

    def __await__(self) -> Generator[Any, None, T]:
        """Go on with the work whenever what it waits for is there, whatever happens to the caller."""
        cancelled: asyncio.CancelledError | None = None
        try:
            while True:
                awaited = self._work.send(None)
                try:
                    if type(awaited) is Patient:
                        awaited.kept = True
                        yield awaited
                    else:
                        yield from _there(awaited)
                except asyncio.CancelledError as error:
                    cancelled = error
        except StopIteration as end:
            return cast("T", end.value)
        finally:
            if cancelled is not None:
                raise cancelled


async def by(latest: float, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns, by a loop time at the latest; only a wait costs a timer.

    Raises `TimeoutError`, upon which the work is cancelled.
    """
    try:
        awaited = work.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    async with asyncio.timeout_at(latest):
        return await _Begun(work, awaited)


class _Begun(Awaitable[T]):
    """The rest of a coroutine that waits for `awaited` already."""

    def __init__(self, work: Coroutine[Any, Any, T], awaited: Any) -> None:
        self._work = work
        self._awaited = [awaited]

    def __await__(self) -> Generator[Any, Any, T]:
        """Return what a task goes through: first what is awaited already, then the work itself."""
        return cast("Generator[Any, Any, T]", self)

    def __next__(self) -> Any:
        """Go on."""
        return self._awaited.pop() if self._awaited else self._work.send(None)

    def send(self, value: Any) -> Any:
        """Go on with a value."""
        return self._work.send(value)

    def throw(self, error: BaseException) -> Any:
        """Go on with an error, a cancellation for one."""
        return self._work.throw(error)


class Places:
    """Lets so many in at a time, the others in their order; who finds a place waits for nothing."""

    __slots__ = ("_free", "_waiting")

    def __init__(self, places: int = 1) -> None:
        self._free = places
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take(self) -> bool:
        """Take a place; return whether there was one. Without, `wait` for it."""
        if self._free <= 0:
            return False
        self._free -= 1
        return True

    async def wait(self, latest: float | None = None) -> None:
        """Take a place, by a loop time at the latest. Raises `TimeoutError`."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        had = False
        try:
            async with asyncio.timeout_at(latest):
                await turn
            had = True
        finally:
            if not had and turn.done() and not turn.cancelled():
                self.give_back()

    def give_back(self) -> None:
        """Let whoever waits longest have a place."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1


def _there(awaited: asyncio.Future[Any] | None) -> Generator[Any, None, None]:
    """Wait for what a coroutine waits for, to the end; a cancellation meanwhile is raised behind it."""
    if awaited is None:  # it lets others run
        yield
        return
    awaited._asyncio_future_blocking = False  # the sign of an `await`, which is ours now
    cancelled: asyncio.CancelledError | None = None
    while not awaited.done():
        try:
            yield from _ended(awaited).__await__()
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def _ended(task: asyncio.Future[T]) -> None:
    """Wait for the end of `task`, which the end of the waiting does not touch."""
    waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def wake(_: object) -> None:
        if not waiter.done():
            waiter.set_result(None)

    task.add_done_callback(wake)
    try:
        await waiter
    finally:
        task.remove_done_callback(wake)


async def end(*tasks: asyncio.Task[Any]) -> None:
    """Cancel tasks and wait until they ended, whatever comes of them.

    A cancellation that meets the end of a wait may get lost in it: who does not end is cancelled again.
    """
    left = {task for task in tasks if not task.done()}
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=CANCEL_AGAIN_S)
        if left:
            log.warning("still_ending", tasks=sorted(task.get_name() for task in left))
    for task in tasks:
        if not task.cancelled():
            task.exception()


class Supervisor:
    """Owns the background tasks of the process: restarts loops that fail, ends all at close."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    def loop(self, name: str, body: Callable[[], Awaitable[None]]) -> None:
        """Run `body` for ever; a failure is logged by name and retried with growing pauses up to 5 s."""
        self.spawn(self._forever(name, body), name=name)

    def spawn(self, work: Coroutine[Any, Any, None], *, name: str) -> asyncio.Task[None]:
        """Run `work` once; the task is cancelled and awaited at close."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    @property
    def running(self) -> int:
        """How many tasks live."""
        return len(self._tasks)

    async def aclose(self) -> None:
        """Cancel and await everything."""
        self._closing = True
        while self._tasks:
            tasks = list(self._tasks)
            await end(*tasks)
            self._tasks.difference_update(tasks)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("task_failed", task=task.get_name(), exc_info=error)

    async def _forever(self, name: str, body: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while not self._closing:
            try:
                await body()
                failures = 0
            except Exception as error:  # noqa: BLE001 the supervised task, one of the five legal places
                failures += 1
                log.warning("loop_failed", loop=name, failures=failures, error=type(error).__name__)
                await asyncio.sleep(min(5.0, 0.1 * 2**failures) * random.uniform(0.5, 1.0))  # noqa: S311
