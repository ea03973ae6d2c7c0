"""The demo model: rules that pick tools, call them and show results. It needs no key and says what it is."""

import asyncio
import re
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from omni2.upstream.demo_answer import answer
from omni2.upstream.demo_match import choose
from omni2.upstream.demo_talk import ask_for, cannot, small_talk
from omni2.upstream.estimate import CHARS_PER_TOKEN, estimate_tokens, request_text
from omni2.upstream.ports import (
    AssistantMessage,
    Message,
    ModelDone,
    ModelEvent,
    ModelRequest,
    ModelTarget,
    ModelUsage,
    TextDelta,
    ToolMessage,
    ToolWish,
    UserMessage,
)

DEMO_MODEL = "omni2-demo"
DELAY_MS = 12.0
READ_CHARS = 2_000

_GAP = re.compile(r"(\s)\s{2,}")
_CHUNK = re.compile(r"\S{1,40}\s*|\s+")


@dataclass(frozen=True, slots=True)
class _Reply:
    text: str
    wishes: tuple[ToolWish, ...] = ()


class DemoModel:
    """A `ModelPort` without a model. The same request always gets the same answer."""

    def __init__(self, *, delay_ms: float = DELAY_MS) -> None:
        self._delay_s = delay_ms / 1000

    async def stream(self, target: ModelTarget, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Stream the reply in small pieces; see `ModelPort`. Never fails."""
        started = time.perf_counter()
        reply = reply_to(request)
        limit = request.max_output_tokens * CHARS_PER_TOKEN
        text = reply.text[:limit]
        first_token_ms: float | None = None
        for chunk in _CHUNK.findall(text):
            await asyncio.sleep(self._delay_s)
            if first_token_ms is None:
                first_token_ms = (time.perf_counter() - started) * 1000
            yield TextDelta(chunk)
        for wish in reply.wishes:
            await asyncio.sleep(self._delay_s)
            if first_token_ms is None:
                first_token_ms = (time.perf_counter() - started) * 1000
            yield wish
        written = text + "".join(f"{wish.name}{wish.arguments}" for wish in reply.wishes)
        usage = ModelUsage(
            input_tokens=estimate_tokens(request_text(request)),
            output_tokens=estimate_tokens(written),
            cache_read_tokens=0,
            cache_write_tokens=0,
            reasoning_tokens=0,
            estimated=True,
        )
        yield ModelDone(_finish_reason(reply, cut=len(reply.text) > limit), usage, first_token_ms)


def reply_to(request: ModelRequest) -> _Reply:
    """Return what the rules make of a request: words, or the calls that they ask for."""
    question, since = _latest_question(request.messages)
    results = [message for message in since if isinstance(message, ToolMessage)]
    if results:
        return _Reply(answer(question, results))
    said = small_talk(question, request)
    if said is not None:
        return _Reply(said)
    choices = choose(question, request.tools, _last_wish(request.messages))
    if not choices:
        return _Reply(cannot(question, request))
    ready = [choice for choice in choices if not choice.filled.missing]
    if not ready:
        return _Reply(ask_for(choices[0]))
    said_before = [message for message in request.messages if isinstance(message, AssistantMessage)]
    count = sum(len(message.tool_calls) for message in said_before)
    wishes = tuple(
        ToolWish(f"call_{count + number}", choice.tool.name, choice.filled.arguments)
        for number, choice in enumerate(ready, start=1)
    )
    return _Reply("", wishes)


def _latest_question(conversation: tuple[Message, ...]) -> tuple[str, tuple[Message, ...]]:
    for index in range(len(conversation) - 1, -1, -1):
        message = conversation[index]
        if isinstance(message, UserMessage):
            return _readable(message.text), conversation[index + 1 :]
    return "", conversation


def _readable(text: str) -> str:
    """Return as much of a question as rules need, without long gaps: what they look for costs time."""
    return _GAP.sub(r"\1\1", text.strip()[:READ_CHARS])


def _last_wish(conversation: tuple[Message, ...]) -> ToolWish | None:
    for message in reversed(conversation):
        if isinstance(message, AssistantMessage) and message.tool_calls:
            return message.tool_calls[-1]
    return None


def _finish_reason(reply: _Reply, *, cut: bool) -> str:
    if reply.wishes:
        return "tool_calls"
    return "length" if cut else "stop"
