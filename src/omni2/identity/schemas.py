"""What goes in and out of the routes of who: people, sessions, links, tokens."""

import re
from datetime import datetime
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from omni2.identity.models import AccessToken, Block, User, UserSession
from omni2.identity.roles import ROLES, Permission, Role

Status = Literal["active", "invited", "deactivated"]
Scope = Literal["chat", "mcp", "api"]
BlockScope = Literal["everywhere", "chat", "mcp"]
Purpose = Literal["first_admin", "invite", "reset"]
STATUSES: tuple[Status, ...] = ("active", "invited", "deactivated")
SCOPES: tuple[Scope, ...] = ("chat", "mcp", "api")
BLOCK_SCOPES: tuple[BlockScope, ...] = ("everywhere", "chat", "mcp")
PURPOSES: tuple[Purpose, ...] = ("first_admin", "invite", "reset")
V = TypeVar("V", bound=str)
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f.]+(\.[^@\s\x00-\x1f\x7f.]+)*")


def normalise_email(text: str) -> str:
    """Return an e-mail address as stored: trimmed, in lower case; raise `ValueError` for what is none."""
    email = text.strip().lower()
    if len(email) > 254 or not _EMAIL.fullmatch(email):
        raise ValueError("This is not an e-mail address.")
    return email


def normalise_name(text: str) -> str:
    """Return a name without space around it or control characters in it; raise `ValueError` if empty."""
    name = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not name:
        raise ValueError("A name has at least one letter.")
    return name


Email = Annotated[str, Field(max_length=320), AfterValidator(normalise_email)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(normalise_name)]
Password = Annotated[str, Field(min_length=1, max_length=1024)]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
LinkToken = Annotated[str, Field(min_length=1, max_length=128)]


class Body(BaseModel):
    """A request body: strict, and nothing in it that the schema does not name."""

    model_config = ConfigDict(strict=True, extra="forbid")


class BlockView(BaseModel):
    """A block, current or past. `reason` is internal and empty where its subject looks."""

    block_id: str
    scope: BlockScope
    reason: str
    message: str
    since: datetime
    by: str
    until: datetime | None
    lifted_at: datetime | None
    lifted_by: str | None


class UserView(BaseModel):
    """A person."""

    user_id: str
    email: str
    name: str
    role: Role
    status: Status
    blocked: BlockView | None
    created_at: datetime
    last_seen_at: datetime | None


class UserCreate(Body):
    """A person to invite."""

    email: Email
    name: Name | None = None
    role: Role = "member"


class UserPatch(Body):
    """What to change of a person; what is left out stays."""

    name: Name | None = None
    role: Role | None = None
    status: Literal["active", "deactivated"] | None = None


class LinkCreated(BaseModel):
    """A one-time link, shown once; and, of a password reset, what ended with it: tokens by their names."""

    link: str
    expires_at: datetime
    sessions_ended: int = 0
    tokens_revoked: list[str] = Field(default_factory=list[str])


class UserCreated(LinkCreated):
    """The person and the link of the invitation."""

    user: UserView


class AuthState(BaseModel):
    """What the sign-in page has to know."""

    setup_required: bool
    signed_in: bool
    version: str
    demo: bool


class LinkInspect(Body):
    """The token of a one-time link."""

    token: LinkToken


class LinkView(BaseModel):
    """What a one-time link is for."""

    purpose: Purpose
    email: str | None
    name: str | None
    expires_at: datetime


class LinkRedeem(Body):
    """A one-time link used. The first administrator gives an e-mail address too."""

    token: LinkToken
    password: Password
    email: Email | None = None
    name: Name | None = None


class Login(Body):
    """E-mail address and password. The address is compared, not judged."""

    email: Annotated[str, Field(max_length=320)]
    password: Password


class PasswordChange(Body):
    """The password as it is and as it shall be."""

    current: Password
    new: Password


class Me(BaseModel):
    """Who is signed in, what the role allows, and what is left of today's credits (micro-USD)."""

    user: UserView
    role: Role
    permissions: list[Permission]
    credit_micros: int
    remaining_micros: int | None
    limit_micros: int | None
    resets_at: datetime | None
    time_zone: str


class SessionView(BaseModel):
    """A browser that is signed in."""

    session_id: str
    created_at: datetime
    last_seen_at: datetime
    client: str
    address: str
    current: bool


class SessionList(BaseModel):
    """All browsers of one person."""

    items: list[SessionView]


class TokenView(BaseModel):
    """An access token, without its secret."""

    token_id: str
    name: str
    scopes: list[Scope]
    servers: list[str] | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class TokenList(BaseModel):
    """All access tokens of one person."""

    items: list[TokenView]


class TokenCreate(Body):
    """An access token to make. `scopes` are the doors that it opens; without days it does not expire.

    `servers` are the slugs that it is limited to; without them it opens what its owner may use. That of a
    virtual server opens its address, `/mcp/{slug}`, and nothing elsewhere.
    """

    name: Annotated[str, Field(min_length=1, max_length=100), AfterValidator(normalise_name)]
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    expires_in_days: Annotated[int, Field(ge=1, le=3650)] | None = None
    servers: Annotated[list[Slug], Field(min_length=1, max_length=100)] | None = None


class TicketCreated(BaseModel):
    """A ticket for one socket, shown once. Offer the subprotocols `omni2.chat` and `omni2.ticket.TICKET`."""

    ticket: str
    expires_at: datetime


class TokenCreated(BaseModel):
    """The token and its secret, shown once."""

    token: TokenView
    secret: str


def user_view(user: User, block: Block | None) -> UserView:
    """Return a person as shown to those who may read people; `block` is the one that stands."""
    return UserView(
        user_id=user.user_id,
        email=user.email,
        name=user.name,
        role=_one_of(ROLES, user.role),
        status=_one_of(STATUSES, user.status),
        blocked=None if block is None else block_view(block),
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
    )


def own_view(user: User, block: Block | None) -> UserView:
    """Return a person as shown to that person: the internal reason of a block stays out."""
    view = user_view(user, block)
    if view.blocked is None:
        return view
    return view.model_copy(update={"blocked": view.blocked.model_copy(update={"reason": ""})})


def block_view(block: Block) -> BlockView:
    """Return a block as shown to those who may read people."""
    return BlockView(
        block_id=block.block_id,
        scope=_one_of(BLOCK_SCOPES, block.scope),
        reason=block.reason,
        message=block.message,
        since=block.since,
        by=block.blocked_by,
        until=block.until,
        lifted_at=block.lifted_at,
        lifted_by=block.lifted_by,
    )


def session_view(held: UserSession, current: str) -> SessionView:
    """Return a session; `current` is the hash of the one that asks."""
    return SessionView(
        session_id=held.session_id,
        created_at=held.created_at,
        last_seen_at=held.last_seen_at,
        client=held.client,
        address=held.address,
        current=held.session_hash == current,
    )


def limit_of(token: AccessToken) -> list[str] | None:
    """Return the slugs that a token is limited to, or None."""
    return [str(slug) for slug in token.servers] if isinstance(token.servers, list) else None


def token_view(token: AccessToken) -> TokenView:
    """Return a token without its secret."""
    held = token.scopes if isinstance(token.scopes, list) else []
    return TokenView(
        token_id=token.token_id,
        name=token.name,
        scopes=[scope for scope in SCOPES if scope in held],
        servers=limit_of(token),
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
    )


def _one_of(known: tuple[V, ...], stored: str) -> V:
    return next(value for value in known if value == stored)
