"""The outcome of a flow in one sentence, from its last checkpoints."""

from collections.abc import Sequence

from omni2.flows.checkpoints import AnyData, Blocked, CallStatus, Done, ErrorStep, ToolCall, ToolResult

_OF_A_CALL: dict[CallStatus, str] = {
    "ok": "answered",
    "tool_error": "answered with an error",
    "upstream_error": "could not be reached or failed",
    "timeout": "did not answer in time",
}


def outcome_sentence(data: Sequence[AnyData], done: Done) -> str:
    """Return what came of it, in plain English."""
    for item in reversed(data):
        match item:
            case Blocked():
                return f"Blocked by {item.by}."
            case ErrorStep() if done.status == "denied":
                return f"Denied: {item.detail}"
            case ErrorStep() if done.status in {"failed", "unknown"}:
                return f"Failed: {item.detail}"
            case ToolCall() if item.rule is not None and item.detail is not None:
                return f"Answered; {item.server}.{item.tool} was denied by rule '{item.rule}'."
            case ToolResult() if item.status in _OF_A_CALL and done.status in {"ok", "failed"}:
                return _of_a_call(item)
            case _:
                continue
    return _plain(done)


def _of_a_call(result: ToolResult) -> str:
    """Return what came of the one call of a program: it stands in the unit that closes the flow."""
    what = {"tool": "", "prompt": "Prompt ", "resource": "Resource ", "completion": "Completion for "}
    named = f"{what[result.target]}{result.server}.{result.tool[:120]}"
    if result.target == "resource":
        named = f"Resource {result.tool[:120]} of {result.server}"
    return f"{named} {_OF_A_CALL[result.status]}."


def _plain(done: Done) -> str:
    calls = {0: "no tool call", 1: "1 tool call"}.get(done.tool_calls, f"{done.tool_calls} tool calls")
    match done.status:
        case "ok":
            return f"Answered with {calls}."
        case "cancelled":
            return f"Stopped by the user after {calls}."
        case "denied":
            return "Denied."
        case "blocked":
            return "Blocked."
        case _:
            return f"Ended as {done.status} after {calls}."
