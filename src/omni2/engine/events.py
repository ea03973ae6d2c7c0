"""The events of a turn, in order; the chat door sends each as one frame."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from omni2.flows.checkpoints import CallStatus, FlowStatus


class TurnFrame(BaseModel):
    """What all frames of a turn share. `n` counts 1.. without holes over all frames of the turn."""

    model_config = ConfigDict(frozen=True)

    flow_id: str = ""
    conversation_id: str = ""
    n: int = 0


class Thinking(TurnFrame):
    """The model is asked."""

    type: Literal["thinking"] = "thinking"
    iteration: int
    model: str


class Text(TurnFrame):
    """A piece of the answer."""

    type: Literal["text"] = "text"
    text: str


class ToolCalled(TurnFrame):
    """A tool is being called; the intent is on record."""

    type: Literal["tool_call"] = "tool_call"
    call_id: str
    server: str
    tool: str
    title: str | None
    arguments: JsonValue


class ToolReturned(TurnFrame):
    """A call has ended; the outcome is on record."""

    type: Literal["tool_result"] = "tool_result"
    call_id: str
    status: CallStatus
    preview: str
    duration_ms: float
    rule: str | None = None


class UsageFrame(TurnFrame):
    """What the turn has cost so far (micro-USD)."""

    type: Literal["usage"] = "usage"
    charged_micros: int
    remaining_micros: int | None
    input_tokens: int
    output_tokens: int
    estimated: bool


class TurnDone(TurnFrame):
    """The end of the turn; the flow is closed on record."""

    type: Literal["done"] = "done"
    message_id: str
    status: FlowStatus
    code: str | None = None
    detail: str | None = None
    rule: str | None = None
    duration_ms: float
    model: str | None = None


TurnEvent = Thinking | Text | ToolCalled | ToolReturned | UsageFrame | TurnDone
