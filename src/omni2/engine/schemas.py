"""What goes in and out when an administrator tries a tool."""

from pydantic import BaseModel, ConfigDict, JsonValue

from omni2.engine.requests import Answered
from omni2.flows.checkpoints import CallStatus


class ToolTry(BaseModel):
    """The arguments of a call."""

    model_config = ConfigDict(strict=True, extra="forbid")

    arguments: dict[str, JsonValue] = {}


class TimingView(BaseModel):
    """Where the time of a call went (ms)."""

    auth_ms: float
    checks_ms: float
    record_ms: float
    upstream_ms: float
    total_ms: float


class TriedView(BaseModel):
    """What came of a call, and the flow that it left. `result` is the server's whole answer."""

    flow_id: str
    status: CallStatus
    text: str
    result: dict[str, JsonValue] | None
    rule: str | None
    duration_ms: float
    timing: TimingView


def tried_view(answered: Answered) -> TriedView:
    """Return an answer as shown."""
    called, timing = answered.called, answered.timing
    return TriedView(
        flow_id=answered.flow_id,
        status=called.status,
        text=called.text,
        result=called.outcome.result if called.outcome is not None else None,
        rule=called.rule,
        duration_ms=called.duration_ms,
        timing=TimingView(
            auth_ms=timing.auth_ms,
            checks_ms=timing.checks_ms,
            record_ms=timing.record_ms,
            upstream_ms=timing.upstream_ms,
            total_ms=timing.total_ms,
        ),
    )
