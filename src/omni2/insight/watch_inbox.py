"""What a watcher was not sent yet: bounded in bytes, the oldest dropped first and counted by user."""

import asyncio
from collections import Counter, deque
from dataclasses import dataclass

LIMIT_BYTES = 1_572_864
ROOM_BYTES = LIMIT_BYTES // 2
FRAME_BYTES = 200
FRAMES_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Told:
    """One frame about a user for all of their watchers, and how it reads where content is hidden.

    Without `hidden` there was nobody to hide it from when it was made; who needs it then has missed it.
    """

    user_id: str
    shown: str
    hidden: str | None = None

    @property
    def size_bytes(self) -> int:
        """What it counts for, whichever way it is read."""
        return len(self.shown) + len(self.hidden or "") + FRAME_BYTES


class Inbox:
    """One watcher's. Nobody who puts something in ever waits, but for those who put in a snapshot."""

    def __init__(self) -> None:
        self.missed: Counter[str] = Counter()
        self._told: deque[Told] = deque()
        self._own: deque[str] = deque()
        self._size = 0
        self._there = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()

    @property
    def size_bytes(self) -> int:
        """What waits."""
        return self._size

    def put(self, told: Told) -> None:
        """Add a frame about a user; what is too much drops the oldest, and is counted. One always fits."""
        self._told.append(told)
        self._size += told.size_bytes
        while self._size > LIMIT_BYTES and len(self._told) > 1:
            oldest = self._told.popleft()
            self._size -= oldest.size_bytes
            self.missed[oldest.user_id] += 1
        self._wake()

    def put_own(self, text: str) -> None:
        """Add an answer to the watcher's own frames; it overtakes. Who reads none gets the latest only."""
        self._own.append(text)
        if len(self._own) > FRAMES_LIMIT:
            self._own.popleft()
        self._there.set()

    def miss(self, user_id: str, frames: int = 1) -> None:
        """Count what was not even put in."""
        self.missed[user_id] += frames
        self._there.set()

    async def put_when_room(self, told: Told) -> None:
        """Add a part of a snapshot once half of the room is free."""
        await self._room.wait()
        self.put(told)

    async def next(self) -> Told | str | tuple[str, int]:
        """Return what is next: an own frame, then user and number of frames missed, then a frame."""
        while True:
            if self._own:
                return self._own.popleft()
            if self.missed:
                return self.missed.popitem()
            if self._told:
                return self._take()
            self._there.clear()
            await self._there.wait()

    def next_told(self) -> Told | None:
        """Return the frame about a user that is next, if one is; never waits."""
        return self._take() if self._told and not self._own and not self.missed else None

    def drop(self, user_id: str) -> None:
        """Forget what waits about one user, who is not watched any more."""
        kept = [told for told in self._told if told.user_id != user_id]
        self._told = deque(kept)
        self._size = sum(told.size_bytes for told in kept)
        self.missed.pop(user_id, None)
        self._mind_room()

    def clear(self) -> None:
        """Forget everything; whoever waits for room goes on."""
        self._told.clear()
        self._own.clear()
        self._size = 0
        self._room.set()

    def _take(self) -> Told:
        told = self._told.popleft()
        self._size -= told.size_bytes
        self._mind_room()
        return told

    def _wake(self) -> None:
        self._there.set()
        self._mind_room()

    def _mind_room(self) -> None:
        if self._size > ROOM_BYTES:
            self._room.clear()
        else:
            self._room.set()
