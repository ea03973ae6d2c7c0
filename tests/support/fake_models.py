"""Small real HTTP servers that speak the streams of OpenAI and of Anthropic, and fail on request."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support.mcp_servers.raw_http import Receive, Scope, Send, body_of, respond

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Status:
    """Answer with an HTTP error."""

    status: int
    body: bytes = b'{"error": {"message": "planted-secret-body", "type": "server_error", "code": null}}'
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Stream:
    """Answer with these server-sent events; then end, hang or cut the connection."""

    events: Sequence[Event]
    ending: str = "end"


@dataclass
class FakeProvider:
    """An ASGI app: the n-th request gets the n-th answer, the last one again for ever."""

    answers: Sequence[Status | Stream]
    render: Callable[[Event], bytes]
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    models: Sequence[str] = ()
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    disconnected: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        if scope["type"] != "http":
            return
        self.paths.append(scope["path"])
        self.headers.append({name.decode(): value.decode() for name, value in scope["headers"]})
        body = await body_of(receive)
        if scope["method"] == "GET":
            listed = json.dumps({"data": [{"id": name} for name in self.models]}).encode()
            await respond(send, 200, listed, (b"content-type", b"application/json"))
            return
        self.requests.append(json.loads(body))
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if isinstance(answer, Status):
            await respond(
                send, answer.status, answer.body, (b"content-type", b"application/json"), *answer.headers
            )
        else:
            await self._stream(answer, receive, send)

    async def _stream(self, answer: Stream, receive: Receive, send: Send) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"text/event-stream")],
            }
        )
        for event in answer.events:
            await send({"type": "http.response.body", "body": self.render(event), "more_body": True})
        if answer.ending == "hang":
            self.hanging.set()
            while (await receive())["type"] != "http.disconnect":
                continue
            self.disconnected.set()
        elif answer.ending == "cut":
            raise ConnectionError
        else:
            await send({"type": "http.response.body", "body": b""})


def openai_event(event: Event) -> bytes:
    """Render one chunk; an empty one is the end mark."""
    return b"data: [DONE]\n\n" if not event else b"data: " + json.dumps(event).encode() + b"\n\n"


def anthropic_event(event: Event) -> bytes:
    """Render one named event."""
    return f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode()


def openai_chunk(delta: Event, finish: str | None = None) -> Event:
    """Return a chat completion chunk."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]}


def openai_usage(prompt: int, completion: int, cached: int = 0, reasoning: int = 0) -> Event:
    """Return the last chunk, which carries the usage alone."""
    usage = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning},
    }
    empty: list[Event] = []
    return {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": "fake",
        "choices": empty,
        "usage": usage,
    }


def openai_tool(index: int, call_id: str, name: str, arguments: str) -> Event:
    """Return a chunk with one whole tool call."""
    call = {
        "index": index,
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": arguments},
    }
    return openai_chunk({"role": "assistant", "tool_calls": [call]})


def openai_text(*pieces: str) -> list[Event]:
    """Return the chunks of a whole plain answer."""
    chunks = [openai_chunk({"role": "assistant", "content": piece}) for piece in pieces]
    return [*chunks, openai_chunk({}, "stop"), openai_usage(12, 3), {}]


def anthropic_answer(text: str, tool: Event | None = None) -> list[Event]:
    """Return the events of an Anthropic message: text, and perhaps one tool use."""
    usage = {
        "input_tokens": 20,
        "output_tokens": 1,
        "cache_read_input_tokens": 5,
        "cache_creation_input_tokens": 2,
    }
    empty: list[Event] = []
    message = {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "fake",
        "content": empty,
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    events: list[Event] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}},
        {"type": "content_block_stop", "index": 0},
    ]
    if tool is not None:
        block = {"type": "tool_use", "id": tool["id"], "name": tool["name"], "input": dict[str, Any]()}
        partial = {"type": "input_json_delta", "partial_json": json.dumps(tool["input"])}
        events += [
            {"type": "content_block_start", "index": 1, "content_block": block},
            {"type": "content_block_delta", "index": 1, "delta": partial},
            {"type": "content_block_stop", "index": 1},
        ]
    stop = "tool_use" if tool is not None else "end_turn"
    delta = {"stop_reason": stop, "stop_sequence": None}
    return [
        *events,
        {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]
