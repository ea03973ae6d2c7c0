"""The principal: what any credential turns into, frozen."""

from dataclasses import dataclass
from typing import Literal

from omni2.identity.roles import Permission, permissions_of
from omni2.kernel.journal import Actor

Method = Literal["session", "token", "oauth"]
Door = Literal["chat", "mcp", "api"]


@dataclass(frozen=True, slots=True)
class Principal:
    """A user as seen by one credential. `scopes` are the doors that the credential opens.

    `servers` are the slugs that it is limited to at `/mcp`; None is no limit of its own. One of a virtual
    server opens that server's address alone: `at` is the slug by whose address somebody came. `consent_id`
    is that of a connected program, the same for all of its tokens.
    """

    user_id: str
    email: str
    name: str
    role: str
    method: Method
    credential_id: str
    token_name: str | None = None
    scopes: frozenset[str] = frozenset({"chat", "mcp", "api"})
    client: str | None = None
    address: str | None = None
    servers: frozenset[str] | None = None
    consent_id: str | None = None
    at: str | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the role allows."""
        return permissions_of(self.role)

    def may(self, permission: Permission) -> bool:
        """Whether the role carries `permission`."""
        return permission in self.permissions

    @property
    def actor(self) -> Actor:
        """The same person for the journal."""
        return Actor(self.user_id, self.email)
