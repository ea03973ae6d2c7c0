"""The one file that knows pydantic-ai: messages in, events out, errors as `ModelFault`; imported lazily."""

import re
import sys
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import httpx2
import orjson
from pydantic import JsonValue
from pydantic_ai import exceptions, messages
from pydantic_ai.direct import model_request_stream
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition
from pydantic_ai.usage import RequestUsage

from omni2.kernel.errors import Problem
from omni2.upstream.answer_size import Measure
from omni2.upstream.estimate import estimate_tokens, request_text
from omni2.upstream.model_faults import (
    ModelFault,
    auth_failed,
    failed,
    rate_limited,
    refused,
    timed_out,
    unreachable,
)
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
    ToolSpec,
    ToolWish,
    UserMessage,
)
from omni2.upstream.provider_wire import Lines, base_of

# An answer that ends without saying why was cut off; passing it on as whole would be a lie.
_WHOLE_ANSWERS = {"openai_chat_streaming_requires_finish_reason": True}
_CODE = re.compile(r"[a-z0-9_.-]{1,64}")
# An answer that makes no sense can break an adapter anywhere; none of these is worth another attempt.
_NONSENSE = (
    exceptions.AgentRunError,
    exceptions.UserError,
    httpx2.HTTPError,
    httpx2.InvalidURL,
    httpx2.StreamError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OSError,
)


async def stream_events(
    target: ModelTarget, request: ModelRequest, lines: Lines
) -> AsyncGenerator[ModelEvent, None]:
    """Stream one attempt. Raises `ModelFault`."""
    started = time.perf_counter()
    first_token_ms: float | None = None
    written, measure = 0, Measure(target, request.max_output_tokens)
    wire = lines.to(target, measure.wire_bytes)
    try:
        async with wire.client() as client, _asked(target, request, client) as stream:
            async for event in stream:
                _measure(measure, event)
                text = _text_of(event)
                if first_token_ms is None:
                    first_token_ms = (time.perf_counter() - started) * 1000
                if text:
                    written += len(text)
                    yield TextDelta(text)
            answer = stream.get()
    except _NONSENSE as error:
        if wire.problem is not None:
            raise ModelFault(wire.problem, repeatable=False) from error
        raise _fault(target, error) from error
    except Problem as problem:
        raise ModelFault(problem, repeatable=False) from problem
    if answer.finish_reason is None:
        raise ModelFault(failed(target, "Its answer broke off."), repeatable=False)
    wishes = [part for part in answer.parts if isinstance(part, messages.ToolCallPart)]
    for part in wishes:
        yield _wish(part)
    yield ModelDone(
        "tool_calls" if wishes else answer.finish_reason,
        _usage(answer.usage, request, written),
        first_token_ms,
    )


def _asked(
    target: ModelTarget, request: ModelRequest, client: httpx2.AsyncClient
) -> AbstractAsyncContextManager[StreamedResponse]:
    return model_request_stream(
        _model(target, client),
        _history(request.messages, request.system),
        model_settings=ModelSettings(
            max_tokens=request.max_output_tokens, max_retries=0, parallel_tool_calls=True
        ),
        model_request_parameters=ModelRequestParameters(
            function_tools=[_definition(tool) for tool in request.tools]
        ),
    )


def _model(target: ModelTarget, client: httpx2.AsyncClient) -> Model:
    """Build the adapter; keys and URLs are always ours, so that the environment has no say."""
    base, key = base_of(target), target.api_key or "none"
    match target.provider:
        case "anthropic":
            provider = _class("providers.anthropic.AnthropicProvider")(
                api_key=key, http_client=client, base_url=base
            )
            return _class("models.anthropic.AnthropicModel")(target.model, provider=provider)
        case "google":
            provider = _class("providers.google.GoogleProvider")(
                api_key=key, http_client=client, base_url=base
            )
            return _class("models.google.GoogleModel")(target.model, provider=provider)
        case "openai_compatible":
            provider = _class("providers.openai_compatible.OpenAICompatibleProvider")(
                name="openai-compatible", base_url=base, api_key=key, http_client=client
            )
        case _:
            provider = _class("providers.openai.OpenAIProvider")(
                base_url=base, api_key=key, http_client=client
            )
    return _class("models.openai.OpenAIChatModel")(target.model, provider=provider, profile=_WHOLE_ANSWERS)


def _class(path: str) -> Any:
    """Return a class of a provider module that the table in `models` has loaded."""
    module, _, name = path.rpartition(".")
    return getattr(sys.modules[f"pydantic_ai.{module}"], name)


def _definition(tool: ToolSpec) -> ToolDefinition:
    return ToolDefinition(
        name=tool.name,
        description=tool.description or tool.title,
        parameters_json_schema=tool.input_schema,
        strict=False,
    )


