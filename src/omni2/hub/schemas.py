"""The shapes of servers and tools on the wire. Secrets only ever go in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omni2.hub.schemas_sign_in import SignInMode
from omni2.hub.schemas_tools import ToolView

Transport = Literal["http", "sse", "stdio"]
Isolation = Literal["shared", "per_user"]
NewTools = Literal["allow", "hold"]
State = Literal["connected", "connecting", "sign_in_needed", "down", "disabled"]
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
    isolation: Isolation = "shared"
    sign_in: SignInMode = "none"
    new_tools: NewTools = "allow"


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
    isolation: Isolation | None = None
    new_tools: NewTools | None = None


class ServerView(BaseModel):
    """A server as it is shown. Calls, errors and latencies (of the latest calls, in ms) are those of today.

    `stale`: it is away, and what it listed at `listed_at` is served on. `held_count` counts the definitions
    that wait for a decision. `breaker` is that of the replica that answers: open, calls fail at once.
    """

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
    stale: bool
    listed_at: datetime | None
    tool_count: int
    held_count: int
    prompt_count: int
    resource_count: int
    calls_today: int
    errors_today: int
    p50_ms: float | None
    p95_ms: float | None
    breaker: Literal["closed", "open", "half_open"] | None = None
    timeout_ms: int
    concurrency: int
    allow_private: bool
    isolation: Isolation
    sign_in: SignInMode
    new_tools: NewTools
    has_credentials: bool
    credential_set_at: datetime | None
    revision: str | None
    checked_at: datetime | None
    created_at: datetime


class ProbeView(BaseModel):
    """What a server answered, or the code and the words of why it did not."""

    ok: bool
    latency_ms: int | None = None
    revision: str | None = None
    server_name: str | None = None
    tools: list[ToolView] = []
    prompt_count: int = 0
    resource_count: int = 0
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


class StderrView(BaseModel):
    """The last words of a stdio server."""

    text: str
