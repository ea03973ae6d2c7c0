"""The shapes of flows on the wire."""

from datetime import datetime
from typing import Annotated, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from omni2.flows.checkpoints import FlowStatus, Source
from omni2.flows.query import LIMIT
from omni2.kernel.page import MAX_LIMIT, Page
from omni2.kernel.search import Words

MAX_SEQ = 2_000_000_000


def _apart(value: object) -> object:
    """Return the words of repeated and of comma-separated parameters alike."""
    if not isinstance(value, list):
        return value
    given = cast("list[object]", value)
    return [word for one in given for word in (one.split(",") if isinstance(one, str) else [one])]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("not the name of a time zone, such as Europe/Berlin") from error
    return name


Query = Annotated[str, StringConstraints(max_length=LIMIT, pattern=r"^[^\x00]*$")]
Zone = Annotated[str, StringConstraints(max_length=64), AfterValidator(_known_zone)]
Statuses = Annotated[list[FlowStatus], BeforeValidator(_apart), Field(max_length=20)]


class FlowQuery(BaseModel):
    """What flows are narrowed to. An unknown filter is refused: it never means everything.

    Any of several statuses, as `status=denied,blocked` or repeated; flows that began at `since` or later.
    `q` is in the query language; dates in it are those of `zone`, or else of the organisation.
    """

    model_config = ConfigDict(extra="forbid")

    user: Words | None = None
    status: Statuses = Field(default_factory=list[FlowStatus])
    since: AwareDatetime | None = None
    source: Source | None = None
    conversation: Words | None = None
    q: Query = ""
    zone: Zone = "UTC"


class FlowFilter(FlowQuery):
    """Which page of the flows that a query means."""

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


class FlowPage(Page[FlowRow]):
    """Flows, newest first. With `searched_to` only those since then were looked at; `next` goes on there.

    `behind`: the index is behind the record, so that some of the latest flows may be missing here.
    """

    searched_to: datetime | None = None
    behind: bool = False


class Facet(BaseModel):
    """One value that flows have, in words, and how many of those that were counted have it."""

    value: str
    label: str
    count: int


class FlowCounts(BaseModel):
    """How many flows a query means, at most `limit`: then `capped`, and the newest ones were counted."""

    count: int
    capped: bool
    searched_to: datetime | None
    status: list[Facet]
    source: list[Facet]
    server: list[Facet]
    user: list[Facet]


TermName = Literal["server", "tool", "model", "error"]


class TermFilter(BaseModel):
    """Which values to offer while a query is typed: those of `name` that contain `q`."""

    model_config = ConfigDict(extra="forbid")

    name: TermName
    q: Words = ""
    limit: int = Field(default=10, ge=1, le=50)


class TermList(BaseModel):
    """Values, the most frequent first."""

    items: list[Facet]


class ViewCreate(BaseModel):
    """A query to keep under a name."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=80, pattern=r"^[^\x00]*$"),
    ]
    query: Query


class ViewView(BaseModel):
    """A query that one kept."""

    view_id: str
    name: str
    query: str
    created_at: datetime


class ViewList(BaseModel):
    """One's own kept queries, by name."""

    items: list[ViewView]
