"""What the rest of omni2 sees of the outside: targets, catalogues, outcomes, model requests and events."""

import hashlib
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from pydantic import JsonValue

Transport = Literal["http", "sse", "stdio"]
Isolation = Literal["shared", "per_user"]
BreakerState = Literal["closed", "open", "half_open"]
SignIn = Literal["none", "shared", "per_user"]
Method = Literal["tools/call", "prompts/get", "resources/read", "completion/complete"]
CallStatus = Literal["ok", "tool_error", "upstream_error", "timeout", "cancelled"]
OnWire = Callable[[Literal["sent", "ignored"]], None]
CLIENT_INFO: dict[str, JsonValue] = {"name": "omni2", "version": "0.1.0"}
URL_QUESTION = "elicitation/create url"  # what a caller answers on a page of the server's, not by a form
Provider = Literal["openai", "anthropic", "google", "openai_compatible", "demo"]


@dataclass(frozen=True, slots=True)
class ServerTarget:
    """One MCP server as it is to be reached now; a change of `version` closes the sessions of the old one.

    With isolation `per_user` every `user_id` has sessions of its own. With a `sign_in` the pool adds what a
    person, or one for all, signed in for. Who has the same `key` shares sessions.
    """

    server_id: str
    slug: str
    title: str
    transport: Transport
    url: str | None
    command: tuple[str, ...]
    env: tuple[tuple[str, str], ...] = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    timeout_ms: int
    concurrency: int
    version: int
    allow_private: bool
    builtin: bool
    isolation: Isolation = "shared"
    user_id: str | None = None
    sign_in: SignIn = "none"
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        owner = self.user_id if self.isolation == "per_user" else None
        shown = repr((self.headers, self.env, owner)).encode()
        object.__setattr__(self, "key", hashlib.sha256(shown).hexdigest())


@dataclass(frozen=True, slots=True)
class UpstreamTool:
    """A tool as its server describes it; `meta` is its `_meta`."""

    name: str
    title: str | None
    description: str
    input_schema: dict[str, JsonValue]
    annotations: dict[str, JsonValue]
    output_schema: dict[str, JsonValue] | None = None
    meta: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    icons: tuple[dict[str, JsonValue], ...] = ()


