"""uvicorn's HTTP protocol, with deadlines for head and body of a request: who drips them is cut off."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class DeadlineProtocol(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not arrive within `head_timeout_s`.

    Counts from the connection's start for the first request, and from its first byte for each later one. The
    body has `body_timeout_s` from the end of the head, whether anybody reads it or not. Puts three calls into
    the scope's extensions: `omni2.abort` drops the connection, `omni2.drain` returns what waits until a write
    would not wait (None: it would not now), `omni2.gone` calls its argument when the client is gone, until
    what it returns is called.
    """

    head_timeout_s: ClassVar[float] = 15.0
    body_timeout_s: ClassVar[float] = 40.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._listeners: list[Callable[[], None]] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock."""
        super().connection_made(transport)
        self._start_clock(self.head_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)
        for listener in self._listeners:
            listener()

    def on_message_begin(self) -> None:
        """Start the clock for the next request of a kept connection."""
        self._start_clock(self.head_timeout_s)
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Start the clock anew, for the body."""
        self._stop_clock()
        self._start_clock(self.body_timeout_s)
        super().on_headers_complete()
        scope: Any = self.scope
        scope["extensions"] = {
            "omni2.abort": self.transport.abort,
            "omni2.drain": self._room,
            "omni2.gone": self._on_gone,
        }

    def on_message_complete(self) -> None:
        """Stop the clock: all has come."""
        self._stop_clock()
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        """Stop the clock: another protocol takes over."""
        self._stop_clock()
        super().handle_websocket_upgrade()

    def _room(self) -> Awaitable[None] | None:
        return self.flow.drain() if self.flow.write_paused else None

    def _on_gone(self, listener: Callable[[], None]) -> Callable[[], None]:
        if self.transport.is_closing():
            self.loop.call_soon(listener)
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _start_clock(self, seconds: float) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(seconds, self._too_slow)

    def _stop_clock(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        self.transport.close()
