"""The shapes of flows on the wire."""

from datetime import datetime
from typing import Annotated, cast

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from omni2.flows.checkpoints import FlowStatus, Source
from omni2.kernel.page import MAX_LIMIT
from omni2.kernel.search import Words

MAX_SEQ = 2_000_000_000


def _apart(value: object) -> object:
    """Return the words of repeated and of comma-separated parameters alike."""
    if not isinstance(value, list):
        return value
    given = cast("list[object]", value)
    return [word for one in given for word in (one.split(",") if isinstance(one, str) else [one])]


Statuses = Annotated[list[FlowStatus], BeforeValidator(_apart), Field(max_length=20)]


class FlowFilter(BaseModel):
    """What a list of flows is narrowed to. An unknown filter is refused: it never means everything.

    Any of several statuses, as `status=denied,blocked` or repeated; flows that began at `since` or later.
    """

    model_config = ConfigDict(extra="forbid")

    user: Words | None = None
    status: Statuses = Field(default_factory=list[FlowStatus])
    since: AwareDatetime | None = None
    source: Source | None = None
    conversation: Words | None = None
    q: Words = ""
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    after: Words | None = None


class CheckpointRange(BaseModel):
    """Which checkpoints of a flow: those with a `seq` above `after`."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(default=0, ge=0, le=MAX_SEQ)
    limit: int = Field(default=200, ge=1, le=500)


class FlowRow(BaseModel):
    """A flow in one line. Money is micro-USD; `steps` counts checkpoints, also while it runs."""

    flow_id: str
    user_id: str
    user_email: str
    user_name: str
    source: Source
    conversation_id: str | None
    title: str
    status: FlowStatus
    started_at: datetime
    ended_at: datetime | None
    duration_ms: float | None
    steps: int
    tool_calls: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    servers: list[str]
    sentence: str
    model: str | None
