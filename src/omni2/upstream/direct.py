"""Requests over HTTP without the layers of the MCP client: the same wire, all revisions, half the cost."""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import cast

import httpcore2
import httpx2
import orjson
from mcp.shared.exceptions import MCPError
from mcp_types import INTERNAL_ERROR, INVALID_REQUEST, PARSE_ERROR
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.envelope import (
    Mirrored,
    Object,
    enveloped,
    is_modern,
    mirrored_arguments,
    mirroring_headers,
    routing_headers,
)
from omni2.upstream.exchange import Exchange
from omni2.upstream.http_link import (
    ENVELOPE_BYTES,
    LOST,
    MAX_RESULT_BYTES,
    AnswerFault,
    BoundedBody,
    Guard,
)
from omni2.upstream.questions import Questions
from omni2.upstream.thin_answer import Answer
from omni2.upstream.thin_http import FRAMING, request_head

CANCEL_NOTICE_S = 1.0
REPLY_TIMEOUT_S = 5.0
MAX_RESUMES = 2
MAX_SCHEMAS = 4_096
RESUME_PAUSE_MS = 1_000
MAX_PAUSE_MS = 5_000

# The MCP client counts its own requests of the same session from 1.
_FIRST_ID = 1_000_000_001

OnNotice = Callable[[str, JsonValue], None]


@dataclass(slots=True)
class _Position:
    """How far a stream of events was read, and how long its server asks to wait before it is resumed."""

    last_id: str = ""
    pause_ms: int = RESUME_PAUSE_MS

    def note(self, event: httpx2.ServerSentEvent) -> None:
        """Remember where `event` is in the stream."""
        self.last_id = event.id or self.last_id
        if event.retry is not None:
            self.pause_ms = min(event.retry, MAX_PAUSE_MS)


class DirectCalls:
    """Requests beside the MCP client: in the session that it has opened, or in none where there are none."""

    def __init__(
        self, guard: Guard, headers: tuple[tuple[str, str], ...], revision: str, on_notice: OnNotice
    ) -> None:
        self._guard = guard
        self._revision = revision
        self._modern = is_modern(revision)
        self._on_notice = on_notice
        self._ids = itertools.count(_FIRST_ID)
        self._mirrored: dict[str, Mirrored] = {}
        self._notices: set[asyncio.Task[None]] = set()
        own = {
            "accept": "application/json, text/event-stream",
            "accept-encoding": "identity",
            "content-type": "application/json",
            "user-agent": "omni2",
            "mcp-protocol-version": revision,
        }
        if guard.session_id is not None and not self._modern:
            own["mcp-session-id"] = guard.session_id
        url = httpx2.URL(guard.endpoint)
        given = {name.lower(): value for name, value in headers if name.lower().encode() not in FRAMING}
        lines = httpx2.Headers({**given, **own, "host": url.netloc.decode("ascii")}).raw
        try:
            self._post = request_head(b"POST", url.raw_path, lines)
            self._get = request_head(b"GET", url.raw_path, lines)
        except httpcore2.LocalProtocolError as error:
            raise Problem("server_refused", 502, f"omni2 cannot ask this server: {error}.") from error

    async def request(self, method: str, params: Object, exchange: Exchange) -> JsonValue:
        """Return the raw result. Raises `MCPError`, or `AnswerFault`; `exchange` says what the wire saw.

        A cancelled caller tells the server before it is gone, for at most a second; where there are no
        sessions, the end of the connection tells it.
        """
        request_id = next(self._ids)
        exchange.in_session = self._guard.session_id is not None and not self._modern
        try:
            return _result(await self._ask(request_id, method, params, exchange), request_id, exchange)
        except asyncio.CancelledError:
            await self._tell_cancelled(request_id, "the caller does not wait any more")
            raise
        finally:
            if exchange.fault in {"timeout", "too_big"}:
                notice = asyncio.create_task(self._tell_cancelled(request_id, "no answer in time"))
                self._notices.add(notice)
                notice.add_done_callback(self._notices.discard)

    async def _tell_cancelled(self, request_id: int, reason: str) -> None:
        if not self._modern:
            params: Object = {"requestId": request_id, "reason": reason}
            await self._send({"method": "notifications/cancelled", "params": params}, CANCEL_NOTICE_S)

    async def _ask(self, request_id: int, method: str, params: Object, exchange: Exchange) -> JsonValue:
        sent = enveloped(params, self._revision, exchange.link, request_id)
        body = orjson.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": sent})
        head = self._post.plus(self._routing(method, params, exchange)) if self._modern else self._post
        answer = await self._guard.send(head, body, exchange)
        if answer is None:
            raise MCPError(INTERNAL_ERROR, "no answer")
        if exchange.content_type == "text/event-stream" and answer.status == 200:
            questions = Questions(exchange, self._send)
            try:
                return await self._from_events(answer, request_id, exchange, questions)
            finally:
                await questions.aclose()
        content = await self._guard.read(answer, exchange)
        if exchange.content_type != "application/json":
            raise MCPError(INVALID_REQUEST, "the answer is not JSON")
        return _decoded(content)

    def _routing(self, method: str, params: Object, exchange: Exchange) -> list[tuple[bytes, bytes]]:
        headers = routing_headers(method, params)
        if exchange.schema is None:
            return headers
        digest, schema = exchange.schema
        if digest not in self._mirrored:
            if len(self._mirrored) >= MAX_SCHEMAS:
                self._mirrored.clear()
            self._mirrored[digest] = mirrored_arguments(schema)
        return [*headers, *mirroring_headers(self._mirrored[digest], params)]

    async def _from_events(
        self, answer: Answer, request_id: int, exchange: Exchange, questions: Questions
    ) -> JsonValue:
        """Read events until the response; one that breaks off is resumed where the server offers that."""
        position = _Position()
        for _ in range(MAX_RESUMES + 1):
            message = await self._response_in(answer, (request_id, exchange, questions), position)
            if message is not None:
                return message
            if not position.last_id:
                break
            async with exchange.bounded():
                await asyncio.sleep(position.pause_ms / 1000)
            exchange.fault = None
            resume = self._get.plus([(b"last-event-id", position.last_id.encode())])
            resumed = await self._guard.send(resume, b"", exchange)
            if resumed is None or resumed.status != 200:
                break
            answer = resumed
        exchange.fault = exchange.fault or "broken"
        raise MCPError(INTERNAL_ERROR, "the stream ended without a response")

    async def _response_in(
        self, answer: Answer, asked: tuple[int, Exchange, Questions], position: _Position
    ) -> JsonValue:
        """Return our response from a stream of events, or None when that ends or breaks off without it."""
        request_id, exchange, questions = asked
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
                    if await self._is_response(message, request_id, exchange, questions):
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

    async def _is_response(
        self, message: JsonValue, request_id: int, exchange: Exchange, questions: Questions
    ) -> bool:
        match message:
            case {"method": str(method), "id": int() | str() as their_id}:
                await questions.take(method, their_id, message.get("params"))
                return False
            case {"method": "notifications/progress" | "notifications/message" as method}:
                await hand_on(method, message.get("params"), request_id, exchange)
                return False
            case {"method": "notifications/cancelled"}:
                questions.withdraw(message.get("params"))
                return False
            case {"method": str(method)}:
                self._on_notice(method, message.get("params"))
                return False
            case {"id": their_id}:
                return str(their_id) == str(request_id)
            case _:
                return False

    async def _send(self, message: Object, limit_s: float = REPLY_TIMEOUT_S) -> None:
        """Send what gets no answer; its loss changes nothing for us."""
        with suppress(Problem, *LOST):
            async with asyncio.timeout(limit_s):
                await self._guard.notify(self._post, orjson.dumps({"jsonrpc": "2.0", **message}))


