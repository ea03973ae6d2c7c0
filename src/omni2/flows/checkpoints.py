"""The checkpoints: one closed union; what is stored is what is streamed, exported and shown."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter

Verdict = Literal["passed", "denied", "warned", "failed", "unknown", "info"]
Source = Literal["chat", "mcp", "api"]
FlowStatus = Literal["running", "ok", "denied", "blocked", "failed", "cancelled", "unknown"]
CallStatus = Literal["ok", "tool_error", "upstream_error", "timeout", "cancelled", "denied", "unknown"]
Target = Literal["tool", "prompt", "resource", "completion"]


class Data(BaseModel):
    """What all checkpoint data share: frozen, nothing unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BudgetLine(Data):
    """One budget that applies, at the moment of the check (micro-USD)."""

    name: str
    limit_micros: int
    used_micros: int
    reserved_micros: int
    remaining_micros: int
    resets_at: datetime


class AuthCheck(Data):
    """By what the caller is known, and the span of theirs (`traceparent`) that the request belongs to."""

    kind: Literal["auth_check"] = "auth_check"
    method: Literal["session", "token", "oauth"]
    token_name: str | None = None
    client: str | None = None
    address: str | None = None
    traceparent: str | None = None


class BlockCheck(Data):
    """Whether the door is closed to the user."""

    kind: Literal["block_check"] = "block_check"
    scope: str
    epoch: int
    message: str | None = None
    since: datetime | None = None
    by: str | None = None


class McpAccessCheck(Data):
    """What the user may reach; `access_id` names the immutable snapshot with all rules."""

    kind: Literal["mcp_access_check"] = "mcp_access_check"
    access_id: str
    servers_allowed: int
    servers_total: int
    server: str | None = None
    allowed: bool | None = None
    rule: str | None = None


class ToolFilter(Data):
    """Which tools are offered to the model, or to the client."""

    kind: Literal["tool_filter"] = "tool_filter"
    access_id: str
    offered: int
    removed: int
    rules: list[str] = []


class SecurityCheck(Data):
    """What a detector found."""

    kind: Literal["security_check"] = "security_check"
    detector: str
    score: float
    action: Literal["allowed", "warned", "denied"]


class UsageCheck(Data):
    """Whether the credits suffice, and what was reserved (micro-USD)."""

    kind: Literal["usage_check"] = "usage_check"
    budgets: list[BudgetLine]
    requested_micros: int
    reserved_micros: int
    denied_by: str | None = None
    unpriced: bool = False


class LlmThinking(Data):
    """A model is asked."""

    kind: Literal["llm_thinking"] = "llm_thinking"
    provider: str
    model: str
    iteration: int
    messages: int
    tools_offered: int


class LlmComplete(Data):
    """A model has answered; tokens as its provider reported them.

    `cost_micros` is what was charged, None when the model has no price, and never more than was reserved:
    `detail` says so where the report was beyond that.
    """

    kind: Literal["llm_complete"] = "llm_complete"
    model: str
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    estimated: bool = False
    cost_micros: int | None
    price_version: str | None
    finish_reason: str
    first_token_ms: float | None
    detail: str | None = None


class ApprovalCheck(Data):
    """A person was asked."""

    kind: Literal["approval"] = "approval"
    approval_id: str
    arguments_sha256: str
    decided_by: str | None
    decision: Literal["allowed", "denied", "expired"]
    scope: Literal["once", "conversation", "always"]
    expires_at: datetime | None


class UpstreamRequest(Data):
    """A server asked something back."""

    kind: Literal["upstream_request"] = "upstream_request"
    server: str
    method: str
    outcome: str


class ToolCall(Data):
    """A call, allowed or denied; arguments are redacted."""

    kind: Literal["tool_call"] = "tool_call"
    target: Target = "tool"
    server: str
    tool: str
    call_id: str
    arguments: JsonValue
    iteration: int | None = None
    rule: str | None = None
    detail: str | None = None

    @property
    def was_allowed(self) -> bool:
        """Whether it may have been made: no rule denied it, and nothing was wrong with its arguments."""
        return self.rule is None and self.detail is None


class ToolResult(Data):
    """What came of a call. `size_bytes` is the result's size, `preview` its beginning, redacted."""

    kind: Literal["tool_result"] = "tool_result"
    target: Target = "tool"
    server: str
    tool: str
    call_id: str
    status: CallStatus
    size_bytes: int
    preview: str


class UsageSettled(Data):
    """What the flow cost in the end (micro-USD)."""

    kind: Literal["usage_settled"] = "usage_settled"
    reserved_micros: int
    charged_micros: int
    refunded_micros: int
    remaining_micros: int | None
    input_tokens: int
    output_tokens: int


class Blocked(Data):
    """The user was blocked while the flow ran."""

    kind: Literal["blocked"] = "blocked"
    by: str
    message: str
    cancelled: str


class ErrorStep(Data):
    """What went wrong, in words, and in which step."""

    kind: Literal["error"] = "error"
    code: str
    detail: str
    step: str | None = None


class Done(Data):
    """The end: always last, always there once the flow is over."""

    kind: Literal["done"] = "done"
    status: FlowStatus
    duration_ms: float
    input_tokens: int
    output_tokens: int
    cost_micros: int
    tool_calls: int


AnyData = (
    AuthCheck
    | BlockCheck
    | McpAccessCheck
    | ToolFilter
    | SecurityCheck
    | UsageCheck
    | LlmThinking
    | LlmComplete
    | ApprovalCheck
    | UpstreamRequest
    | ToolCall
    | ToolResult
    | UsageSettled
    | Blocked
    | ErrorStep
    | Done
)
CheckpointData = Annotated[AnyData, Field(discriminator="kind")]


class Checkpoint(BaseModel):
    """One step of a flow: the envelope and the data of its kind. `seq` counts 1..n without holes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    flow_id: str
    seq: int
    parent_seq: int | None = None
    user_id: str
    source: Source
    conversation_id: str | None = None
    at: datetime
    duration_ms: float | None = None
    verdict: Verdict
    kind: str
    data: CheckpointData


CHECKPOINTS: TypeAdapter[list[Checkpoint]] = TypeAdapter(list[Checkpoint])
KINDS: tuple[str, ...] = (
    "auth_check",
    "block_check",
    "usage_check",
    "mcp_access_check",
    "tool_filter",
    "security_check",
    "llm_thinking",
    "llm_complete",
    "approval",
    "upstream_request",
    "tool_call",
    "tool_result",
    "usage_settled",
    "blocked",
    "error",
    "done",
)
