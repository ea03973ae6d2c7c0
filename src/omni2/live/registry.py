"""Everything on this replica that can be ended: sockets, MCP streams, running turns, running calls."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

import structlog

from omni2.identity.epochs import Mirror, Standing
from omni2.kernel.ids import uptime

log = structlog.get_logger(__name__)

HandleKind = Literal["socket", "stream", "turn", "call"]
END_LIMIT_S = 1.0


@dataclass(frozen=True, slots=True)
class Ending:
    """Why something is ended: the close code, a stable code, and the words for the person."""

    close_code: int
    code: str
    message: str
    by: str = ""


@dataclass(eq=False, slots=True)
class Handle:
    """One live thing of one user. `end` is called at most once, and is cancelled when it takes too long.

    `ending` is true from the moment on at which it was told to end; `ended` is that task.
    """

    kind: HandleKind
    user_id: str
    door: str
    credential_id: str
    end: Callable[[Ending], Awaitable[None]]
    flow_id: str | None = None
    since: float = field(default_factory=uptime)
    ending: bool = False
    ended: asyncio.Future[None] | None = None


@dataclass(slots=True)
class LocalReceipt:
    """What one replica ended, and how long the slowest took."""

    sockets_closed: int = 0
    streams_cancelled: int = 0
    turns_cancelled: int = 0
    calls_cancelled: int = 0
    slowest_ms: float = 0.0


_COUNTERS: dict[HandleKind, str] = {
    "socket": "sockets_closed",
    "stream": "streams_cancelled",
    "turn": "turns_cancelled",
    "call": "calls_cancelled",
}


class Registry:
    """The live things of this replica by user.

    Registering and asking whether one may be there is one synchronous step: what a block does not find
    here comes too late and is refused.
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._by_user: dict[str, set[Handle]] = {}

    @contextmanager
    def hold(self, handle: Handle) -> Iterator[Handle]:
        """Keep `handle` findable while the context lasts; raise `Problem` when its user is refused here."""
        self.add(handle)
        try:
            yield handle
        finally:
            self.remove(handle)

    def add(self, handle: Handle) -> None:
        """Make `handle` findable until it is removed; raise `Problem` when its user is refused here."""
        self._mirror.require_allowed(handle.user_id, handle.door)
        handles = self._by_user.get(handle.user_id)
        if handles is None:
            handles = self._by_user[handle.user_id] = set()
        handles.add(handle)

    def remove(self, handle: Handle) -> None:
        """Let nobody find `handle` any more; that it was there is not needed."""
        handles = self._by_user.get(handle.user_id)
        if handles is not None:
            handles.discard(handle)
            if not handles:
                del self._by_user[handle.user_id]

    def of(self, user_id: str) -> tuple[Handle, ...]:
        """Return the user's live things."""
        return tuple(self._by_user.get(user_id, ()))

    def count(self, user_id: str, kind: HandleKind) -> int:
        """Return how many of one kind the user has here."""
        return sum(handle.kind == kind for handle in self._by_user.get(user_id, ()))

    def users(self) -> tuple[str, ...]:
        """Return everyone with something live here."""
        return tuple(self._by_user)

    def state(self, user_id: str) -> Literal["idle", "thinking", "offline"]:
        """Return what the user is doing here."""
        kinds = {handle.kind for handle in self._by_user.get(user_id, ())}
        if "turn" in kinds or "call" in kinds:
            return "thinking"
        return "idle" if kinds else "offline"

    def connections(self, user_id: str, standing: Standing) -> frozenset[Handle]:
        """Return the sockets and streams here that a block covers and that nothing ends yet."""
        return frozenset(
            handle
            for handle in self.of(user_id)
            if handle.kind in {"socket", "stream"} and standing.covers(handle.door) and handle.ended is None
        )

    async def end_blocked(
        self, user_id: str, standing: Standing, before: frozenset[Handle] = frozenset()
    ) -> LocalReceipt:
        """End all that the block covers, everything at once; return when it has ended.

        `before` were the connections when the block began to hold here: one that found that out by itself
        meanwhile, with something to say, is gone by now and counts as well.
        """
        here = self.of(user_id)
        covered = [handle for handle in here if standing.covers(handle.door)]
        receipt = await self.end(covered, Ending(4403, "blocked", standing.message, standing.by))
        for handle in before.difference(here):
            if handle.ended is None:
                name = _COUNTERS[handle.kind]
                setattr(receipt, name, getattr(receipt, name) + 1)
        return receipt

    async def end(self, handles: Iterable[Handle], ending: Ending) -> LocalReceipt:
        """End these handles in parallel, and wait for those that end already; all within a bounded time.

        Counts only what was not ending yet. What takes longer is cancelled and not waited for.
        """
        receipt, started, tasks = LocalReceipt(), uptime(), list[asyncio.Future[None]]()
        for handle in handles:
            if handle.ended is None:
                handle.ending = True
                handle.ended = asyncio.ensure_future(handle.end(ending))
                handle.ended.add_done_callback(_note_failure)
                name = _COUNTERS[handle.kind]
                setattr(receipt, name, getattr(receipt, name) + 1)
            tasks.append(handle.ended)
        if not tasks:
            return receipt
        _, late = await asyncio.wait(tasks, timeout=END_LIMIT_S)
        for task in late:
            task.cancel()
        receipt.slowest_ms = round((uptime() - started) * 1000, 3)
        return receipt

    async def end_all(self, ending: Ending) -> None:
        """End everything of everybody: the server goes away."""
        await self.end([handle for handles in tuple(self._by_user.values()) for handle in handles], ending)


def _note_failure(task: asyncio.Future[None]) -> None:
    error = None if task.cancelled() else task.exception()
    if error is not None:
        log.warning("end_failed", error=type(error).__name__)