@dataclass(frozen=True, slots=True)
class UpstreamPrompt:
    """A prompt as its server describes it; `arguments` are `{name, title?, description?, required?}`."""

    name: str
    title: str | None = None
    description: str = ""
    arguments: tuple[dict[str, JsonValue], ...] = ()
    meta: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class UpstreamResource:
    """A resource as its server lists it."""

    uri: str
    name: str
    title: str | None = None
    description: str = ""
    mime_type: str | None = None
    size: int | None = None
    annotations: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    meta: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class UpstreamTemplate:
    """A family of resources: an RFC 6570 template."""

    uri_template: str
    name: str
    title: str | None = None
    description: str = ""
    mime_type: str | None = None
    annotations: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    meta: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything one server offers: all pages of its lists, the protocol revision, its name, what it can do.

    A server that lacks a capability has an empty list of it.
    """

    tools: tuple[UpstreamTool, ...]
    revision: str
    server_name: str
    server_version: str
    latency_ms: float
    prompts: tuple[UpstreamPrompt, ...] = ()
    resources: tuple[UpstreamResource, ...] = ()
    templates: tuple[UpstreamTemplate, ...] = ()
    capabilities: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    instructions: str | None = None


@dataclass(slots=True)
class CallOutcome:
    """What came of one request: MCP content blocks, and the same flattened to text for a model.

    `result` is the whole result as the server gave it; `code` and `data` those of the JSON-RPC error that
    came instead, the data only while it is small. `http_status` is that of an answer which refused the
    request before it was read, and `wanted_scopes` what it said the sign-in lacks. `required` are the
    capabilities of the caller that the server said it cannot do without.
    """

    status: CallStatus
    content: tuple[dict[str, JsonValue], ...]
    structured: dict[str, JsonValue] | None
    text: str
    size_bytes: int
    error: str | None
    result: dict[str, JsonValue] | None = None
    code: int | None = None
    data: JsonValue = None
    http_status: int | None = None
    required: tuple[str, ...] = ()
    wanted_scopes: tuple[str, ...] = ()


@dataclass(slots=True)
class UpstreamCall:
    """One request to a server in its authorised form.

    `params` hold name and arguments, a uri, or ref, argument and context. `meta` is what of the client's
    `_meta` goes along (traceparent, tracestate, baggage), never a credential. `schema` is that of a tool's
    arguments with its digest: it may ask for headers that repeat some of them.
    """

    method: Method
    params: dict[str, JsonValue]
    meta: dict[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    schema: tuple[str, dict[str, JsonValue]] | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """What a request goes on with that another process began: answers, and the state of the server."""

    answers: dict[str, JsonValue]
    state: JsonValue


class CallerLink(Protocol):
    """What a server may send back to the very caller while its request runs."""

    def supports(self, method: str) -> bool:
        """Whether the caller answers `sampling/createMessage`, `elicitation/create` by a form, `roots/list`,
        or `URL_QUESTION`."""
        ...

    async def progress(self, params: dict[str, JsonValue]) -> None:
        """Hand on progress, without its token."""
        ...

    async def log(self, params: dict[str, JsonValue]) -> None:
        """Hand on the params of a `notifications/message`."""
        ...

    @property
    def resumed(self) -> Resumed | None:
        """What the request goes on with, None for one that begins."""
        ...

    async def ask(
        self, requests: Mapping[str, dict[str, JsonValue]], state: JsonValue = None
    ) -> Mapping[str, JsonValue]:
        """Put requests, `{key: {method, params}}`, to the caller; return the results by the same keys.

        With a `state` the server keeps nothing itself: any process may go on by handing it back.
        Raises `Problem` when the caller declined, does not support it, or did not answer in time.
        """
        ...


class McpPool(Protocol):
    """Kept MCP sessions, one for each (server, version), shared by any number of callers at once."""

    def request(
        self,
        target: ServerTarget,
        call: UpstreamCall,
        link: CallerLink | None = None,
        timeout_ms: int | None = None,
        on_wire: OnWire | None = None,
    ) -> Coroutine[Any, Any, CallOutcome]:
        """Make any request. A server's fault is an outcome, never raised; a cancellation is passed on.

        `on_wire` hears `sent` at the moment when the request is handed to the wire, before any other task
        runs, and `ignored` when the server provably did not act on it; the same again for a second try. What
        the server sends or asks meanwhile goes to `link`. Progress prolongs the timeout up to a hard maximum,
        and the time that `link` takes does not count.
        """
        ...

    async def subscribe(self, target: ServerTarget, uri: str, on_updated: Callable[[str], None]) -> None:
        """Call `on_updated(uri)` when a resource changes, also over sessions that come after this one.

        Raises `Problem` when the server cannot be told.
        """
        ...

    async def unsubscribe(self, target: ServerTarget, uri: str, on_updated: Callable[[str], None]) -> None:
        """Call it no more. Raises `Problem` when the server cannot be told, which changes nothing."""
        ...

    async def set_level(self, target: ServerTarget, level: str) -> None:
        """Choose how much a server logs, where it has sessions and logs. Raises `Problem`."""
        ...

    def breaker_state(self, server_id: str) -> BreakerState:
        """Whether calls are let through: all (closed), none for a while (open), or one (half_open)."""
        ...

    async def list_tools(self, target: ServerTarget) -> Catalogue:
        """All tools. Raises `Problem`: server_unreachable, server_timeout, server_not_mcp, server_refused,
        server_auth_failed, server_invalid, command_not_allowed, url_refused."""
        ...

    async def probe(self, target: ServerTarget) -> Catalogue:
        """Like `list_tools`, over a fresh session that is closed again; the wait is bounded."""
        ...

    async def drop(self, server_id: str) -> None:
        """Close every session of this server; calls in flight end as upstream errors."""
        ...

    async def release(self, target: ServerTarget) -> None:
        """Close the session of these very credentials, unless it is in use: nobody asks for it again."""
        ...

    def stderr_tail(self, server_id: str) -> str:
        """The last lines that a stdio server wrote to its standard error, or an empty string."""
        ...

    async def aclose(self) -> None:
        """Close everything; returns when no task and no process is left."""
        ...


@dataclass(frozen=True, slots=True)
class ModelTarget:
    """One model as it is to be reached now."""

    provider: Provider
    model: str
    base_url: str | None
    api_key: str | None = field(repr=False)
    timeout_ms: int


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as it is offered to a model; `name` is `slug__tool`."""

    name: str
    title: str | None
    description: str
    input_schema: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class TextDelta:
    """A piece of the model's answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolWish:
    """The model wants a tool called; `invalid` says why its arguments, then empty, could not be read."""

    call_id: str
    name: str
    arguments: dict[str, JsonValue]
    invalid: str | None = None


@dataclass(frozen=True, slots=True)
class ModelUsage:
    """Tokens of one model call; `estimated` when the provider did not say."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    estimated: bool


@dataclass(frozen=True, slots=True)
class ModelDone:
    """The last event of every stream that did not fail."""

    finish_reason: str
    usage: ModelUsage
    first_token_ms: float | None


ModelEvent = TextDelta | ToolWish | ModelDone


@dataclass(frozen=True, slots=True)
class UserMessage:
    """What the user said."""

    text: str


@dataclass(frozen=True, slots=True)
class AssistantMessage:
    """What the model said and which calls it asked for."""

    text: str
    tool_calls: tuple[ToolWish, ...]


@dataclass(frozen=True, slots=True)
class ToolMessage:
    """What one asked-for call gave; `call_id` is that of its `ToolWish`."""

    call_id: str
    name: str
    text: str
    is_error: bool


Message = UserMessage | AssistantMessage | ToolMessage


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One model call: the conversation so far and the tools on offer."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    system: str | None
    max_output_tokens: int


class ModelPort(Protocol):
    """A source of model answers."""

    def stream(self, target: ModelTarget, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """An async generator of events, `ModelDone` the last; closing it ends the upstream request at once.

        Raises `Problem`: model_unreachable, model_timeout, model_auth_failed, model_rate_limited,
        model_refused, model_failed. No detail holds a secret or a raw body.
        """
        ...
