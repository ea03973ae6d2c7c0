"""The shapes of the prompts, resources and templates that a person may use, on the wire."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omni2.kernel.page import MAX_LIMIT
from omni2.kernel.search import Words

Cursor = Annotated[str, StringConstraints(max_length=16_384)]  # holds a whole URI
OfferKind = Literal["prompt", "resource", "template"]


class OfferQuery(BaseModel):
    """Which are wanted: every word of `q` is part of what is said of one, or of its server's name."""

    model_config = ConfigDict(extra="forbid")

    q: Words = ""


class OfferFilter(OfferQuery):
    """The same of one kind at one server, page by page."""

    limit: int = Field(default=100, ge=1, le=MAX_LIMIT)
    after: Cursor | None = None


class OfferedArgument(BaseModel):
    """What a prompt asks for."""

    name: str
    description: str | None
    required: bool


class OfferedPrompt(BaseModel):
    """A prompt under its own name."""

    kind: Literal["prompt"] = "prompt"
    name: str
    title: str | None
    description: str
    arguments: list[OfferedArgument]


class OfferedResource(BaseModel):
    """A resource that its server lists."""

    kind: Literal["resource"] = "resource"
    uri: str
    name: str
    title: str | None
    description: str
    mime_type: str | None
    size: int | None


class OfferedTemplate(BaseModel):
    """A family of resources, of which some may be read."""

    kind: Literal["template"] = "template"
    uri_template: str
    name: str
    title: str | None
    description: str
    mime_type: str | None


Offered = Annotated[OfferedPrompt | OfferedResource | OfferedTemplate, Field(discriminator="kind")]


class OffersOfKind(BaseModel):
    """The first of a kind at one server, and how many there are."""

    kind: OfferKind
    total: int
    first: list[Offered]


class ServerOffers(BaseModel):
    """What one server offers beside tools; only kinds of which there is any."""

    server_id: str
    slug: str
    kinds: list[OffersOfKind]


class OffersView(BaseModel):
    """The servers that offer a person more than tools."""

    servers: list[ServerOffers]
