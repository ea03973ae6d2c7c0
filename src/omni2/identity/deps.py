"""Who may: the dependency that every route declares, and the checks behind it."""

from dataclasses import replace
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from omni2.identity.allowance import AllowanceSource
from omni2.identity.auth import Authenticator, not_signed_in
from omni2.identity.epochs import Mirror
from omni2.identity.oauth_clients import Clients
from omni2.identity.oauth_resource import Resource
from omni2.identity.origins import networks_of, origin_of
from omni2.identity.passwords import Passwords
from omni2.identity.principal import Door, Principal
from omni2.identity.roles import Permission
from omni2.identity.signin import Desk, Visitor
from omni2.identity.throttle import Throttle
from omni2.identity.tickets import find_ticket, redeem_ticket
from omni2.kernel.deps import DatabaseDep, SettingsDep, get_database
from omni2.kernel.errors import Problem

PERSON = "user_id"  # the key in a request's state that names whom its answer is for


def cookie_name(connection: HTTPConnection) -> str:
    """Return the session cookie's name: `__Host-` bound when the origin has TLS."""
    secure = connection.app.state.settings.origin.startswith("https://")
    return "__Host-omni2" if secure else "omni2"


def get_authenticator(connection: HTTPConnection) -> Authenticator:
    """Return the process's authenticator."""
    return cast("Authenticator", connection.app.state.authenticator)


def get_mirror(connection: HTTPConnection) -> Mirror:
    """Return the process's view of epochs and blocks."""
    return cast("Mirror", connection.app.state.mirror)


def get_passwords(connection: HTTPConnection) -> Passwords:
    """Return the pool that hashes passwords."""
    return cast("Passwords", connection.app.state.passwords)


def get_throttle(connection: HTTPConnection) -> Throttle:
    """Return the counter of failed sign-ins."""
    return cast("Throttle", connection.app.state.throttle)


def get_clients(connection: HTTPConnection) -> Clients:
    """Return the programs that people may connect."""
    return cast("Clients", connection.app.state.clients)


def get_resource(connection: HTTPConnection, settings: SettingsDep) -> Resource:
    """Return `/mcp` as a resource, as seen from the host that was asked."""
    return Resource.at(settings, connection.headers.get("host", ""))


AuthenticatorDep = Annotated[Authenticator, Depends(get_authenticator)]
MirrorDep = Annotated[Mirror, Depends(get_mirror)]
PasswordsDep = Annotated[Passwords, Depends(get_passwords)]
ClientsDep = Annotated[Clients, Depends(get_clients)]
ResourceDep = Annotated[Resource, Depends(get_resource)]
ThrottleDep = Annotated[Throttle, Depends(get_throttle)]


def get_desk(
    database: DatabaseDep,
    mirror: MirrorDep,
    passwords: PasswordsDep,
    throttle: ThrottleDep,
    settings: SettingsDep,
) -> Desk:
    """Return what signing in needs."""
    return Desk(database, mirror, passwords, throttle, settings.session_days)


def get_visitor(connection: HTTPConnection) -> Visitor:
    """Return the browser that asks, and where from."""
    return Visitor(connection.headers.get("user-agent", "")[:200], client_address(connection))


def get_allowance(connection: HTTPConnection) -> AllowanceSource:
    """Return the source that tells what is left of a person's credits."""
    return cast("AllowanceSource", connection.app.state.allowance)


DeskDep = Annotated[Desk, Depends(get_desk)]
VisitorDep = Annotated[Visitor, Depends(get_visitor)]
AllowanceDep = Annotated[AllowanceSource, Depends(get_allowance)]


async def authenticate(connection: HTTPConnection) -> Principal:
    """Return the principal of a bearer token or of the session cookie; raise `Problem` 401."""
    authenticator = get_authenticator(connection)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        principal = await authenticator.by_token(token.strip())
    elif cookie := connection.cookies.get(cookie_name(connection)):
        principal = await authenticator.by_session(cookie)
    else:
        raise not_signed_in()
    return _seen_by(connection, principal)


def _seen_by(connection: HTTPConnection, principal: Principal) -> Principal:
    client = connection.headers.get("user-agent", "")[:200]
    return replace(principal, client=client, address=client_address(connection))


def client_address(connection: HTTPConnection) -> str:
    """Return the address of the client: the peer's, or the one that a trusted proxy names."""
    peer = connection.client.host if connection.client else "unknown"
    trusted = networks_of(connection.app.state.settings.trusted_proxies)
    return origin_of(peer, connection.headers.getlist("x-forwarded-for"), trusted) if trusted else peer


def answer_is_for(request: Request, user_id: str) -> None:
    """Note whom the answer goes to: it leaves only while this person is not blocked."""
    setattr(request.state, PERSON, user_id)


class Require:
    """Lets a request pass whose principal carries `permission`, is not blocked and has the scope `door`."""

    def __init__(self, permission: Permission, door: Door = "api") -> None:
        self.permission: Permission = permission
        self.door: Door = door

    async def __call__(self, request: Request, mirror: MirrorDep) -> Principal:
        """Return the principal; raise `Problem` 401 or 403."""
        principal = await authenticate(request)
        await mirror.require_open(principal.user_id, "everywhere" if self.door == "api" else self.door)
        answer_is_for(request, principal.user_id)
        if self.door not in principal.scopes:
            name = "the API" if self.door == "api" else self.door
            detail = f"This token does not open {name}. Create one with scope {self.door}."
            raise Problem("insufficient_scope", 403, detail)
        if not principal.may(self.permission):
            raise Problem(
                "forbidden", 403, f"Your role ({principal.role}) may not do this. It needs {self.permission}."
            )
        return principal


def require(permission: Permission, door: Door = "api") -> Any:
    """Return the parameter default that guards a route with `permission` and the scope `door`."""
    return Depends(Require(permission, door))


async def authenticate_socket(socket: HTTPConnection) -> Principal:
    """Return the principal of a socket: by a ticket if it offers one, else as for a request."""
    ticket = find_ticket(socket.headers)
    if ticket is None or "authorization" in socket.headers:
        return await authenticate(socket)
    return _seen_by(socket, await redeem_ticket(get_database(socket), get_authenticator(socket), ticket))


def public() -> None:
    """Mark a route that anybody may call, as a dependency."""
