"""Streamable HTTP under a guard: pinned addresses, bounded answers, and one bad request hurts no other."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import httpcore2
import httpx2
import orjson
from mcp.client.streamable_http import streamable_http_client
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.exchange import Exchange, Fault, current_exchange
from omni2.upstream.net import PinnedBackend, ssl_context
from omni2.upstream.ports import ServerTarget
from omni2.upstream.thin_answer import Answer
from omni2.upstream.thin_http import Head, ThinPool

A = TypeVar("A", httpcore2.Response, Answer)

MAX_RESULT_BYTES = 4 * 1024 * 1024
MAX_STREAM_BYTES = 16 * 1024 * 1024
CONNECT_TIMEOUT_S = 10.0
NOTICE_TIMEOUT_S = 5.0
CLOSE_TIMEOUT_S = 2.0
KEEPALIVE_S = 4.0

ENVELOPE_BYTES = 64 * 1024
JSON_TYPE = "application/json"
CLOCK_S = 0.005  # a timer of the loop may be early by so much
LOST = (
    httpcore2.NetworkError,
    httpcore2.TimeoutException,
    httpcore2.ProtocolError,
    ssl.SSLError,
    OSError,
)


class AnswerFault(httpx2.StreamError):
    """The answer broke off or broke a limit; of a kind that the MCP client keeps within the one request."""


@asynccontextmanager
async def http_link(target: ServerTarget, guard: "Guard") -> AsyncIterator[Any]:
    """Yield the MCP message streams of a server over HTTP, through `guard`, which is closed in the end."""
    headers = {"accept-encoding": "identity", "user-agent": "omni2", **dict(target.headers)}
    async with (
        httpx2.AsyncClient(
            headers=headers,
            transport=guard,
            timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S),
            trust_env=False,
        ) as client,
        streamable_http_client(
            target.url or "", http_client=client, max_sse_event_size=MAX_RESULT_BYTES + ENVELOPE_BYTES
        ) as streams,
    ):
        yield streams


class Guard(httpx2.AsyncBaseTransport):
    """Sends requests; faults become small answers and notes in the `Exchange`, not exceptions.

    An exception out of one request would end the MCP session, and with it the calls of everybody else.
    """

    def __init__(self, target: ServerTarget) -> None:
        self.pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context(),
            max_connections=target.concurrency * 2 + 8,
            max_keepalive_connections=target.concurrency + 2,
            keepalive_expiry=KEEPALIVE_S,
            network_backend=PinnedBackend(allow_private=target.allow_private),
        )
        self._thin = ThinPool(
            core_url(httpx2.URL(target.url or "")),
            allow_private=target.allow_private,
            max_connections=target.concurrency * 2 + 8,
        )
        self.endpoint = target.url or ""  # where a redirect within the origin led, once the server answered
        self.session_id: str | None = None
        self.introduced = asyncio.Event()  # the server heard that the handshake is over, or will not

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request of the MCP client."""
        exchange = current_exchange.get()
        if request.method == "POST" and exchange is not None and awaits_answer(await request.aread()):
            return await self._send_call(request, exchange)
        return await self._send_notice(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._thin.aclose()
        await self.pool.aclose()

    async def send(self, head: Head, content: bytes, exchange: Exchange) -> Answer | None:
        """Send a request that is waited for; None when no answer came, and `exchange` says why."""
        told = exchange.note_sent if exchange.on_wire is not None else None
        answer = await self._noted(
            self._thin.send(head, content, deadline=exchange.deadline, on_sent=told), exchange
        )
        if answer is not None:
            exchange.carried_by(answer.prolong)
        return answer

    async def read(self, answer: Answer, exchange: Exchange) -> bytes:
        """Return the whole body of an answer. Raises `AnswerFault`, and `exchange` says why."""
        try:
            if (answer.header(b"content-encoding") or "identity") != "identity":
                raise _fault(exchange, "encoded")
            content = answer.whole(MAX_RESULT_BYTES)
            if content is not None:
                return content
            content = await answer.read(MAX_RESULT_BYTES + ENVELOPE_BYTES)
        except httpcore2.ReadTimeout as error:
            raise _fault(exchange, "timeout") from error
        except LOST as error:
            raise _fault(exchange, "broken") from error
        finally:
            await answer.aclose()
        if content is None:
            raise _fault(exchange, "too_big")
        return content

    async def notify(self, head: Head, content: bytes) -> None:
        """Send what gets no answer. Raises `Problem`, or one of `LOST`."""
        answer = await self._thin.send(head, content, deadline=None)
        try:
            await answer.read(ENVELOPE_BYTES)
        finally:
            await answer.aclose()

    async def _noted(self, sending: Awaitable[A], exchange: Exchange) -> A | None:
        """Return the answer, or None, and what became of it in `exchange`."""
        try:
            answer = await sending
        except Problem as problem:
            exchange.problem = problem
        except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
            late = asyncio.get_running_loop().time() >= exchange.deadline - CLOCK_S
            exchange.fault = "timeout" if late else "connect"
        except (TimeoutError, httpcore2.ReadTimeout):
            exchange.fault = "timeout"
        except LOST:
            exchange.fault = "broken"
        else:
            exchange.status = answer.status
            kind = _header(answer, b"content-type") or ""
            exchange.content_type = kind if kind == JSON_TYPE else kind.partition(";")[0].strip().lower()
            if answer.status in {401, 403}:
                exchange.challenge = _header(answer, b"www-authenticate") or ""
            return answer
        return None

    async def _send_call(self, request: httpx2.Request, exchange: Exchange) -> httpx2.Response:
        exchange.in_session = "mcp-session-id" in request.headers
        sent = core_request(request)
        if exchange.on_wire is not None:
            sent.extensions = {**cast("dict[str, Any]", sent.extensions), "trace": exchange.trace}
        answer = await self._noted(self._within(sent, exchange), exchange)
        if answer is None:
            return httpx2.Response(502, request=request)
        if answer.status == 200:
            self.session_id = _header(answer, b"mcp-session-id") or self.session_id
            self.endpoint = str(request.url)
        body = BoundedBody(answer, exchange)
        return httpx2.Response(answer.status, headers=answer.headers, stream=body, request=request)

    async def _within(self, sent: httpcore2.Request, exchange: Exchange) -> httpcore2.Response:
        async with exchange.bounded():
            return await self.pool.handle_async_request(sent)

    async def _send_notice(self, request: httpx2.Request) -> httpx2.Response:
        """Send what no caller waits for: notifications, the stream of the server's own messages, the end."""
        limit = {"GET": None, "DELETE": CLOSE_TIMEOUT_S}.get(request.method, NOTICE_TIMEOUT_S)
        try:
            async with asyncio.timeout(limit):
                answer = await self.pool.handle_async_request(core_request(request))
        except (Problem, *LOST):
            return httpx2.Response(502, request=request)
        finally:
            if request.method == "POST" and _ends_handshake(await request.aread()):
                self.introduced.set()
        return httpx2.Response(
            answer.status, headers=answer.headers, stream=BoundedBody(answer, None), request=request
        )


class BoundedBody(httpx2.AsyncByteStream):
    """The body of an answer, ended by the deadline of its exchange or by its size."""

    def __init__(self, answer: httpcore2.Response | Answer, exchange: Exchange | None) -> None:
        self._answer = answer
        self._chunks = cast("AsyncIterator[bytes]", answer.stream)
        self._exchange = exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        chunks = aiter(self._chunks)
        size = 0
        while True:
            chunk = await self._next(chunks)
            if chunk is None:
                return
            size += len(chunk)
            self._check(size)
            yield chunk

    async def aclose(self) -> None:
        """Give the connection back."""
        await self._answer.aclose()

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes | None:
        try:
            if self._exchange is None or isinstance(self._answer, Answer):
                return await anext(chunks, None)
            async with self._exchange.bounded():
                return await anext(chunks, None)
        except (TimeoutError, httpcore2.ReadTimeout) as error:
            raise self._fault("timeout") from error
        except LOST as error:
            raise self._fault("broken") from error

    def _check(self, size: int) -> None:
        headers = {name.lower(): value for name, value in self._answer.headers}
        if headers.get(b"content-encoding", b"identity") != b"identity":
            raise self._fault("encoded")
        if self._exchange is None:
            return
        streamed = self._exchange.content_type == "text/event-stream"
        if size > (MAX_STREAM_BYTES if streamed else MAX_RESULT_BYTES + ENVELOPE_BYTES):
            raise self._fault("too_big")

    def _fault(self, fault: Fault) -> AnswerFault:
        return _fault(self._exchange, fault)


def core_url(url: httpx2.URL) -> httpcore2.URL:
    """Return the same URL, as the layer below takes it."""
    return httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _fault(exchange: Exchange | None, fault: Fault) -> AnswerFault:
    if exchange is not None:
        exchange.fault = fault
    return AnswerFault(f"answer {fault}")


def awaits_answer(content: bytes) -> bool:
    """Whether a message is a request."""
    body = cast("JsonValue", orjson.loads(content))
    return isinstance(body, dict) and "id" in body and "method" in body


def _ends_handshake(content: bytes) -> bool:
    body = cast("JsonValue", orjson.loads(content))
    return isinstance(body, dict) and body.get("method") == "notifications/initialized"


def _header(answer: httpcore2.Response | Answer, name: bytes) -> str | None:
    return next((value.decode("latin-1") for key, value in answer.headers if key.lower() == name), None)


def core_request(request: httpx2.Request) -> httpcore2.Request:
    """Return the same request, as the layer below takes it."""
    return httpcore2.Request(
        method=request.method,
        url=core_url(request.url),
        headers=request.headers.raw,
        content=request.stream,
        extensions=request.extensions,
    )
