"""The shapes of conversations and messages on the wire, and of what a message stores as its data."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from omni2.kernel.page import MAX_LIMIT, Page
from omni2.kernel.search import Words

MessageKind = Literal["user", "assistant", "tool"]
Title = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$"),
]


class ConversationFilter(BaseModel):
    """Which conversations: `q` is searched in titles and in what was said."""

    model_config = ConfigDict(extra="forbid")

    q: Words = ""
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    after: Words | None = None


class MessageRange(BaseModel):
    """Which messages: from the first on, or those behind a cursor."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=MAX_LIMIT, ge=1, le=MAX_LIMIT)
    after: Words | None = None


class ConversationPatch(BaseModel):
    """What may be changed."""

    model_config = ConfigDict(strict=True, extra="forbid")

    title: Title


class ConversationView(BaseModel):
    """A conversation in one line."""

    conversation_id: str
    title: str
    created_at: datetime
    updated_at: datetime
    running_flow_id: str | None


class CallView(BaseModel):
    """A tool call as the transcript shows it."""

    call_id: str
    server: str
    tool: str
    title: str | None = None
    arguments: JsonValue = None
    status: str
    preview: str
    duration_ms: float | None = None
    rule: str | None = None


class TurnView(BaseModel):
    """What a turn came to (micro-USD); `code` and `detail` say why when it did not end well."""

    status: str
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    charged_micros: int = 0
    remaining_micros: int | None = None
    duration_ms: float | None = None
    finish_reason: str | None = None
    code: str | None = None
    detail: str | None = None
    rule: str | None = None


class ToolData(CallView):
    """What a message of kind `tool` stores: the call, and `text`, the whole result as the model reads it."""

    text: str = ""


class ToolWish(BaseModel):
    """A call that the model asked for."""

    call_id: str
    name: str
    arguments: JsonValue = None


class AssistantData(BaseModel):
    """What a message of kind `assistant` stores; `turn` stands on the last one of a turn only."""

    turn: TurnView | None = None
    tool_calls: list[ToolWish] = []


class MessageView(BaseModel):
    """One message. `call` is there for kind `tool`, `turn` on the last assistant message of a turn."""

    message_id: str
    kind: MessageKind
    flow_id: str | None
    text: str
    created_at: datetime
    call: CallView | None
    turn: TurnView | None


class RunningTurn(BaseModel):
    """The turn that is being answered, and the last frame of it that is stored."""

    flow_id: str
    last_n: int


class MessagePage(Page[MessageView]):
    """Messages in the order said, and the turn that runs, if one does."""

    running: RunningTurn | None = None
