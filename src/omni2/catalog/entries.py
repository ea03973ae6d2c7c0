"""The frozen entries of the catalogue, as everything above reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from pydantic import JsonValue

from omni2.catalog.price import Price

Transport = Literal["http", "stdio"]
ServerState = Literal["connected", "connecting", "down", "disabled"]
ProviderKind = Literal["openai", "anthropic", "google", "openai_compatible", "demo"]
KeySource = Literal["stored", "environment", "none"]


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """A pinned tool. `price_micros` is what one call costs, None for nothing."""

    server_id: str
    name: str
    title: str | None
    description: str
    input_schema: dict[str, JsonValue]
    annotations: dict[str, JsonValue]
    enabled: bool
    price_micros: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class ServerEntry:
    """An MCP server with its tools by name. `version` moves when the way to reach it does."""

    server_id: str
    slug: str
    title: str
    transport: Transport
    url: str | None
    command: tuple[str, ...]
    timeout_ms: int
    concurrency: int
    enabled: bool
    demo: bool
    state: ServerState
    reason: str | None
    version: int
    sealed_headers: str | None = field(repr=False)
    sealed_env: str | None = field(repr=False)
    allow_private: bool
    tools: Mapping[str, ToolEntry] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model and how it is reached. `env_key` names the variable that holds the key, if one does."""

    model_id: str
    provider_id: str
    provider: ProviderKind
    provider_title: str
    name: str
    title: str
    is_default: bool
    enabled: bool
    demo: bool
    base_url: str | None
    sealed_key: str | None = field(repr=False)
    key_source: KeySource
    env_key: str | None
    max_output_tokens: int | None
    price: Price | None


@dataclass(frozen=True, slots=True)
class CatalogSnapshot:
    """Everything that exists at one count of the catalogue's epoch: servers by slug, models by id."""

    version: int
    servers: Mapping[str, ServerEntry]
    models: Mapping[str, ModelEntry]

    @property
    def tools(self) -> tuple[tuple[ServerEntry, ToolEntry], ...]:
        """Every tool beside its server, in order."""
        return tuple((server, tool) for server in self.servers.values() for tool in server.tools.values())

    def find_server(self, server_id: str) -> ServerEntry | None:
        """Return the server with this id."""
        return next((server for server in self.servers.values() if server.server_id == server_id), None)

    def default_model(self) -> ModelEntry | None:
        """Return the model for those who choose none: the default, else a real one, else any enabled."""
        enabled = [model for model in self.models.values() if model.enabled]
        return min(enabled, key=lambda model: (not model.is_default, model.demo), default=None)


EMPTY: CatalogSnapshot = CatalogSnapshot(-1, MappingProxyType({}), MappingProxyType({}))
