"""A request that is answered in the task of its HTTP request, and what may end it before it is answered."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, cast

from omni2.gateway.ask import Ask
from omni2.gateway.wire import REFUSED, Fault
from omni2.kernel.alarm import Alarm, Bell

PING_S = 15.0


class Attending:
    """The caller of the running task: may leave, cancel, or be blocked while the answer is a stream."""

    def __init__(self, ask: Ask, pings: Alarm) -> None:
        self._ask = ask
        self._pings = pings
        self._task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._reason: BaseException | None = None
        self._over = False
        self._next_ping: Bell | None = None
        self._forget: Callable[[], None] | None = None
        self._beside: set[asyncio.Task[None]] = set()

    def cancel(self) -> None:
        """End the work: the client asked for that."""
        self._end(Fault(REFUSED, "This request was cancelled."))

    def begin(self) -> None:
        """Let what ends the work early cancel the running task, until it is finished."""
        self._forget = self._ask.outlet.on_gone(self._gone)
        if self._forget is None:
            self._spawn(self._read_on())
        self._next_ping = self._pings.ring(self._keep_alive)

    def explain(self) -> None:
        """Raise what ended the work in the place of a cancellation, unless somebody else did."""
        if self._reason is not None:
            self._task.uncancel()
            raise self._reason from None

    def finish(self) -> None:
        """The work is over; nothing that could end it is held any more, so that all goes at once."""
        self._over = True
        if self._next_ping is not None:
            self._next_ping.off()
        forget, self._forget = self._forget, None
        if forget is not None:
            forget()
        for task in self._beside:
            task.cancel()

    def _gone(self) -> None:
        self._end(ConnectionResetError())

    def _end(self, reason: BaseException) -> None:
        if self._reason is None and not self._over:
            self._reason = reason
            self._task.cancel()

    def _keep_alive(self) -> None:
        self._spawn(keep_alive(self._ask))
        self._next_ping = self._pings.ring(self._keep_alive)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="mcp client")
        self._beside.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._beside.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._end(error)

    async def _read_on(self) -> None:
        await gone(self._ask)
        self._gone()


async def gone(ask: Ask) -> None:
    """Wait until the client has left."""
    while (await ask.receive())["type"] != "http.disconnect":
        continue


async def keep_alive(ask: Ask) -> None:
    """Keep a client waiting that takes a stream; raise `Problem` when nothing may leave any more."""
    if ask.head.accepts_stream:
        await ask.outlet.open()
        await ask.outlet.ping()
