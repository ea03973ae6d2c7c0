"""Routes of servers."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.hub.deps import HubDep
from omni2.hub.schemas import (
    HealthView,
    ProbeView,
    ServerCreate,
    ServerPatch,
    ServerView,
    StderrView,
)
from omni2.hub.servers import (
    create_server,
    delete_server,
    last_words,
    patch_server,
    probe_server,
    refresh_server,
)
from omni2.hub.views import list_health, list_servers, view_server
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep
from omni2.kernel.page import MAX_LIMIT, Page

router = APIRouter(prefix="/api/servers", tags=["servers"])

Reader = Annotated[Principal, require("servers.read")]
Manager = Annotated[Principal, require("servers.manage")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]
Force = Annotated[bool, Query(description="Save it although it does not answer.")]


@router.get("")
async def read_servers(
    hub: HubDep, session: ReadDep, _: Reader, limit: Limit = 100, after: str | None = None
) -> Page[ServerView]:
    """List servers by their short names."""
    return await list_servers(hub, session, limit=limit, after=after)


@router.post("", status_code=201)
async def post_server(body: ServerCreate, hub: HubDep, admin: Manager, *, force: Force = False) -> ServerView:
    """Ask a server for its tools, then save it."""
    return await create_server(hub, admin.actor, body, force=force)


@router.post("/probe")
async def post_probe(body: ServerCreate, hub: HubDep, _: Manager) -> ProbeView:
    """Ask a server for its tools and save nothing."""
    return await probe_server(hub, body)


@router.get("/{server_id}")
async def read_server(server_id: str, hub: HubDep, session: ReadDep, _: Reader) -> ServerView:
    """Return one server."""
    return await view_server(hub, session, server_id)


@router.patch("/{server_id}")
async def change_server(
    server_id: str, body: ServerPatch, hub: HubDep, admin: Manager, *, force: Force = False
) -> ServerView:
    """Change a server; a new way to reach it is asked first."""
    return await patch_server(hub, admin.actor, server_id, body, force=force)


@router.delete("/{server_id}", status_code=204)
async def remove_server(server_id: str, hub: HubDep, admin: Manager) -> None:
    """Remove a server with its tools and grants."""
    await delete_server(hub, admin.actor, server_id)


@router.post("/{server_id}/refresh")
async def post_refresh(server_id: str, hub: HubDep, _: Manager) -> ServerView:
    """Check a server now."""
    return await refresh_server(hub, server_id)


@router.get("/{server_id}/health")
async def read_health(server_id: str, session: ReadDep, _: Reader) -> HealthView:
    """List the newest changes of state of a server."""
    return await list_health(session, server_id)


@router.get("/{server_id}/stderr")
async def read_stderr(server_id: str, hub: HubDep, session: ReadDep, _: Manager) -> StderrView:
    """Return the last words of a stdio server, without secrets."""
    return StderrView(text=await last_words(hub, session, server_id))
