"""Routes of signing in to servers: how, begin, come back, sign out, and how it stands."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse

from omni2.access.deps import AccessDep
from omni2.hub.connecting import CALLBACK, Finished, begin, finish
from omni2.hub.deps import HubDep
from omni2.hub.disconnecting import put_sign_in, sign_out
from omni2.hub.our_client import DOCUMENT, our_document
from omni2.hub.schemas_sign_in import (
    AuthorizationView,
    ConnectionsView,
    ConnectionView,
    ConnectWish,
    SignInPut,
    SignInView,
)
from omni2.hub.sign_in_views import list_connections, own_server, owner_of, view_connection, view_sign_in
from omni2.identity.deps import MirrorDep, answer_is_for, authenticate, public, require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep, SettingsDep
from omni2.kernel.errors import Problem
from omni2.kernel.served import origin_at

router = APIRouter(tags=["servers"])

Person = Annotated[Principal, require("account.own")]
Reader = Annotated[Principal, require("servers.read")]
Manager = Annotated[Principal, require("servers.manage")]
FIELD_CHARS = 4_096


def get_origin(request: Request, settings: SettingsDep) -> str:
    """Return the origin that the browser uses."""
    return origin_at(settings, request.headers.get("host", ""))


OriginDep = Annotated[str, Depends(get_origin)]


@router.get("/api/connections")
async def read_connections(session: ReadDep, access: AccessDep, person: Person) -> ConnectionsView:
    """List the sign-ins of the servers that one may use."""
    return await list_connections(session, await access.of(person), person)


@router.get("/api/servers/{server_id}/sign-in")
async def read_sign_in(server_id: str, session: ReadDep, origin: OriginDep, reader: Reader) -> SignInView:
    """Return how people sign in to a server."""
    return await view_sign_in(session, server_id, reader, origin + CALLBACK)


@router.put("/api/servers/{server_id}/sign-in")
async def change_sign_in(
    server_id: str, body: SignInPut, hub: HubDep, origin: OriginDep, admin: Manager
) -> SignInView:
    """Change how people sign in to a server."""
    await put_sign_in(hub, admin.actor, server_id, body)
    async with hub.database.read() as session:
        return await view_sign_in(session, server_id, admin, origin + CALLBACK)


@router.post("/api/servers/{server_id}/connect")
async def post_connect(
    server_id: str, body: ConnectWish, hub: HubDep, access: AccessDep, origin: OriginDep, person: Person
) -> AuthorizationView:
    """Begin to sign in to a server: an own account, or for administrators the one that all share."""
    async with hub.database.read() as session:
        row = await own_server(session, await access.of(person), person, server_id)
    return AuthorizationView(authorization_url=await begin(hub, person, row, page=body.page, origin=origin))


@router.delete("/api/servers/{server_id}/connection")
async def remove_connection(server_id: str, hub: HubDep, access: AccessDep, person: Person) -> ConnectionView:
    """Sign out of a server."""
    async with hub.database.read() as session:
        row = await own_server(session, await access.of(person), person, server_id)
    await sign_out(hub, person, row, owner_of(row, person))
    async with hub.database.read() as session:
        return await view_connection(session, row, person)


@router.get(CALLBACK, dependencies=[Depends(public)])
async def get_callback(request: Request, hub: HubDep, mirror: MirrorDep) -> RedirectResponse:
    """Take a browser back from a sign-in server, to the page where the person reads what came of it."""
    answer = {
        name: value[:FIELD_CHARS]
        for name, value in request.query_params.items()
        if name in {"state", "code", "iss", "error"} and len(request.query_params.getlist(name)) == 1
    }
    try:
        person = await authenticate(request)
        await mirror.require_open(person.user_id, "everywhere")
        answer_is_for(request, person.user_id)
        finished = await finish(hub, person, answer)
    except Problem as problem:
        outcome = "expired" if problem.status < 500 else "failed"
        return _to(f"/tools?{urlencode({'outcome': outcome})}")
    return _to(_page(finished))


@router.get(DOCUMENT, dependencies=[Depends(public)])
async def get_document(origin: OriginDep) -> JSONResponse:
    """Tell sign-in servers who omni2 is: its client id metadata document."""
    headers = {"access-control-allow-origin": "*", "cache-control": "public, max-age=300", "vary": "host"}
    return JSONResponse(our_document(origin, origin + CALLBACK), headers=headers)


def _page(finished: Finished) -> str:
    outcome = "connected" if finished.problem is None else "failed"
    if finished.page == "server":
        return f"/admin/servers/{finished.server_id}?{urlencode({'tab': 'settings', 'outcome': outcome})}"
    return f"/tools?{urlencode({'connect': finished.slug, 'outcome': outcome})}"


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 302, {"cache-control": "no-store"})
