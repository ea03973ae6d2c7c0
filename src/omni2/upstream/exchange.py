"""What happened on the wire for one JSON-RPC request, where the protocol layer only says "error"."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.ports import CallerLink, OnWire

Fault = Literal["connect", "broken", "too_big", "encoded", "timeout"]

ABANDON_GRACE_S = 2.0
MAX_ASKING_S = 300.0
MAX_EXTENDED_S = 600.0
MAX_EXTENSIONS = 10


@dataclass(eq=False, slots=True)
class Exchange:
    """The fate of one request. `deadline` is a loop time after which its connection is given up.

    `on_wire` is told when the request is handed to the wire; see `McpPool.request`. With a `timeout_s`,
    progress moves the deadline, up to a hard end; while `link` is asked something it stands still.
    `questions` counts what it was asked, `telling` is true while it is told something. `schema` is that of
    the arguments, with its digest. `on_ask` is called before the caller is asked anything. `challenge` is
    what a refusal says that it takes. `forgotten`: the server says in words that it has no such session.
    """

    deadline: float
    on_wire: OnWire | None = None
    link: CallerLink | None = None
    timeout_s: float = 0.0
    status: int | None = None
    content_type: str = ""
    challenge: str = ""
    in_session: bool = False
    forgotten: bool = False
    fault: Fault | None = None
    problem: Problem | None = None
    refused_with: int | None = None
    schema: tuple[str, dict[str, JsonValue]] | None = None
    on_ask: Callable[[], None] | None = None
    questions: int = 0
    telling: bool = False
    _timeout: asyncio.Timeout | None = field(default=None, repr=False)
    _prolong: Callable[[float], None] | None = field(default=None, repr=False)
    _latest: float = 0.0
    _asking: int = 0
    _left: float = 0.0

    def __post_init__(self) -> None:
        most = min(self.timeout_s * MAX_EXTENSIONS, MAX_EXTENDED_S)
        self._latest = self.deadline - self.timeout_s + max(most, self.timeout_s)

    @property
    def never_ran(self) -> bool:
        """Whether the server provably did not act: no connection, or it did not know our session."""
        unknown = self.in_session and (self.status == 404 or self.forgotten)
        return self.fault == "connect" or unknown

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
        self._move(min(self.deadline, asyncio.get_running_loop().time() + ABANDON_GRACE_S))

    def extend(self) -> None:
        """The server made progress: its time counts anew, up to the hard end."""
        if self._asking == 0:
            later = min(asyncio.get_running_loop().time() + self.timeout_s, self._latest)
            self._move(max(self.deadline, later))

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the time stand still while the caller is asked something, which is bounded itself."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        if self._asking == 0:
            if self.on_ask is not None:
                self.on_ask()
            self._left = self.deadline - started
            self._move(started + MAX_ASKING_S + self._left)
        self._asking += 1
        try:
            yield
        finally:
            self._asking -= 1
            if self._asking == 0:
                self._latest += loop.time() - started
                self._move(loop.time() + self._left)

    def _move(self, deadline: float) -> None:
        self.deadline = deadline
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(deadline)
        if self._prolong is not None:
            self._prolong(deadline)

    def bounded(self) -> "_Bounded":
        """Run the body until the deadline, also when that moves. Raises `TimeoutError`."""
        return _Bounded(self)

    def carried_by(self, prolong: Callable[[float], None]) -> None:
        """Tell an answer that ends at the deadline by itself wherever that moves."""
        self._prolong = prolong

    def move_with_deadline(self, timeout: asyncio.Timeout | None) -> None:
        """Let the end of `timeout` be the deadline, wherever that moves; of None, nothing."""
        self._timeout = timeout


class _Bounded:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._timeout = asyncio.timeout_at(exchange.deadline)

    async def __aenter__(self) -> None:
        self._exchange.move_with_deadline(self._timeout)
        await self._timeout.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exchange.move_with_deadline(None)
        await self._timeout.__aexit__(kind, error, trace)


# Set by the caller; the transport's own tasks inherit it together with the request.
current_exchange: ContextVar[Exchange | None] = ContextVar("current_exchange", default=None)
