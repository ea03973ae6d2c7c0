"""The frames that every socket shares, and how what a client sends is read."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from omni2.kernel.errors import Problem
from omni2.kernel.jsons import loads_strict

F = TypeVar("F")

Identifier = Annotated[str, Field(min_length=1, max_length=64)]


class ClientFrame(BaseModel):
    """What all inbound frames share: strict, nothing unknown."""

    model_config = ConfigDict(strict=True, extra="forbid")


class Ping(ClientFrame):
    """Ask for a sign of life."""

    type: Literal["ping"]


class Pong(BaseModel):
    """A sign of life."""

    type: Literal["pong"] = "pong"


class Refused(BaseModel):
    """A frame, or the connection, is refused; `code` is stable."""

    model_config = ConfigDict(extra="allow")

    type: Literal["refused"] = "refused"
    id: str | None = None
    code: str
    detail: str
    status: int


class BlockedFrame(BaseModel):
    """The administrator's words; the socket closes with 4403 behind it."""

    type: Literal["blocked"] = "blocked"
    message: str


def read_frame(frames: TypeAdapter[F], text: str) -> F:
    """Return the frame; raise `Problem` with a stable code for anything else."""
    value = loads_strict(text)
    try:
        return frames.validate_python(value)
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
