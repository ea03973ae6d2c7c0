"""The shapes of comparing: what two accesses differ in, what two people did and may do."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from omni2.flows.schemas import FlowRow
from omni2.kernel.search import Words

AccessId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
What = Literal["server", "tool", "prompt", "resource"]


class AccessPair(BaseModel):
    """Two snapshots of access, by their ids."""

    model_config = ConfigDict(extra="forbid")

    a: AccessId
    b: AccessId


class PeoplePair(BaseModel):
    """Two people, and the time that is looked at: from `since` to `until` (now when it is left out)."""

    model_config = ConfigDict(extra="forbid")

    a: Words
    b: Words
    since: AwareDatetime
    until: AwareDatetime | None = None


class Standing(BaseModel):
    """What was decided about one thing on one side, and by which rule."""

    decision: Literal["allowed", "denied", "unavailable"]
    rule: str


class AccessChange(BaseModel):
    """One thing on which two accesses differ; a side that does not know it is None."""

    what: What
    server: str
    name: str | None
    a: Standing | None
    b: Standing | None


class AccessDifference(BaseModel):
    """What differs between two accesses: in the decision, or in the rule alone, the decisions first.

    `only_a` and `only_b` count the tools that one side alone may use, `both` those that both may.
    `total` counts all changes, of which `changes` are the first.
    """

    sentence: str
    only_a: int
    only_b: int
    both: int
    changes: list[AccessChange]
    total: int


class ToolUse(BaseModel):
    """How often a tool was called, and how often that did not go well."""

    server: str
    tool: str
    calls: int
    not_ok: int


class PersonPeriod(BaseModel):
    """What one person is, and did in a time (money is micro-USD). `tools` are those most called."""

    user_id: str
    email: str
    name: str
    role: str
    blocked: str | None
    flows: int
    by_status: dict[str, int]
    tool_calls: int
    input_tokens: int
    output_tokens: int
    cost_micros: int
    duration_ms: float | None = Field(description="the mean of the flows that ended")
    tools: list[ToolUse]


class PeopleDifference(BaseModel):
    """Two people side by side: what they may do now, and what they did in a time."""

    since: AwareDatetime
    until: AwareDatetime
    sentences: list[str]
    a: PersonPeriod
    b: PersonPeriod
    access: AccessDifference


class Neighbours(BaseModel):
    """The flows of the same person right before and right behind one."""

    previous: FlowRow | None
    next: FlowRow | None
