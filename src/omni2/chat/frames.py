"""The frames of `/ws/chat`: what a client may send, what the server sends."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from omni2.engine.events import Text, Thinking, ToolCalled, ToolReturned, TurnDone, UsageFrame
from omni2.kernel.errors import Problem
from omni2.kernel.jsons import loads_strict

MAX_FRAMES = 1_000_000_000

Identifier = Annotated[str, Field(min_length=1, max_length=64)]


class ClientFrame(BaseModel):
    """What all inbound frames share: strict, nothing unknown."""

    model_config = ConfigDict(strict=True, extra="forbid")


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


class Ping(ClientFrame):
    """Ask for a sign of life."""

    type: Literal["ping"]


InFrame = Annotated[Say | Stop | Regenerate | Resume | Ping, Field(discriminator="type")]
_INBOUND: TypeAdapter[Say | Stop | Regenerate | Resume | Ping] = TypeAdapter(InFrame)


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


class Refused(BaseModel):
    """A frame, or the connection, is refused; `code` is stable."""

    model_config = ConfigDict(extra="allow")

    type: Literal["refused"] = "refused"
    id: str | None = None
    code: str
    detail: str
    status: int


class Warned(BaseModel):
    """Something a person should know; nothing was refused."""

    type: Literal["warning"] = "warning"
    code: str
    detail: str


class BlockedFrame(BaseModel):
    """The administrator's words; the socket closes with 4403 behind it."""

    type: Literal["blocked"] = "blocked"
    message: str


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


class Pong(BaseModel):
    """A sign of life."""

    type: Literal["pong"] = "pong"


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


def parse_frame(text: str) -> Say | Stop | Regenerate | Resume | Ping:
    """Return the frame; raise `Problem` with a stable code for anything else."""
    value = loads_strict(text)
    try:
        return _INBOUND.validate_python(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        if first["type"] in {"union_tag_invalid", "union_tag_not_found"}:
            raise Problem(
                "unknown_type", 400, "This frame's type is not known here.", **_frame_id(value)
            ) from error
        field = ".".join(str(part) for part in first["loc"][1:])
        raise Problem(
            "invalid_frame",
            422,
            f"The frame is malformed: {field or 'it'}: {first['msg']}.",
            **_frame_id(value),
        ) from error


def refused(problem: Problem, frame_id: str | None = None) -> dict[str, JsonValue]:
    """Return the frame that tells of a problem."""
    members: dict[str, Any] = {
        "type": "refused",
        "id": frame_id,
        **problem.members(),
        "status": problem.status,
    }
    return members


def _frame_id(value: JsonValue) -> dict[str, JsonValue]:
    found = value.get("id") if isinstance(value, dict) else None
    return {"id": found[:64]} if isinstance(found, str) else {}
