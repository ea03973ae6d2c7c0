"""The shapes of tools, their changed definitions, prompts and resources on the wire."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

Label = Literal["reads_private", "reads_untrusted", "writes_external", "destructive"]
Plain = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class ToolView(BaseModel):
    """A tool as pinned, with what an administrator chose for it.

    `title` and `description` are its server's, `shown_title` and `shown_description` stand instead of them;
    `renamed` stands instead of its name. `exposed` is its name at `/mcp`, `bare` that at `/mcp/{slug}`.
    `held_at` is set while a changed definition waits: it is neither offered nor called. `hidden` names the
    characters of what models read of it that nobody sees.
    """

    name: str
    title: str | None
    description: str
    input_schema: dict[str, JsonValue]
    output_schema: dict[str, JsonValue] | None
    annotations: dict[str, JsonValue]
    enabled: bool
    price_micros: int | None
    labels: list[Label]
    renamed: str | None
    shown_title: str | None
    shown_description: str | None
    exposed: str
    bare: str
    hidden: list[str]
    held_sha256: str | None
    held_at: datetime | None
    rejected_at: datetime | None


class ToolsView(BaseModel):
    """All tools of one server."""

    items: list[ToolView]


class ToolPatch(BaseModel):
    """What an admin chooses for a tool; what is left out stays. Null takes a choice back, a price too."""

    model_config = ConfigDict(strict=True, extra="forbid")

    enabled: bool | None = None
    price_micros: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    labels: Annotated[list[Label], Field(max_length=4)] | None = None
    renamed: Plain | None = None
    shown_title: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)] | None
    ) = None
    shown_description: (
        Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=16_384)] | None
    ) = None


class DefinitionSeen(BaseModel):
    """Which changed definition is approved or rejected: the one that was looked at."""

    model_config = ConfigDict(strict=True, extra="forbid")

    sha256: Sha256


class FieldChange(BaseModel):
    """One field of a definition before and after; hidden characters stand as `[U+200B ZERO WIDTH SPACE]`."""

    field: Literal[
        "name", "title", "description", "input_schema", "output_schema", "annotations", "meta", "icons"
    ]
    before: str | None
    after: str | None
    hidden: list[str]


class DefinitionView(BaseModel):
    """A changed definition beside the approved one, `before` and `after` as canonical JSON.

    `before` is null where none was ever approved. `sha256` names `after`, and is what a decision repeats.
    """

    tool: str
    before: str | None
    after: str
    before_sha256: str | None
    sha256: str
    held_at: datetime
    rejected_at: datetime | None
    changes: list[FieldChange]


class PromptView(BaseModel):
    """A prompt of a server. `exposed` is its name at `/mcp`."""

    name: str
    title: str | None
    description: str
    arguments: list[dict[str, JsonValue]]
    exposed: str


class PromptsView(BaseModel):
    """All prompts of one server."""

    items: list[PromptView]


class ResourceView(BaseModel):
    """A resource that a server lists."""

    uri: str
    name: str
    title: str | None
    description: str
    mime_type: str | None
    size: int | None


class TemplateView(BaseModel):
    """A family of resources: an RFC 6570 template."""

    uri_template: str
    name: str
    title: str | None
    description: str
    mime_type: str | None


class ResourcesView(BaseModel):
    """The resources and templates of one server."""

    items: list[ResourceView]
    templates: list[TemplateView]
