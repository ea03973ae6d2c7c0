"""A flow as spans of OTLP in JSON: itself, its model and tool calls, its denials; checks are events."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from omni2.flows.checkpoints import AuthCheck, Checkpoint, LlmComplete, LlmThinking, ToolCall, ToolResult
from omni2.flows.schemas import FlowRow
from omni2.insight import telemetry_names as name
from omni2.kernel.ids import to_micros
from omni2.kernel.jsons import dumps

INTERNAL, SERVER_SIDE, CLIENT = 1, 2, 3
OK, ERROR = 1, 2
Span = dict[str, Any]
Attributes = dict[str, object]


def spans_of(flow: FlowRow, steps: Sequence[Checkpoint], *, content: bool) -> list[Span]:
    """Return the spans of a flow that is over, its own first. Without `content` no word of anybody leaves."""
    root = _span_id(flow.flow_id, 0)
    trace, caller = _trace_of(flow, steps)
    own = _flow_span(flow, steps, root, content=content)
    spans = [{**own, "parentSpanId": caller} if caller else own]
    spans += [{**span, "parentSpanId": root} for span in _parts(flow, steps, content=content)]
    return [{"traceId": trace, **span} for span in spans]


def _trace_of(flow: FlowRow, steps: Sequence[Checkpoint]) -> tuple[str, str | None]:
    """Return the trace of a flow, and the span of its caller where the caller has named one."""
    told = next((step.data.traceparent for step in steps if isinstance(step.data, AuthCheck)), None)
    if told is None:
        return trace_id(flow.flow_id), None
    _, trace, span, _ = told.split("-")
    return trace, span


def trace_id(flow_id: str) -> str:
    """Return the trace of a flow whose caller named none: its id, which is as long."""
    return flow_id.replace("-", "")


def _flow_span(flow: FlowRow, steps: Sequence[Checkpoint], root: str, *, content: bool) -> Span:
    failed = flow.status != "ok"
    given: Attributes = {
        name.OPERATION: name.INVOKE_AGENT,
        name.AGENT_NAME: name.AGENT,
        name.CONVERSATION: flow.conversation_id,
        name.USER: flow.user_id,
        name.FLOW: flow.flow_id,
        name.SOURCE: flow.source,
        name.STATUS: flow.status,
        name.INPUT_TOKENS: flow.input_tokens,
        name.OUTPUT_TOKENS: flow.output_tokens,
        name.COST: flow.cost_micros,
        name.ERROR_TYPE: flow.status if failed else None,
        name.TITLE: flow.title if content else None,
    }
    return {
        "spanId": root,
        "name": f"{name.INVOKE_AGENT} {name.AGENT}",
        "kind": SERVER_SIDE,
        "startTimeUnixNano": _nanos(flow.started_at),
        "endTimeUnixNano": _nanos(flow.ended_at or flow.started_at),
        "attributes": attributes(given),
        "events": [_event(step) for step in steps if step.kind.endswith(("_check", "_filter", "approval"))],
        "status": {"code": ERROR if failed else OK},
    }


def _parts(flow: FlowRow, steps: Sequence[Checkpoint], *, content: bool) -> Iterator[Span]:
    calls: dict[str, Checkpoint] = {}
    asked: Checkpoint | None = None
    for step in steps:
        match step.data:
            case LlmThinking():
                asked = step
            case LlmComplete():
                yield _chat_span(step, asked)
                asked = None
            case ToolCall(was_allowed=True) as call:
                calls[call.call_id] = step
            case ToolResult() as result:
                yield _tool_span(step, calls.pop(result.call_id, None), content=content)
            case _ if step.verdict == "denied":
                yield _denial_span(step)
            case _:
                continue
    for left in calls.values():
        yield _tool_span(left, left, content=content)


def _chat_span(step: Checkpoint, asked: Checkpoint | None) -> Span:
    data = step.data
    assert isinstance(data, LlmComplete)  # noqa: S101 what the caller has matched
    thinking = asked.data if asked else None
    given: Attributes = {
        name.OPERATION: name.CHAT,
        name.PROVIDER: thinking.provider if isinstance(thinking, LlmThinking) else None,
        name.REQUEST_MODEL: thinking.model if isinstance(thinking, LlmThinking) else data.model,
        name.RESPONSE_MODEL: data.model,
        name.FINISH_REASONS: [data.finish_reason],
        name.INPUT_TOKENS: data.input_tokens,
        name.OUTPUT_TOKENS: data.output_tokens,
        name.COST: data.cost_micros,
    }
    return _span(step, f"{name.CHAT} {data.model}", given, None)


def _tool_span(step: Checkpoint, called: Checkpoint | None, *, content: bool) -> Span:
    data, call = step.data, called.data if called else None
    assert isinstance(data, ToolCall | ToolResult)  # noqa: S101
    status = data.status if isinstance(data, ToolResult) else "unknown"
    given: Attributes = {
        name.OPERATION: name.EXECUTE_TOOL,
        name.MCP_METHOD: name.METHODS[data.target],
        **_target(data),
        name.TOOL_CALL_ID: data.call_id,
        name.SERVER: data.server,
        name.ERROR_TYPE: None if status == "ok" else status,
    }
    if content:
        given[name.TOOL_ARGUMENTS] = dumps(call.arguments) if isinstance(call, ToolCall) else None
        given[name.TOOL_RESULT] = data.preview if isinstance(data, ToolResult) else None
    return _span(step, f"{name.EXECUTE_TOOL} {data.tool}", given, None if status == "ok" else status)


def _denial_span(step: Checkpoint) -> Span:
    """Return what was refused: a call by a rule, or a check that did not pass."""
    data = step.data
    if isinstance(data, ToolCall):
        given: Attributes = {
            name.OPERATION: name.EXECUTE_TOOL,
            name.MCP_METHOD: name.METHODS[data.target],
            **_target(data),
            name.TOOL_CALL_ID: data.call_id,
            name.SERVER: data.server,
            name.RULE: data.rule,
            name.ERROR_TYPE: "denied",
        }
        return _span(step, f"{name.EXECUTE_TOOL} {data.tool}", given, "denied")
    return _span(step, f"denied {step.kind}", {name.ERROR_TYPE: "denied", **_check(step)}, "denied")


def _target(data: ToolCall | ToolResult) -> Attributes:
    key = {"prompt": name.PROMPT_NAME, "resource": name.MCP_RESOURCE}.get(data.target, name.TOOL_NAME)
    return {key: data.tool}


def _span(step: Checkpoint, title: str, given: Attributes, error: str | None) -> Span:
    """Return a span that ends with its step; what a step took is known of some only."""
    start = step.at - timedelta(milliseconds=step.duration_ms or 0)
    return {
        "spanId": _span_id(step.flow_id, step.seq),
        "name": title,
        "kind": INTERNAL if error == "denied" else CLIENT,
        "startTimeUnixNano": _nanos(start),
        "endTimeUnixNano": _nanos(step.at),
        "attributes": attributes({**given, name.SEQ: step.seq, name.VERDICT: step.verdict}),
        "status": {"code": ERROR if error else OK},
    }


def _event(step: Checkpoint) -> dict[str, Any]:
    return {"name": step.kind, "timeUnixNano": _nanos(step.at), "attributes": attributes(_check(step))}


def _check(step: Checkpoint) -> Attributes:
    rule = getattr(step.data, "rule", None) or getattr(step.data, "denied_by", None)
    return {
        name.VERDICT: step.verdict,
        name.SEQ: step.seq,
        name.DURATION: step.duration_ms,
        name.SERVER: getattr(step.data, "server", None),
        name.RULE: rule,
    }


def attributes(given: Attributes) -> list[dict[str, Any]]:
    """Return attributes as OTLP writes them; those without a value are left out."""
    return [{"key": key, "value": _value(value)} for key, value in given.items() if value is not None]


def _value(value: object) -> dict[str, Any]:
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case list():
            items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]
            return {"arrayValue": {"values": [_value(item) for item in items]}}
        case _:
            return {"stringValue": str(value)}


def _span_id(flow_id: str, seq: int) -> str:
    return sha256(f"{flow_id} {seq}".encode()).hexdigest()[:16]


def _nanos(at: datetime) -> str:
    return str(to_micros(at) * 1000)
