"""The answer to one request of the thin client: its head is there, its body comes as it arrives."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Protocol

import httpcore2

LOW_WATER_BYTES = 64 * 1024


class Carrier(Protocol):
    """The connection that an answer comes from."""

    def fail(self, error: Exception) -> None:
        """End whatever runs with `error`, and close."""
        ...

    def go_on(self, answer: "Answer") -> None:
        """Read again, if reading was paused for this answer."""
        ...

    def expire_at(self, answer: "Answer", deadline: float) -> None:
        """Let the answer fail at a loop time."""
        ...


class Answer:
    """`headers` have their names in lower case. `read`, `chunk` or iteration gives the body, once.

    All of them raise `httpcore2` errors for answers that break off, and `ReadTimeout` at the deadline.
    """

    __slots__ = ("_buffered", "_carrier", "_chunks", "_error", "_waiter", "complete", "headers", "status")

    def __init__(self, carrier: Carrier) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.complete = False
        self._chunks: deque[bytes] = deque()
        self._buffered = 0
        self._carrier = carrier
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def stream(self) -> "Answer":
        """The body, under the name that the larger client has for it."""
        return self

    def header(self, name: bytes) -> str | None:
        """Return the first value of a header, `name` in lower case."""
        return next((value.decode("latin-1") for key, value in self.headers if key == name), None)

    async def head(self) -> None:
        """Wait for status and headers; whoever is cancelled here closes the connection."""
        loop = asyncio.get_running_loop()
        headed = False
        try:
            while not self.status:
                if self._error is not None:
                    raise self._error
                self._waiter = loop.create_future()
                await self._waiter
            headed = True
        finally:
            self._waiter = None
            if not headed:
                self._give_up()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while (chunk := await self.chunk()) is not None:
            yield chunk

    async def chunk(self) -> bytes | None:
        """Return the next piece of the body as it came, None behind the last."""
        while not self._chunks:
            if self.complete:
                return None
            await self._news()
        chunk = self._chunks.popleft()
        self._buffered -= len(chunk)
        if self._buffered < LOW_WATER_BYTES:
            self._carrier.go_on(self)
        return chunk

    def whole(self, max_bytes: int) -> bytes | None:
        """Return the body if it came with the head, at once and in one piece of at most so many bytes."""
        if not self.complete or len(self._chunks) != 1 or len(self._chunks[0]) > max_bytes:
            return None
        self._buffered = 0
        return self._chunks.popleft()

    async def read(self, max_bytes: int) -> bytes | None:
        """Return the whole body, or None when it is longer, upon which the answer is closed."""
        parts: list[bytes] = []
        size = 0
        while (chunk := await self.chunk()) is not None:
            size += len(chunk)
            if size > max_bytes:
                self._give_up()
                return None
            parts.append(chunk)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def aclose(self) -> None:
        """Give the connection back; one whose answer did not come to its end is closed."""
        self._give_up()

    def prolong(self, deadline: float) -> None:
        """Give the rest of the answer until another loop time."""
        self._carrier.expire_at(self, deadline)

    # What the connection calls.

    def take(self, chunk: bytes) -> int:
        """Keep a piece of the body; return how many bytes wait to be read."""
        self._chunks.append(chunk)
        self._buffered += len(chunk)
        return self._buffered

    def break_off(self, error: Exception) -> None:
        """End the answer in the middle; what already arrived can still be read."""
        self._error = error
        self.wake()

    def wake(self) -> None:
        """Let whoever waits look again."""
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _news(self) -> None:
        """Wait until something more of the answer is known."""
        if self._error is not None:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _give_up(self) -> None:
        if not self.complete and self._error is None:
            self._carrier.fail(httpcore2.ReadError("the answer was given up"))
