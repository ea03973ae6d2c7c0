"""One HTTP/1.1 connection: a request is written whole, its answer is parsed as it arrives, one at a time."""

import asyncio
import select
from collections.abc import Callable
from typing import cast

import httpcore2
import httptools

from omni2.kernel.heads import KnownHead, known_head
from omni2.upstream.thin_answer import Answer

MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 256
HIGH_WATER_BYTES = 256 * 1024

# How much of the wire may be framing: chunk sizes, their extensions, trailers.
MAX_FRAMING_BYTES = 1024 * 1024
FRAMING_FACTOR = 16

_BODILESS = frozenset({204, 304})


class NeverReceived(httpcore2.ConnectError):
    """The server provably never had the whole request, so that it cannot have acted on it."""


class Lost(httpcore2.ReadError):
    """A connection that was used before closed without a byte of answer: nobody knows what the server saw."""


class Connection(asyncio.Protocol):
    """A connection of a pool, which is told when it is free for another request, and when it is gone."""

    def __init__(
        self, on_free: Callable[["Connection"], None], on_gone: Callable[["Connection"], None]
    ) -> None:
        self.closed = self.gone = False
        self.idle_since = 0.0
        self._on_free = on_free
        self._on_gone = on_gone
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._watch = select.poll()
        self._answer: Answer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._rings_at = 0.0
        self._known: tuple[KnownHead, int, list[tuple[bytes, bytes]]] | None = None
        self._deadline: float | None = None
        self._uses = 0
        self._paused = self._choked = False
        self._begin()

    # What the pool and the answer call.

    def begin(self, request: bytes, deadline: float | None, on_sent: Callable[[], None] | None) -> Answer:
        """Write a request and return its answer, whose head is to come. Raises `NeverReceived`."""
        transport = self._transport
        if self.closed or transport is None:
            raise NeverReceived("the connection closed before the request was sent")
        answer = self._answer = Answer(self)
        self._begin()
        self._uses += 1
        self._deadline = None
        if deadline is not None:
            self.expire_at(answer, deadline)
        if on_sent is not None:
            on_sent()
        transport.write(request)
        return answer

    def is_quiet(self) -> bool:
        """Whether nothing came from the server since the last answer: bytes or an end would be unread."""
        return not self.closed and not self._watch.poll(0)

    def go_on(self, answer: Answer) -> None:
        """Read again, if reading was paused for this answer."""
        if self._paused and answer is self._answer and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()

    def expire_at(self, answer: Answer, deadline: float) -> None:
        """Let the answer fail at a loop time; a timer that rings before it serves again."""
        if answer is not self._answer:
            return
        self._deadline = deadline
        if self._timer is None or self._rings_at > deadline:
            self._stop_timer()
            self._rings_at = deadline
            self._timer = self._loop.call_at(deadline, self._ring)

    def fail(self, error: Exception) -> None:
        """End whatever runs with `error`, and close."""
        answer, self._answer = self._answer, None
        if answer is not None:
            answer.break_off(error)
        self._close()

    # What the loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport, and a way to ask its socket what waits there."""
        self._transport = cast("asyncio.Transport", transport)
        self._watch.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        """Parse what came; what nobody asked for closes the connection."""
        answer = self._answer
        if answer is None:
            return self._close()
        if not self._raw_bytes and self._take_known(data, answer):
            return None
        self._raw_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._surplus = True
            if not answer.complete:
                self._fault = self._fault or httpcore2.RemoteProtocolError(type(error).__name__)
        if answer.complete:
            self._note_head(data, answer)
            self._settle()
        elif self._fault is not None or self._is_flooded():
            return self.fail(self._fault or httpcore2.RemoteProtocolError("there is more frame than answer"))
        if self._moved:
            self._moved = False
            answer.wake()
        return None

    def _take_known(self, data: bytes, answer: Answer) -> bool:
        """Take an answer whose head came before, as it was read then."""
        known = self._known
        body = known[0].body_in(data) if known is not None else None
        if known is None or body is None:
            return False
        _, answer.status, answer.headers = known
        answer.complete = self._keep = True
        answer.take(body)
        self._settle()
        answer.wake()
        return True

    def _note_head(self, data: bytes, answer: Answer) -> None:
        """Remember the head of an answer that came in one piece and says its length."""
        plain = self._raw_bytes == len(data) and self._sized and self._keep and not self._surplus
        head = known_head(data, self._body_bytes) if plain else None
        self._known = (head, answer.status, answer.headers) if head is not None else None

    def eof_received(self) -> None:
        """The server ended: for an answer without a length this is the end of its body."""
        answer = self._answer
        if answer is None or not answer.status or not self._until_eof:
            return self._break(None)
        answer.complete = True
        self._settle()
        return answer.wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; whoever still waits learns it."""
        self.gone = True
        self._break(exc)
        self._transport = None
        self._on_gone(self)

    def pause_writing(self) -> None:
        """More of the request waits than the network takes."""
        self._choked = True

    def resume_writing(self) -> None:
        """The network took it."""
        self._choked = False

    # What the parser calls.

    def on_message_begin(self) -> None:
        """A second answer to one request is none of ours."""
        self._surplus = self._answer is None or self._answer.complete

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the head; those behind the body are passed over."""
        if self._surplus or self._answer is None:
            return
        self._head_bytes += len(name) + len(value)
        self._head_lines += 1
        if self._head_bytes > MAX_HEAD_BYTES or self._head_lines > MAX_HEADERS:
            self._fault = httpcore2.RemoteProtocolError("the head of the answer is too long")
        elif not self._answer.status:
            self._answer.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """The head is there; an interim one is forgotten."""
        answer = self._answer
        if self._surplus or answer is None:
            return
        status = self._parser.get_status_code()
        if status < 200:
            self._interim = True
            answer.headers.clear()
            return
        self._fault = self._fault or self._judge_framing(status, answer.headers)
        if self._fault is None:
            answer.status = status
            self._moved = True

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body, and stop reading while too much of it waits."""
        if self._surplus or self._answer is None:
            return
        self._body_bytes += len(body)
        self._moved = True
        if self._answer.take(body) > HIGH_WATER_BYTES and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def on_message_complete(self) -> None:
        """The answer is whole, unless it was an interim one."""
        if self._interim:
            self._interim = False
        elif self._answer is not None and not self._surplus and self._fault is None:
            self._keep = self._parser.should_keep_alive()
            self._answer.complete = self._moved = True

    # How it is done.

    def _begin(self) -> None:
        self._interim = self._until_eof = self._surplus = self._keep = self._moved = self._sized = False
        self._head_bytes = self._head_lines = self._body_bytes = self._raw_bytes = 0
        self._fault: httpcore2.RemoteProtocolError | None = None

    def _judge_framing(
        self, status: int, headers: list[tuple[bytes, bytes]]
    ) -> httpcore2.RemoteProtocolError | None:
        """Note where the body ends; two readers must not be able to disagree about that."""
        codings = [value.strip().lower() for name, value in headers if name == b"transfer-encoding"]
        lengths = [value for name, value in headers if name == b"content-length"]
        if len(lengths) + len(codings) > 1 or codings not in ([], [b"chunked"]):
            return httpcore2.RemoteProtocolError("the length of the answer is ambiguous")
        self._until_eof = status not in _BODILESS and not lengths and not codings
        self._sized = status not in _BODILESS and bool(lengths)
        return None

    def _is_flooded(self) -> bool:
        if self._answer is not None and not self._answer.status:
            return self._raw_bytes > MAX_HEAD_BYTES
        return self._raw_bytes - self._body_bytes > MAX_FRAMING_BYTES + FRAMING_FACTOR * self._body_bytes

    def _ring(self) -> None:
        """End an answer whose time is over; wait on where it has more, or another one came meanwhile."""
        self._timer = None
        if self._answer is None or self._deadline is None:
            return
        if self._deadline <= self._rings_at:
            self.fail(httpcore2.ReadTimeout("no answer in time"))
        else:
            self.expire_at(self._answer, self._deadline)

    def _settle(self) -> None:
        """Let go of a whole answer; the connection serves again if both sides agree on where it stands."""
        transport = self._transport
        self._answer = None
        clean = self._keep and not self._surplus and not self._choked and not self.closed
        if not clean or transport is None or transport.get_write_buffer_size():
            return self._close()
        if self._paused:
            self._paused = False
            transport.resume_reading()
        return self._on_free(self)

    def _break(self, cause: Exception | None) -> None:
        if self._answer is None:
            return self._close()
        if self._choked:
            return self.fail(NeverReceived("the connection closed before the request was sent"))
        if self._uses > 1 and not self._raw_bytes:
            return self.fail(Lost("the kept connection was closed"))
        return self.fail(httpcore2.ReadError(str(cause) if cause else "the connection was closed"))

    def _close(self) -> None:
        self.closed = True
        self._stop_timer()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.abort()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
