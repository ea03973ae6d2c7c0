"""The shapes of the read side: people with their presence, the overview, activities, the journal."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from omni2.flows.checkpoints import Verdict
from omni2.hub.schemas import ServerView
from omni2.identity.schemas import UserView
from omni2.kernel.page import MAX_LIMIT
from omni2.kernel.search import Words

Presence = Literal["idle", "thinking", "offline"]
ActivityType = Literal["sign_in", "message", "tool_call", "denial", "block", "config"]
AttentionCode = Literal["server_down", "tool_held", "user_at_limit", "model_unpriced"]


class UserFilter(BaseModel):
    """Which people: `q` is part of a name or an e-mail; nobody is found by an unknown one."""

    model_config = ConfigDict(extra="forbid")

    q: Words = ""
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    after: Words | None = None


class UserRow(UserView):
    """A person with what they do now and what is left of today's credits (micro-USD)."""

    sockets: int
    state: Presence
    remaining_micros: int | None
    limit_micros: int | None


class ActiveUser(BaseModel):
    """Somebody who is connected, or was seen a moment ago."""

    user_id: str
    email: str
    name: str
    state: Presence
    sockets: int
    turns_today: int
    last_seen_at: datetime | None


class HourCount(BaseModel):
    """Flows that began within an hour, and those of them that failed. `hour` is its start."""

    hour: datetime
    count: int
    failed: int


class DayCost(BaseModel):
    """What was spent on one day of the organisation's time zone (micro-USD)."""

    day: date
    micros: int


class UsageLine(BaseModel):
    """What one model, or one server's tools, were charged (micro-USD); `unpriced` had no own price."""

    model: str | None
    server: str | None
    charges: int
    micros: int
    input_tokens: int
    output_tokens: int
    unpriced: int


class OwnUsage(BaseModel):
    """What one person used in 30 days: by the day, and by model and server, the dearest first."""

    by_day: list[DayCost]
    lines: list[UsageLine]


class Attention(BaseModel):
    """Something that needs a person, in words, and the page that shows it."""

    code: AttentionCode
    sentence: str
    href: str


class Overview(BaseModel):
    """What is going on. Days are those of the organisation's time zone; money is micro-USD."""

    as_of: datetime
    day_starts_at: datetime
    servers: list[ServerView]
    cost_today_micros: int
    cost_yesterday_micros: int
    unpriced_calls_today: int
    budget_today_micros: int | None
    active_users: list[ActiveUser]
    active_count: int
    flows_today: int
    denied_today: int
    errors_today: int
    flows_per_hour: list[HourCount]
    cost_by_day: list[DayCost]
    attention: list[Attention]


class ActivityFilter(BaseModel):
    """Which activities: of one user, of one type."""

    model_config = ConfigDict(extra="forbid")

    user: Words | None = None
    type: ActivityType | None = None
    limit: int = Field(default=30, ge=1, le=100)


class Activity(BaseModel):
    """One thing that somebody did."""

    at: datetime
    type: ActivityType
    user_id: str | None
    user_email: str | None
    sentence: str
    flow_id: str | None
    verdict: Verdict


class ActivityList(BaseModel):
    """The latest activities first."""

    items: list[Activity]


class JournalFilter(BaseModel):
    """Which rows of the journal: of one kind, such as `user.blocked`."""

    model_config = ConfigDict(extra="forbid")

    kind: Words | None = None
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    after: Words | None = None


class JournalView(BaseModel):
    """A row of the journal."""

    journal_id: str
    at: datetime
    actor_id: str | None
    actor_email: str | None
    kind: str
    subject: str | None
    sentence: str
    data: JsonValue
