"""The bus: makes things instant, is at most once, and is never the truth."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import JsonValue

INBOX_LIMIT = 1_000


@dataclass(slots=True)
class Inbox:
    """What one subscriber has not read yet: bounded, the oldest dropped first and counted in `missed`."""

    limit: int = INBOX_LIMIT
    missed: int = 0
    _queue: asyncio.Queue[tuple[str, JsonValue]] = field(default_factory=asyncio.Queue[tuple[str, JsonValue]])

    def put(self, topic: str, payload: JsonValue) -> None:
        """Add a message; never blocks."""
        if self._queue.qsize() >= self.limit:
            self._queue.get_nowait()
            self.missed += 1
        self._queue.put_nowait((topic, payload))

    async def get(self) -> tuple[str, JsonValue]:
        """Wait for the next message: topic and payload."""
        return await self._queue.get()

    def take_missed(self) -> int:
        """Return how many messages were lost since the last call, and start counting anew."""
        missed, self.missed = self.missed, 0
        return missed


class Bus(Protocol):
    """Publish and subscribe by exact topic, within a process or between replicas."""

    @property
    def connected(self) -> bool:
        """Whether messages reach the other replicas now."""
        ...

    async def open(self) -> None:
        """Connect, or start trying to."""
        ...

    async def publish(self, topic: str, payload: JsonValue) -> None:
        """Send to all subscribers of `topic` here and elsewhere; a lost bus loses it silently."""
        ...

    def subscribe(self, *topics: str, limit: int = INBOX_LIMIT) -> AbstractAsyncContextManager[Inbox]:
        """Receive `topics` from now on; the subscription stands when the context is entered."""
        ...

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Call `callback` each time the bus comes back after a loss, so that state can be read anew."""
        ...

    async def aclose(self) -> None:
        """Disconnect."""
        ...


class Subscribers:
    """The local side that every bus shares: topic to inboxes."""

    def __init__(self) -> None:
        self._inboxes: dict[str, set[int]] = {}
        self._by_id: dict[int, Inbox] = {}

    def add(self, inbox: Inbox, topics: tuple[str, ...]) -> None:
        """Let `inbox` receive `topics`."""
        self._by_id[id(inbox)] = inbox
        for topic in topics:
            self._inboxes.setdefault(topic, set()).add(id(inbox))

    def remove(self, inbox: Inbox, topics: tuple[str, ...]) -> list[str]:
        """Forget `inbox`; return the topics that nobody reads any more."""
        self._by_id.pop(id(inbox), None)
        empty: list[str] = []
        for topic in topics:
            readers = self._inboxes.get(topic, set())
            readers.discard(id(inbox))
            if not readers and self._inboxes.pop(topic, None) is not None:
                empty.append(topic)
        return empty

    def deliver(self, topic: str, payload: JsonValue) -> None:
        """Put a message into each inbox of `topic`."""
        for key in tuple(self._inboxes.get(topic, ())):
            self._by_id[key].put(topic, payload)

    @property
    def topics(self) -> tuple[str, ...]:
        """All topics with a reader."""
        return tuple(self._inboxes)


class MemoryBus:
    """The bus of a single process."""

    connected = True

    def __init__(self) -> None:
        self._subscribers = Subscribers()

    async def open(self) -> None:
        """Nothing to connect."""

    async def publish(self, topic: str, payload: JsonValue) -> None:
        """Deliver at once."""
        self._subscribers.deliver(topic, payload)

    @asynccontextmanager
    async def subscribe(self, *topics: str, limit: int = INBOX_LIMIT) -> AsyncIterator[Inbox]:
        """Receive `topics` until the context ends."""
        inbox = Inbox(limit)
        self._subscribers.add(inbox, topics)
        try:
            yield inbox
        finally:
            self._subscribers.remove(inbox, topics)

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Never called: a bus within the process is never lost."""

    async def aclose(self) -> None:
        """Nothing to disconnect."""
