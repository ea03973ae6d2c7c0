"""Sign-ins as they are shown: to the person whose they are, and to who looks after the server."""

from collections.abc import Iterable
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.access.compiled import Access
from omni2.catalog.models import Server
from omni2.catalog.servers import get_server
from omni2.catalog.sign_in_models import SHARED, ServerCredential, ServerSignIn
from omni2.hub.schemas_sign_in import (
    ClientKind,
    ConnectionState,
    ConnectionsView,
    ConnectionView,
    SignInMode,
    SignInView,
)
from omni2.hub.sign_in_store import find_credential
from omni2.identity.principal import Principal
from omni2.kernel.errors import Problem, not_found


async def own_server(session: AsyncSession, access: Access, principal: Principal, server_id: str) -> Server:
    """Return the server that a person may sign in to or out of; raise `Problem` 403, 404 or 409.

    The account that all share is an administrator's to choose; their own is everybody's who uses the server.
    """
    row = await get_server(session, server_id)
    manages = principal.may("servers.manage")
    if not manages and not _is_granted(access, row.slug):
        raise not_found("server")
    if row.sign_in == "none":
        raise Problem("no_sign_in", 409, f"{row.title} takes no sign-in.")
    if row.sign_in == "shared" and not manages:
        detail = f"{row.title} is used with one account for all. An administrator signs in."
        raise Problem("forbidden", 403, detail)
    return row


def owner_of(row: Server, principal: Principal) -> str:
    """Return whose credential a server is used with by this person."""
    return SHARED if row.sign_in == "shared" else principal.user_id


async def view_connection(session: AsyncSession, row: Server, principal: Principal) -> ConnectionView:
    """Return how the sign-in of a person at a server stands."""
    credential = await find_credential(session, row.server_id, owner_of(row, principal))
    return connection_view(row, credential, principal)


async def list_connections(session: AsyncSession, access: Access, principal: Principal) -> ConnectionsView:
    """Return the sign-ins of the servers that a person may use."""
    query = select(Server).where(Server.sign_in != "none", Server.enabled.is_(True)).order_by(Server.slug)
    rows = [row for row in await session.scalars(query) if _is_granted(access, row.slug)]
    held = await _credentials(session, rows, principal)
    return ConnectionsView(items=[connection_view(row, held.get(row.server_id), principal) for row in rows])


async def view_sign_in(
    session: AsyncSession, server_id: str, principal: Principal, redirect_uri: str
) -> SignInView:
    """Return how people sign in to a server."""
    row = await get_server(session, server_id)
    known = await session.get(ServerSignIn, server_id)
    people = select(func.count()).where(
        ServerCredential.server_id == server_id,
        ServerCredential.user_id.is_not(None),
        ServerCredential.state == "connected",
    )
    return SignInView(
        mode=cast("SignInMode", row.sign_in),
        client_kind=cast("ClientKind", known.kind) if known is not None and known.client_id else "unknown",
        client_id=known.client_id if known is not None else None,
        has_secret=known is not None and known.sealed_secret is not None,
        issuer=known.issuer if known is not None else None,
        scopes=known.scopes if known is not None else None,
        redirect_uri=redirect_uri,
        connected_people=await session.scalar(people) or 0,
        connection=await view_connection(session, row, principal),
    )


def connection_view(row: Server, credential: ServerCredential | None, principal: Principal) -> ConnectionView:
    """Return a sign-in as it is shown; who did it is told to those who look after servers."""
    reader = principal.may("servers.read") or row.sign_in == "per_user"
    state = "needed" if credential is None else credential.state
    connected = credential if state == "connected" else None
    return ConnectionView(
        server_id=row.server_id,
        slug=row.slug,
        title=row.title,
        sign_in=cast("SignInMode", row.sign_in),
        state=cast("ConnectionState", state),
        since=connected.connected_at if connected else None,
        connected_by=connected.connected_by if connected and reader else None,
        expires_at=connected.expires_at if connected else None,
        scopes=connected.scopes if connected else None,
        detail=credential.last_error if credential is not None else None,
        may_connect=row.sign_in == "per_user" or principal.may("servers.manage"),
    )


def _is_granted(access: Access, slug: str) -> bool:
    """Whether a rule lets the person use a server, also one whose tools nobody has seen yet."""
    decision = access.servers.get(slug)
    return decision is not None and decision.allowed


async def _credentials(
    session: AsyncSession, rows: Iterable[Server], principal: Principal
) -> dict[str, ServerCredential]:
    query = select(ServerCredential).where(
        ServerCredential.server_id.in_([row.server_id for row in rows]),
        ServerCredential.owner.in_([SHARED, principal.user_id]),
    )
    modes = {row.server_id: owner_of(row, principal) for row in rows}
    return {
        found.server_id: found
        for found in await session.scalars(query)
        if found.owner == modes[found.server_id]
    }
