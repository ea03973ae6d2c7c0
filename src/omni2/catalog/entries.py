"""The frozen entries of the catalogue, as everything above reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Literal, NamedTuple

from pydantic import JsonValue

from omni2.catalog.names import Named, bare_names, exposed_names
from omni2.catalog.price import Price

Transport = Literal["http", "sse", "stdio"]
ServerState = Literal["connected", "connecting", "sign_in_needed", "down", "disabled"]
AWAY: frozenset[str] = frozenset({"sign_in_needed", "down"})
ProviderKind = Literal["openai", "anthropic", "google", "openai_compatible", "demo"]
KeySource = Literal["stored", "environment", "none"]
Isolation = Literal["shared", "per_user"]
SignIn = Literal["none", "shared", "per_user"]
NewTools = Literal["allow", "hold"]
Label = Literal["reads_private", "reads_untrusted", "writes_external", "destructive"]
Object = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class ToolEntry:
    """A pinned tool. `price_micros` is what one call costs, None for nothing.

    `title` and `description` are the server's, `own_title` and `own_description` an administrator's instead
    of them; `renamed` is what it is exposed as instead of its name. A `held` tool has a changed definition
    that waits for approval: it is neither offered nor called.
    """

    server_id: str
    name: str
    title: str | None
    description: str
    input_schema: Object
    annotations: Object
    enabled: bool
    price_micros: int | None
    sha256: str
    output_schema: Object | None = None
    meta: Object = field(default_factory=dict[str, JsonValue])
    icons: tuple[Object, ...] = ()
    own_title: str | None = None
    own_description: str | None = None
    renamed: str | None = None
    labels: frozenset[Label] = frozenset()
    held: bool = False

    @property
    def shown_title(self) -> str | None:
        """What people read."""
        return self.own_title or self.title

    @property
    def shown_description(self) -> str:
        """What models read."""
        return self.own_description or self.description


@dataclass(frozen=True, slots=True)
class PromptEntry:
    """A prompt of a server; `arguments` as the server lists them."""

    server_id: str
    name: str
    title: str | None = None
    description: str = ""
    arguments: tuple[Object, ...] = ()
    meta: Object = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """A resource that a server lists."""

    server_id: str
    uri: str
    name: str
    title: str | None = None
    description: str = ""
    mime_type: str | None = None
    size: int | None = None
    annotations: Object = field(default_factory=dict[str, JsonValue])
    meta: Object = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class TemplateEntry:
    """A family of resources: an RFC 6570 template."""

    server_id: str
    uri_template: str
    name: str
    title: str | None = None
    description: str = ""
    mime_type: str | None = None
    annotations: Object = field(default_factory=dict[str, JsonValue])
    meta: Object = field(default_factory=dict[str, JsonValue])


def _no_prompts() -> Mapping[str, PromptEntry]:
    return MappingProxyType({})


def _no_resources() -> Mapping[str, ResourceEntry]:
    return MappingProxyType({})


def _no_templates() -> Mapping[str, TemplateEntry]:
    return MappingProxyType({})


@dataclass(frozen=True)
class ServerEntry:
    """An MCP server with its tools by name. `version` moves when the way to reach it does.

    Prompts are by name, resources by URI, templates by themselves. `stale`: the server is away, and this is
    the last catalogue that it gave.
    """

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
    prompts: Mapping[str, PromptEntry] = field(default_factory=_no_prompts, repr=False)
    resources: Mapping[str, ResourceEntry] = field(default_factory=_no_resources, repr=False)
    templates: Mapping[str, TemplateEntry] = field(default_factory=_no_templates, repr=False)
    capabilities: Object = field(default_factory=dict[str, JsonValue], repr=False)
    instructions: str | None = field(default=None, repr=False)
    revision: str | None = None
    stale: bool = False
    isolation: Isolation = "shared"
    sign_in: SignIn = "none"
    new_tools: NewTools = "allow"

    @cached_property
    def by_bare(self) -> Mapping[str, str]:
        """Tools: name at `/mcp/{slug}` -> own name."""
        return bare_names(self.named_tools)

    @cached_property
    def bare_of(self) -> Mapping[str, str]:
        """Tools: own name -> name at `/mcp/{slug}`."""
        return MappingProxyType({own: name for name, own in self.by_bare.items()})

    @cached_property
    def prompts_by_bare(self) -> Mapping[str, str]:
        """Prompts: name at `/mcp/{slug}` -> own name."""
        return bare_names(self.named_prompts)

    @cached_property
    def prompt_bare_of(self) -> Mapping[str, str]:
        """Prompts: own name -> name at `/mcp/{slug}`."""
        return MappingProxyType({own: name for name, own in self.prompts_by_bare.items()})

    @property
    def named_tools(self) -> Iterable[Named]:
        """What its tools are called."""
        return (Named(self.slug, tool.name, tool.renamed) for tool in self.tools.values())

    @property
    def named_prompts(self) -> Iterable[Named]:
        """What its prompts are called."""
        return (Named(self.slug, name) for name in self.prompts)


class VirtualTool(NamedTuple):
    """A tool of a real server under a name of a virtual one."""

    slug: str
    tool: str
    bare_name: str


@dataclass(frozen=True)
class VirtualServer:
    """Tools of several servers at one address. Access is decided on each real (server, tool)."""

    server_id: str
    slug: str
    title: str
    description: str
    enabled: bool
    tools: tuple[VirtualTool, ...]

    @cached_property
    def by_bare(self) -> Mapping[str, tuple[str, str]]:
        """Name at `/mcp/{slug}` -> (slug of the real server, own name)."""
        return MappingProxyType({tool.bare_name: (tool.slug, tool.tool) for tool in self.tools})


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


def _no_virtual() -> Mapping[str, VirtualServer]:
    return MappingProxyType({})


@dataclass(frozen=True)
class CatalogSnapshot:
    """Everything that exists at one count of the catalogue's epoch: servers by slug, models by id."""

    version: int
    servers: Mapping[str, ServerEntry]
    models: Mapping[str, ModelEntry]
    virtual: Mapping[str, VirtualServer] = field(default_factory=_no_virtual)

    @cached_property
    def by_exposed(self) -> Mapping[str, tuple[str, str]]:
        """Tools: name at `/mcp` -> (slug, own name)."""
        return exposed_names(named for server in self.servers.values() for named in server.named_tools)

    @cached_property
    def exposed_of(self) -> Mapping[tuple[str, str], str]:
        """Tools: (slug, own name) -> name at `/mcp`."""
        return MappingProxyType({thing: name for name, thing in self.by_exposed.items()})

    @cached_property
    def prompts_by_exposed(self) -> Mapping[str, tuple[str, str]]:
        """Prompts: name at `/mcp` -> (slug, own name)."""
        return exposed_names(named for server in self.servers.values() for named in server.named_prompts)

    @cached_property
    def prompt_exposed_of(self) -> Mapping[tuple[str, str], str]:
        """Prompts: (slug, own name) -> name at `/mcp`."""
        return MappingProxyType({thing: name for name, thing in self.prompts_by_exposed.items()})

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
