"""One request of a client, understood and authorised so far: what every handler works with."""

from dataclasses import dataclass

from starlette.types import Receive

from omni2.gateway.outlet import Outlet
from omni2.gateway.request import CAPABILITIES_KEY, CLIENT_KEY, Incoming, client_words
from omni2.gateway.sessions import Session, binding_of
from omni2.gateway.wire import INVALID_PARAMS, MODERN, Fault, Id, Message, Object
from omni2.identity.principal import Principal
from omni2.live.registry import Handle


@dataclass(slots=True)
class Ask:
    """A message, who sent it, by which revision, in which session (older revisions), and the way out."""

    head: Incoming
    message: Message
    revision: str
    principal: Principal
    outlet: Outlet
    receive: Receive
    session: Session | None = None
    handle: Handle | None = None

    @property
    def id(self) -> Id:
        """The id of a request."""
        assert self.message.id is not None  # noqa: S101
        return self.message.id

    @property
    def slug(self) -> str:
        """The address: the slug of `/mcp/{slug}`, empty at `/mcp`."""
        return self.head.slug

    @property
    def modern(self) -> bool:
        """Whether the revision has no sessions."""
        return self.revision == MODERN

    @property
    def params(self) -> Object:
        """The params of the message."""
        return self.message.params

    @property
    def client(self) -> str | None:
        """Name, version and revision of the client program."""
        if self.session is not None:
            return self.session.client
        return client_words(self.message.meta.get(CLIENT_KEY), self.revision)

    @property
    def capabilities(self) -> Object:
        """What the client can do."""
        if self.session is not None:
            return self.session.capabilities
        found = self.message.meta.get(CAPABILITIES_KEY)
        return found if isinstance(found, dict) else {}

    @property
    def who(self) -> tuple[str, str]:
        """User and credential, as sessions and states are bound to them."""
        return self.principal.user_id, binding_of(self.principal)

    def text(self, name: str, limit: int = 2_048) -> str:
        """Return a param that must be a string; raise `Fault`."""
        value = self.params.get(name)
        if not isinstance(value, str) or not value or len(value) > limit:
            raise Fault(INVALID_PARAMS, f"params.{name} must be a string of 1 to {limit:,} characters.")
        return value

    def object(self, name: str) -> Object:
        """Return a param that is an object, empty where it is left out; raise `Fault`."""
        value = self.params.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise Fault(INVALID_PARAMS, f"params.{name} must be an object.")
        return value
