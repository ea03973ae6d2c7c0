"""The shapes of models on the wire. Keys only ever go in."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from omni2.hub.schemas import Secret, Title

Provider = Literal["openai", "anthropic", "google", "openai_compatible", "demo"]
RealProvider = Literal["openai", "anthropic", "google", "openai_compatible"]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Url = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Micros = Annotated[int, Field(ge=0, le=1_000_000_000_000)]


class ModelTest(BaseModel):
    """A model to be asked for one word."""

    model_config = ConfigDict(strict=True, extra="forbid")

    provider: RealProvider
    name: Name
    base_url: Url | None = None
    key: Secret | None = None


class ModelCreate(ModelTest):
    """A model to be added. Without a key, that of the same provider is used."""

    title: Title | None = None
    default: bool | None = None
    max_output_tokens: Annotated[int, Field(ge=16, le=1_000_000)] | None = None


class PriceSet(BaseModel):
    """A price in micro-USD."""

    model_config = ConfigDict(strict=True, extra="forbid")

    input_micros_per_mtok: Micros
    output_micros_per_mtok: Micros
    per_message_micros: Micros = 0


class ModelPatch(BaseModel):
    """What may change; what is left out stays. `price: null` goes back to the listed price."""

    model_config = ConfigDict(strict=True, extra="forbid")

    title: Title | None = None
    is_default: bool | None = None
    enabled: bool | None = None
    key: Secret | None = None
    price: PriceSet | None = None


class KeyView(BaseModel):
    """Where the key comes from; never the key."""

    source: Literal["stored", "environment", "none"]
    set_at: datetime | None
    set_by: str | None


class PriceView(BaseModel):
    """What a model costs; a model without one is unpriced, not free."""

    input_micros_per_mtok: int
    output_micros_per_mtok: int
    per_message_micros: int
    source: Literal["demo", "list", "set", "unpriced"]


class ModelView(BaseModel):
    """A model as it is shown."""

    model_id: str
    provider: Provider
    provider_title: str
    name: str
    title: str
    is_default: bool
    demo: bool
    enabled: bool
    base_url: str | None
    key: KeyView
    price: PriceView | None
    max_output_tokens: int | None


class ModelTestView(BaseModel):
    """How long a model took for one word, or the code and the words of why there was none."""

    ok: bool
    latency_ms: int | None = None
    code: str | None = None
    detail: str | None = None
