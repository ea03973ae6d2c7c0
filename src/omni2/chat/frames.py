"""The frames of `/ws/chat`: what a client may send, what the server sends."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from omni2.engine.events import Text, Thinking, ToolCalled, ToolReturned, TurnDone, UsageFrame
from omni2.live.frames import BlockedFrame, ClientFrame, Identifier, Ping, Pong, Refused, read_frame

MAX_FRAMES = 1_000_000_000


class Say(ClientFrame):
    """Ask something. `id` is the client's own and comes back in `accepted` or `refused`."""

    type: Literal["say"]
    id: Identifier
    text: str
    conversation_id: Identifier | None = None
    model: Identifier | None = None


class Stop(ClientFrame):
    """Stop a running answer."""

    type: Literal["stop"]
    flow_id: Identifier


class Regenerate(ClientFrame):
    """Answer the question behind a message again."""

    type: Literal["regenerate"]
    id: Identifier
    message_id: Identifier


class Resume(ClientFrame):
    """Go on with a running answer behind frame `after`."""

    type: Literal["resume"]
    conversation_id: Identifier
    after: Annotated[int, Field(ge=0, le=MAX_FRAMES)] = 0
    flow_id: Identifier | None = None


ChatFrame = Say | Stop | Regenerate | Resume | Ping
InFrame = Annotated[ChatFrame, Field(discriminator="type")]
_INBOUND: TypeAdapter[ChatFrame] = TypeAdapter(InFrame)


class ModelOption(BaseModel):
    """A model that may answer."""

    model_id: str
    title: str
    demo: bool
    is_default: bool


class Welcome(BaseModel):
    """The first frame: who you are, what you may ask, what is left."""

    type: Literal["welcome"] = "welcome"
    user_id: str
    name: str
    message: str
    suggestions: list[str]
    models: list[ModelOption]
    remaining_micros: int | None
    limit_micros: int | None
    resets_at: datetime | None
    credit_micros: int


class Accepted(BaseModel):
    """A message is being answered as `flow_id`."""

    type: Literal["accepted"] = "accepted"
    id: str
    conversation_id: str
    flow_id: str
    message_id: str
    title: str


class Warned(BaseModel):
    """Something a person should know; nothing was refused."""

    type: Literal["warning"] = "warning"
    code: str
    detail: str


class Gap(BaseModel):
    """Frames behind `after` were not sent; answer with `resume`."""

    type: Literal["gap"] = "gap"
    flow_id: str
    after: int


class Resumed(BaseModel):
    """The answer that is followed now, or none when nothing runs."""

    type: Literal["resumed"] = "resumed"
    conversation_id: str
    flow_id: str | None


ServerFrame = Annotated[
    Welcome
    | Accepted
    | Thinking
    | Text
    | ToolCalled
    | ToolReturned
    | UsageFrame
    | TurnDone
    | Refused
    | Warned
    | BlockedFrame
    | Gap
    | Resumed
    | Pong,
    Field(discriminator="type"),
]


class ChatFrames(BaseModel):
    """Both directions of `/ws/chat`, for the contract."""

    client: InFrame
    server: ServerFrame


def parse_frame(text: str) -> ChatFrame:
    """Return the frame; raise `Problem` with a stable code for anything else."""
    return read_frame(_INBOUND, text)
