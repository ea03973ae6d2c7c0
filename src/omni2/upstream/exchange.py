"""What happened on the wire for one JSON-RPC request, where the protocol layer only says "error"."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

from omni2.kernel.errors import Problem
from omni2.upstream.ports import OnWire

Fault = Literal["connect", "broken", "too_big", "encoded", "timeout"]

ABANDON_GRACE_S = 2.0


@dataclass(slots=True)
class Exchange:
    """The fate of one request. `deadline` is a loop time after which its connection is given up.

    `on_wire` is told when the request is handed to the wire; see `McpPool.call_tool`.
    """

    deadline: float
    on_wire: OnWire | None = None
    status: int | None = None
    content_type: str = ""
    in_session: bool = False
    fault: Fault | None = None
    problem: Problem | None = None
    _timeout: asyncio.Timeout | None = field(default=None, repr=False)

    @property
    def never_ran(self) -> bool:
        """Whether the server provably did not act: no connection, or it did not know our session."""
        return self.fault == "connect" or (self.in_session and self.status == 404)

    @property
    def was_read(self) -> bool:
        """Whether a server took the request, may use it, and answered; true for want of a wire to watch."""
        if self.fault is not None or self.problem is not None:
            return False
        return self.status is None or (self.status < 500 and self.status not in {401, 403})

    def note_sent(self) -> None:
        """The request is being handed to the wire."""
        if self.on_wire is not None:
            self.on_wire("sent")

    def note_ignored(self) -> None:
        """The server provably did not act on the request."""
        if self.on_wire is not None:
            self.on_wire("ignored")

    async def trace(self, event: str, info: dict[str, Any]) -> None:
        """Note when the HTTP client hands the body of the request to the wire, behind which nothing waits."""
        del info
        if event.endswith(".send_request_body.started"):
            self.note_sent()

    def abandon(self) -> None:
        """Nobody waits any more: let the cancellation arrive, then give the connection up."""
        self.deadline = min(self.deadline, asyncio.get_running_loop().time() + ABANDON_GRACE_S)
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(self.deadline)

    @asynccontextmanager
    async def bounded(self) -> AsyncIterator[None]:
        """Run the body until the deadline, also when that moves. Raises `TimeoutError`."""
        try:
            async with asyncio.timeout_at(self.deadline) as self._timeout:
                yield
        finally:
            self._timeout = None


# Set by the caller; the transport's own tasks inherit it together with the request.
current_exchange: ContextVar[Exchange | None] = ContextVar("current_exchange", default=None)
