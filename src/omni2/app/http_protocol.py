"""uvicorn's HTTP protocol, with deadlines for head and body of a request: who drips them is cut off."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from omni2.app.whole_request import Heads, WholeRequest, is_whole


class DeadlineProtocol(HttpToolsProtocol):
    """Closes a connection whose request line and headers do not arrive within `head_timeout_s`.

    Counts from the connection's start for the first request, and from its first byte for each later one. The
    body has `body_timeout_s` from the end of the head, whether anybody reads it or not; what arrives at once
    costs no timer. A small request to `/mcp` reaches the application once it is there as a whole. Puts three
    calls into the scope's extensions: `omni2.abort` drops the connection, `omni2.drain` returns what waits
    until a write would not wait (None: it would not now), `omni2.gone` calls its argument when the client is
    gone, until what it returns is called.
    """

    head_timeout_s: ClassVar[float] = 15.0
    body_timeout_s: ClassVar[float] = 40.0

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._deadline: asyncio.TimerHandle | None = None
        self._within_s = 0.0  # how long what is under way may take, 0 when nothing is
        self._idle_since = 0.0
        self._idle: asyncio.TimerHandle | None = None
        self._whole: WholeRequest | None = None
        self._listeners: list[Callable[[], None]] = []
        self._extensions: dict[str, Any] = {}
        self.last_head: object = None
        self.kept: dict[str, Any] = {}
        self._heads = Heads()
        self._parts: list[bytes] = []

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start the clock."""
        super().connection_made(transport)
        self._extensions = {
            "omni2.abort": transport.abort,
            "omni2.drain": self._room,
            "omni2.gone": self._on_gone,
        }
        self._start_clock(self.head_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._stop_clock()
        if self._idle is not None:
            self._idle.cancel()
        super().connection_lost(exc)
        running: Any = self.cycle
        if isinstance(running, WholeRequest) and running.on_gone is not None:
            running.on_gone()
        for listener in self._listeners:
            listener()

    def data_received(self, data: bytes) -> None:
        """Read on; start the clock for what did not arrive as a whole."""
        before: Any = self.cycle
        between = not self._within_s and (before is None or before.response_complete)
        if between and (found := self._heads.scope_of(data)) is not None:
            scope, body = found
            scope["state"] = self.app_state.copy()
            self._stop_clock()
            self._start(WholeRequest(self, scope, body, keep_alive=True))
            return
        super().data_received(data)
        if self._within_s:
            if self._deadline is None:
                self._start_clock(self._within_s)
        elif between and self.cycle is not before:
            self._heads.note(data, self.cycle)

    def on_message_begin(self) -> None:
        """The head of the next request of a kept connection is under way."""
        self._within_s = self.head_timeout_s
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The body is under way."""
        self._stop_clock()
        self._within_s = self.body_timeout_s
        scope: Any = self.scope
        scope["extensions"] = self._extensions
        before: Any = self.cycle
        parser: Any = self.parser
        if (before is None or before.response_complete) and is_whole(self):
            keeps = parser.should_keep_alive()
            whole: Any = WholeRequest(self, scope, keep_alive=keeps)
            self.cycle = self._whole = whole
            self._parts = []
            return
        self._whole = None
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep what came of a whole request."""
        if self._whole is None:
            super().on_body(body)
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        """Stop the clock: all has come."""
        self._stop_clock()
        whole, self._whole = self._whole, None
        if whole is None:
            super().on_message_complete()
            return
        whole.body = b"".join(self._parts)
        self._start(whole)

    def on_response_complete(self) -> None:
        """Go on with the next request, or wait for it: one timer serves a kept connection for long."""
        if self.pipeline or self.transport.is_closing():
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        self.flow.resume_reading()
        self._idle_since = self.loop.time()
        if self._idle is None:
            self._idle = self.loop.call_later(self.timeout_keep_alive, self._look_idle)

    def handle_websocket_upgrade(self) -> None:
        """Stop the clock: another protocol takes over."""
        self._stop_clock()
        if self._idle is not None:
            self._idle.cancel()
        super().handle_websocket_upgrade()

    def _start(self, request: Any) -> None:
        self.cycle = request
        config: Any = self.config
        request.start(config.loaded_app)

    def _look_idle(self) -> None:
        """Close a connection that was kept for nothing; look again later at any other."""
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        busy = self._within_s or not self.cycle.response_complete
        if left <= 0 and not busy:
            self._idle = None
            self.transport.close()
            return
        later = self.timeout_keep_alive if busy else left
        self._idle = self.loop.call_later(later, self._look_idle)

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
        self._within_s = 0.0
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._deadline = None
        self.transport.close()