def _history(conversation: Sequence[Message], system: str | None) -> list[messages.ModelMessage]:
    history: list[messages.ModelMessage] = []
    parts: list[messages.ModelRequestPart] = []
    if system:
        parts.append(messages.SystemPromptPart(content=system))
    for message in conversation:
        match message:
            case UserMessage(text):
                parts.append(messages.UserPromptPart(content=text))
            case ToolMessage(call_id, name, text, is_error):
                outcome = "failed" if is_error else "success"
                parts.append(
                    messages.ToolReturnPart(
                        tool_name=name, content=text, tool_call_id=call_id, outcome=outcome
                    )
                )
            case AssistantMessage():
                if parts:
                    history.append(messages.ModelRequest(parts=parts))
                    parts = []
                history.append(messages.ModelResponse(parts=_spoken(message)))
    if parts:
        history.append(messages.ModelRequest(parts=parts))
    return history


def _spoken(message: AssistantMessage) -> list[messages.ModelResponsePart]:
    parts: list[messages.ModelResponsePart] = []
    if message.text:
        parts.append(messages.TextPart(content=message.text))
    parts.extend(
        messages.ToolCallPart(tool_name=wish.name, args=dict(wish.arguments), tool_call_id=wish.call_id)
        for wish in message.tool_calls
    )
    return parts


def _text_of(event: object) -> str:
    match event:
        case messages.PartStartEvent(part=messages.TextPart(content=content)):
            return content
        case messages.PartDeltaEvent(delta=messages.TextPartDelta(content_delta=content)):
            return content
        case _:
            return ""


def _measure(measure: Measure, event: object) -> None:
    match event:
        case messages.PartStartEvent(part=messages.ToolCallPart(tool_name=name, args=args)):
            measure.call(name, args)
        case messages.PartStartEvent(
            part=messages.TextPart(content=said) | messages.ThinkingPart(content=said)
        ):
            measure.text(said)
        case messages.PartDeltaEvent(
            delta=messages.TextPartDelta(content_delta=said) | messages.ThinkingPartDelta(content_delta=said)
        ):
            measure.text(said or "")
        case messages.PartDeltaEvent(delta=messages.ToolCallPartDelta(tool_name_delta=name, args_delta=args)):
            measure.arguments(name, args)
        case _:
            pass


def _wish(part: messages.ToolCallPart[Any]) -> ToolWish:
    arguments: JsonValue
    try:
        raw = part.args if part.args not in (None, "") else {}
        arguments = cast("JsonValue", orjson.loads(raw if isinstance(raw, str) else orjson.dumps(raw)))
    except (ValueError, TypeError):
        return ToolWish(part.tool_call_id, part.tool_name, {}, "The arguments are not valid JSON.")
    if not isinstance(arguments, dict):
        return ToolWish(part.tool_call_id, part.tool_name, {}, "The arguments are not a JSON object.")
    return ToolWish(part.tool_call_id, part.tool_name, arguments)


def _usage(usage: RequestUsage, request: ModelRequest, written_chars: int) -> ModelUsage:
    if usage.input_tokens == 0 and usage.output_tokens == 0:
        return ModelUsage(
            estimate_tokens(request_text(request)), max(1, written_chars // 4), 0, 0, 0, estimated=True
        )
    return ModelUsage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=usage.output_reasoning_tokens,
        estimated=usage.unmeasured_requests > 0,
    )


def _fault(target: ModelTarget, error: Exception) -> ModelFault:
    wait_s = error.retry_after if isinstance(error, exceptions.ModelAPIError) else None
    repeatable = True
    match error:
        case exceptions.ModelRateLimitError():
            problem = rate_limited(target, wait_s)
        case exceptions.ModelConnectionError(phase="connect" | "pool"):
            problem = unreachable(target)
        case exceptions.ModelServerError() | exceptions.ModelUnavailableError():
            problem = failed(target, "Its provider has a fault of its own.")
        case _:
            problem, repeatable = _final(target, error), False
    return ModelFault(problem, repeatable=repeatable, retry_after_s=wait_s)


def _final(target: ModelTarget, error: Exception) -> Problem:
    match error:
        case exceptions.ModelTimeoutError() | exceptions.ModelRequestTimeout():
            return timed_out(target)
        case exceptions.ModelConnectionError() | httpx2.TransportError():
            return failed(target, "The connection broke off.")
        case exceptions.ModelQuotaExceededError():
            return refused(target, "the quota or the credit of the account is used up.")
        case exceptions.ModelHTTPError() | exceptions.ModelRequestRejectedError():
            return _refusal(target, error)
        case exceptions.ModelAPIError():
            return failed(target, "Its answer broke off.")
        case _:
            return failed(target, "Its answer makes no sense.")


def _refusal(target: ModelTarget, error: exceptions.ModelAPIError) -> Problem:
    match error:
        case exceptions.ModelAuthenticationError():
            return auth_failed(target)
        case exceptions.ModelContextWindowExceededError():
            return refused(target, "the conversation is too long for it. Start a new one.")
        case exceptions.ModelNotFoundError():
            return refused(target, "it does not know this model, or the URL is wrong.")
        case _:
            code = error.provider_error_code or error.provider_error_type or ""
            return refused(target, f"{code}." if _CODE.fullmatch(code) else "it did not say why.")
