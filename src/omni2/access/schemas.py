"""The shapes of grants, effective access and explanations on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omni2.identity.roles import Role

Subject = Literal["everyone", "role", "user"]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^\S+$")]
Patterns = Annotated[list[Pattern], Field(max_length=200)]


class GrantCreate(BaseModel):
    """A rule to be added or put: `server` is a slug or `*`; patterns know `*` and `?`; deny wins."""

    model_config = ConfigDict(strict=True, extra="forbid")

    subject: Subject
    role: Role | None = None
    user_id: str | None = None
    server: Annotated[str, StringConstraints(min_length=1, max_length=32)]
    allow: Patterns = []
    deny: Patterns = []
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = None


class GrantView(BaseModel):
    """A rule as stored."""

    grant_id: str
    subject: Subject
    role: str | None
    user_id: str | None
    user_email: str | None
    server: str
    allow: list[str]
    deny: list[str]
    name: str
    created_at: datetime
    created_by: str


class ToolAccess(BaseModel):
    """Whether one tool may be called, and the rule that decided."""

    name: str
    title: str | None
    allowed: bool
    rule: str
    reason: str


class ServerAccess(BaseModel):
    """Whether one server may be used, and each of its tools."""

    server_id: str
    slug: str
    title: str
    state: Literal["connected", "connecting", "sign_in_needed", "down", "disabled"]
    allowed: bool
    rule: str
    reason: str
    tools: list[ToolAccess]


class VirtualAccess(BaseModel):
    """A virtual server at whose address a person finds something."""

    slug: str
    title: str


class AccessView(BaseModel):
    """Everything a person may and may not use."""

    servers: list[ServerAccess]
    virtual: list[VirtualAccess]


class Explanation(BaseModel):
    """Why a person may or may not call a tool, in one sentence."""

    allowed: bool
    rule: str
    sentence: str


class SnapshotServer(BaseModel):
    """One server of a stored snapshot."""

    server: str
    decision: Literal["allowed", "denied", "unavailable"]
    rule: str


class SnapshotTool(BaseModel):
    """One tool of a stored snapshot."""

    server: str
    tool: str
    allowed: bool
    rule: str


class SnapshotPrompt(BaseModel):
    """One prompt of a stored snapshot."""

    server: str
    prompt: str
    allowed: bool
    rule: str


class SnapshotResource(BaseModel):
    """One resource of a stored snapshot."""

    server: str
    uri: str
    allowed: bool
    rule: str


class SnapshotPrompts(BaseModel):
    """The first prompts of a stored snapshot, and how many there were."""

    listed: list[SnapshotPrompt] = []
    total: int = 0


class SnapshotResources(BaseModel):
    """The first resources of a stored snapshot, and how many there were."""

    listed: list[SnapshotResource] = []
    total: int = 0


class SnapshotView(BaseModel):
    """What somebody could use at the time of a flow."""

    access_id: str
    servers: list[SnapshotServer]
    tools: list[SnapshotTool]
    prompts: SnapshotPrompts = SnapshotPrompts()
    resources: SnapshotResources = SnapshotResources()
