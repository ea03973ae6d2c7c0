"""The shapes of servers and tools on the wire. Secrets only ever go in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

Transport = Literal["http", "stdio"]
State = Literal["connected", "connecting", "down", "disabled"]
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,32}$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
TimeoutMs = Annotated[int, Field(ge=100, le=600_000)]
Concurrency = Annotated[int, Field(ge=1, le=1_000)]
Secret = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8_000)]


class Pair(BaseModel):
    """A header or a variable of the environment."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    value: Annotated[str, StringConstraints(max_length=8_000)]


Pairs = Annotated[list[Pair], Field(max_length=50)]


class ServerCreate(BaseModel):
    """What an admin gives to add a server. Headers, env and bearer are write-only."""

    model_config = ConfigDict(strict=True, extra="forbid")

    slug: Slug | None = None
    title: Title
    transport: Transport
    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048)] | None = None
    command: Annotated[list[Word], Field(min_length=1, max_length=100)] | None = None
    headers: Pairs = []
    env: Pairs = []
    bearer: Secret | None = None
    timeout_ms: TimeoutMs = 30_000
    concurrency: Concurrency = 16
    grant: Literal["nobody", "everyone", "admins"] = "nobody"
    allow_private: bool | None = None


class ServerPatch(BaseModel):
    """What may change; what is left out stays. `bearer: null` takes the bearer token away."""

    model_config = ConfigDict(strict=True, extra="forbid")

    title: Title | None = None
    enabled: bool | None = None
    timeout_ms: TimeoutMs | None = None
    concurrency: Concurrency | None = None
    url: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2048)] | None = None
    command: Annotated[list[Word], Field(min_length=1, max_length=100)] | None = None
    headers: Pairs | None = None
    env: Pairs | None = None
    bearer: Secret | None = None
    allow_private: bool | None = None


class ServerView(BaseModel):
    """A server as it is shown. Calls and errors are those of today."""

    server_id: str
    slug: str
    title: str
    transport: Transport
    url: str | None
    command: list[str] | None
    demo: bool
    enabled: bool
    state: State
    reason: str | None
    since: datetime
    latency_ms: int | None
    tool_count: int
    calls_today: int
    errors_today: int
    timeout_ms: int
    concurrency: int
    allow_private: bool
    has_credentials: bool
    credential_set_at: datetime | None
    revision: str | None
    checked_at: datetime | None
    created_at: datetime


class ToolView(BaseModel):
    """A tool as pinned."""

    name: str
    title: str | None
    description: str
    input_schema: dict[str, JsonValue]
    annotations: dict[str, JsonValue]
    enabled: bool
    price_micros: int | None


class ToolPatch(BaseModel):
    """What an admin chooses for a tool. `price_micros: null` makes it free."""

    model_config = ConfigDict(strict=True, extra="forbid")

    enabled: bool | None = None
    price_micros: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None


class ProbeView(BaseModel):
    """What a server answered, or the code and the words of why it did not."""

    ok: bool
    latency_ms: int | None = None
    revision: str | None = None
    server_name: str | None = None
    tools: list[ToolView] = []
    code: str | None = None
    detail: str | None = None


class HealthRow(BaseModel):
    """A change of state."""

    at: datetime
    state: State
    reason: str | None
    latency_ms: int | None


class HealthView(BaseModel):
    """The newest changes of state first."""

    items: list[HealthRow]


class ToolsView(BaseModel):
    """All tools of one server."""

    items: list[ToolView]


class StderrView(BaseModel):
    """The last words of a stdio server."""

    text: str
