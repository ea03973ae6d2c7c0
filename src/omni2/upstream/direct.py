"""`tools/call` over HTTP without the layers of the MCP client: the same wire at less than half the cost."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, cast

import httpcore2
import httpx2
import orjson
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.exchange import Exchange
from omni2.upstream.http_link import (
    CONNECT_TIMEOUT_S,
    ENVELOPE_BYTES,
    LOST,
    MAX_RESULT_BYTES,
    AnswerFault,
    BoundedBody,
    Guard,
)

NOTICE_TIMEOUT_S = 1.0
MAX_RESUMES = 2
RESUME_PAUSE_MS = 1_000

# The MCP client counts its own requests of the same session from 1.
_FIRST_ID = 1_000_000_001

_TIMEOUTS = {"connect": CONNECT_TIMEOUT_S}

Message = dict[str, JsonValue]


@dataclass(slots=True)
class _Position:
    """How far a stream of events was read, and how long its server asks to wait before it is resumed."""

    last_id: str = ""
    pause_ms: int = RESUME_PAUSE_MS

    def note(self, event: httpx2.ServerSentEvent) -> None:
        """Remember where `event` is in the stream."""
        self.last_id = event.id or self.last_id
        self.pause_ms = event.retry if event.retry is not None else self.pause_ms


class DirectCalls:
    """Calls in a session that the MCP client has opened, for revisions that have sessions."""

    def __init__(
        self,
        guard: Guard,
        headers: tuple[tuple[str, str], ...],
        revision: str,
        on_notice: Callable[[str], None],
    ) -> None:
        self._guard = guard
        self._on_notice = on_notice
        self._ids = itertools.count(_FIRST_ID)
        own = {
            "accept": "application/json, text/event-stream",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "user-agent": "omni2",
            "mcp-protocol-version": revision,
        }
        if guard.session_id is not None:
            own["mcp-session-id"] = guard.session_id
        url = httpx2.URL(guard.endpoint)
        given = {name.lower(): value for name, value in headers}
        self._headers = httpx2.Headers({**given, **own, "host": url.netloc.decode("ascii")}).raw
        self._url = httpcore2.URL(
            scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
        )

    async def call(self, params: dict[str, Any], exchange: Exchange) -> Any:
        """Return the raw result. Raises `MCPError`, or `AnswerFault`; `exchange` says what the wire saw.

        A cancelled call tells the server before it is gone, for at most a second.
        """
        request_id = next(self._ids)
        exchange.in_session = self._guard.session_id is not None
        try:
            message = await self._ask(request_id, params, exchange)
        except asyncio.CancelledError:
            notice: Message = {"requestId": request_id, "reason": "the caller does not wait any more"}
            await self._send_notice({"method": "notifications/cancelled", "params": notice})
            raise
        return _result(message, request_id, exchange)

    async def _ask(self, request_id: int, params: dict[str, Any], exchange: Exchange) -> JsonValue:
        body = {"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params}
        answer = await self._guard.send(self._request("POST", orjson.dumps(body)), exchange)
        if answer is None:
            raise MCPError(INTERNAL_ERROR, "no answer")
        if exchange.content_type == "text/event-stream" and answer.status == 200:
            return await self._from_events(answer, request_id, exchange)
        try:
            content = b"".join([chunk async for chunk in BoundedBody(answer, exchange)])
        finally:
            await answer.aclose()
        if exchange.content_type != "application/json":
            raise MCPError(INVALID_REQUEST, "the answer is not JSON")
        return _decoded(content)

    async def _from_events(
        self, answer: httpcore2.Response, request_id: int, exchange: Exchange
    ) -> JsonValue:
        """Read events until the response; one that breaks off is resumed where the server offers that."""
        position = _Position()
        for _ in range(MAX_RESUMES + 1):
            message = await self._response_in(answer, request_id, exchange, position)
            if message is not None:
                return message
            if not position.last_id:
                break
            await asyncio.sleep(position.pause_ms / 1000)
            exchange.fault = None
            resumed = await self._guard.send(self._request("GET", b"", position.last_id), exchange)
            if resumed is None or resumed.status != 200:
                break
            answer = resumed
        exchange.fault = "broken"
        raise MCPError(INTERNAL_ERROR, "the stream ended without a response")

    async def _response_in(
        self, answer: httpcore2.Response, request_id: int, exchange: Exchange, position: _Position
    ) -> JsonValue:
        """Return our response from a stream of events, or None when that ends or breaks off without it."""
        request = httpx2.Request("POST", self._guard.endpoint)
        body = BoundedBody(answer, exchange)
        response = httpx2.Response(200, headers=answer.headers, stream=body, request=request)
        source = httpx2.EventSource(response, max_event_size=MAX_RESULT_BYTES + ENVELOPE_BYTES)
        stream = cast("AsyncGenerator[httpx2.ServerSentEvent]", aiter(source))
        try:
            async with aclosing(stream) as events:
                async for event in events:
                    position.note(event)
                    message = _decoded(event.data.encode()) if event.data else None
                    if await self._is_response(message, request_id):
                        return message
        except httpx2.SSEError as error:
            exchange.fault = "too_big"
            raise MCPError(INTERNAL_ERROR, "an event is too long") from error
        except AnswerFault:
            if exchange.fault != "broken":
                raise
        finally:
            await response.aclose()
        return None

    async def _is_response(self, message: JsonValue, request_id: int) -> bool:
        match message:
            case {"method": str(method), "id": int() | str() as their_id}:
                error: Message = {"code": METHOD_NOT_FOUND, "message": f"{method} is not supported here"}
                answer: Message = {"result": {}} if method == "ping" else {"error": error}
                await self._send_notice({"id": their_id, **answer})
                return False
            case {"method": str(method)}:
                self._on_notice(method)
                return False
            case {"id": their_id}:
                return str(their_id) == str(request_id)
            case _:
                return False

    async def _send_notice(self, message: Message) -> None:
        """Send what gets no answer; its loss changes nothing for us."""
        with suppress(Problem, *LOST):
            async with asyncio.timeout(NOTICE_TIMEOUT_S):
                request = self._request("POST", orjson.dumps({"jsonrpc": "2.0", **message}))
                answer = await self._guard.pool.handle_async_request(request)
                await answer.aclose()

    def _request(self, method: str, content: bytes, last_event_id: str = "") -> httpcore2.Request:
        headers = [*self._headers]
        if content:
            headers.append((b"content-length", str(len(content)).encode()))
        if last_event_id:
            headers.append((b"last-event-id", last_event_id.encode()))
        return httpcore2.Request(
            method, self._url, headers=headers, content=content, extensions={"timeout": _TIMEOUTS}
        )


def _decoded(content: bytes) -> JsonValue:
    try:
        return cast("JsonValue", orjson.loads(content))
    except orjson.JSONDecodeError as error:
        raise MCPError(PARSE_ERROR, "the answer is not JSON") from error


def _result(message: JsonValue, request_id: int, exchange: Exchange) -> JsonValue:
    match message:
        case {"error": {"code": int(code), "message": str(words)}}:
            raise MCPError(code, words)
        case {"result": result, "id": their_id} if exchange.status == 200:
            if str(their_id) != str(request_id):
                raise MCPError(INVALID_REQUEST, "the answer is to another request")
            return result
        case _ if exchange.status != 200:
            raise MCPError(INTERNAL_ERROR, f"the server answered HTTP {exchange.status}")
        case _:
            raise MCPError(PARSE_ERROR, "the answer is not a JSON-RPC response")