async def hand_on(method: str, params: JsonValue, token: str | int, exchange: Exchange) -> None:
    """Hand progress of this very request and log messages to its caller, within its time.

    What comes while the caller still takes the last one is dropped: a flood fills no memory.
    """
    link = exchange.link
    if not isinstance(params, dict) or link is None:
        return
    is_log = method == "notifications/message"
    if not is_log:
        if params.get("progressToken") != token:
            return
        exchange.extend()
    if exchange.telling:
        return
    exchange.telling = True
    try:
        async with asyncio.timeout_at(exchange.deadline):
            if is_log:
                await link.log(params)
            else:
                await link.progress({k: v for k, v in params.items() if k != "progressToken"})
    except TimeoutError:
        return
    finally:
        exchange.telling = False


def _decoded(content: bytes) -> JsonValue:
    try:
        return cast("JsonValue", orjson.loads(content))
    except orjson.JSONDecodeError as error:
        raise MCPError(PARSE_ERROR, "the answer is not JSON") from error


def _is_of_no_session(refusal: Mapping[str, JsonValue]) -> bool:
    """Whether it is how the TypeScript SDK refuses, unread, what comes in a session that it does not know."""
    match refusal:
        case {"id": int() | str()}:
            return False
        case {"error": {"code": -32000, "message": str(words)}}:
            return "session" in words.lower() or "not initialized" in words.lower()
        case _:
            return False


def _result(message: JsonValue, request_id: int, exchange: Exchange) -> JsonValue:
    match message:
        case {"error": {"code": int(code), "message": str(words), **more}}:
            exchange.refused_with = code
            exchange.forgotten = exchange.status == 400 and _is_of_no_session(message)
            raise MCPError(code, words, more.get("data"))
        case {"result": result, "id": their_id} if exchange.status == 200:
            if str(their_id) != str(request_id):
                raise MCPError(INVALID_REQUEST, "the answer is to another request")
            return result
        case _ if exchange.status != 200:
            raise MCPError(INTERNAL_ERROR, f"the server answered HTTP {exchange.status}")
        case _:
            raise MCPError(PARSE_ERROR, "the answer is not a JSON-RPC response")
