"""The outcome of a flow in one sentence, from its last checkpoints."""

from collections.abc import Sequence

from omni2.flows.checkpoints import AnyData, Blocked, Done, ErrorStep, ToolCall


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
            case _:
                continue
    return _plain(done)


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
