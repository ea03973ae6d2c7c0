"""The shapes of virtual servers on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omni2.hub.schemas import Slug, Title
from omni2.hub.schemas_tools import Plain

MAX_TOOLS = 500
Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]


class Chosen(BaseModel):
    """A tool of a real server, under a bare name; without one, under that which it has at its own server."""

    model_config = ConfigDict(strict=True, extra="forbid")

    server_id: Annotated[str, StringConstraints(min_length=1, max_length=36)]
    tool: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    name: Plain | None = None


Choice = Annotated[list[Chosen], Field(max_length=MAX_TOOLS)]


class VirtualCreate(BaseModel):
    """What an admin gives to add a virtual server; without a slug it is made of the title."""

    model_config = ConfigDict(strict=True, extra="forbid")

    slug: Slug | None = None
    title: Title
    description: Words = ""
    enabled: bool = True
    tools: Choice = []


class VirtualPatch(BaseModel):
    """What may change; what is left out stays. `tools` replaces all of them."""

    model_config = ConfigDict(strict=True, extra="forbid")

    title: Title | None = None
    description: Words | None = None
    enabled: bool | None = None
    tools: Choice | None = None


class VirtualToolView(BaseModel):
    """A tool of a virtual server. Only one that is `ready` is offered, to whom the real tool is granted."""

    server_id: str
    server: str
    server_title: str
    tool: str
    name: str
    state: Literal["ready", "held", "disabled", "gone"]


class VirtualView(BaseModel):
    """A virtual server as it is shown; `path` is where MCP clients reach it."""

    server_id: str
    slug: str
    title: str
    description: str
    enabled: bool
    path: str
    created_at: datetime
    tools: list[VirtualToolView]
