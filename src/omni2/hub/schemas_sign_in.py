"""The shapes of sign-ins at servers on the wire. Secrets only ever go in; tokens do neither."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

SignInMode = Literal["none", "shared", "per_user"]
ConnectionState = Literal["needed", "connected", "ended", "failed"]
ClientKind = Literal["given", "document", "registered", "unknown"]
ClientId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=512)]
ClientSecret = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Scopes = Annotated[
    str, StringConstraints(strip_whitespace=True, pattern=r"^[\x21\x23-\x5b\x5d-\x7e ]*$", max_length=2_000)
]


class SignInPut(BaseModel):
    """Who signs in, and as which client. Without a client id omni2 introduces itself.

    A secret that is left out stays while the client id does; `scopes` replace what the server asks for.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    mode: SignInMode
    client_id: ClientId | None = None
    client_secret: ClientSecret | None = None
    scopes: Scopes | None = None


class ConnectionView(BaseModel):
    """How a sign-in stands: of the person who asks, or the shared one. `detail` says what is wrong."""

    server_id: str
    slug: str
    title: str
    sign_in: SignInMode
    state: ConnectionState
    since: datetime | None
    connected_by: str | None
    expires_at: datetime | None
    scopes: str | None
    detail: str | None
    may_connect: bool


class ConnectionsView(BaseModel):
    """The sign-ins that concern a person."""

    items: list[ConnectionView]


class SignInView(BaseModel):
    """How people sign in to a server. `redirect_uri` is what an administrator registers there."""

    mode: SignInMode
    client_kind: ClientKind
    client_id: str | None
    has_secret: bool
    issuer: str | None
    scopes: str | None
    redirect_uri: str
    connected_people: int
    connection: ConnectionView


class ConnectWish(BaseModel):
    """From where a person begins, and so where the browser comes back to."""

    model_config = ConfigDict(strict=True, extra="forbid")

    page: Literal["tools", "server"] = "tools"


class AuthorizationView(BaseModel):
    """Where to send the browser."""

    authorization_url: str
