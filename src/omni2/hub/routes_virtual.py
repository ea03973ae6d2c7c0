"""Routes of virtual servers."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.hub.deps import HubDep
from omni2.hub.schemas_virtual import VirtualCreate, VirtualPatch, VirtualView
from omni2.hub.virtual import create_virtual, delete_virtual, list_virtual, patch_virtual, view_virtual
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep
from omni2.kernel.page import MAX_LIMIT, Page

router = APIRouter(prefix="/api/virtual-servers", tags=["servers"])

Reader = Annotated[Principal, require("servers.read")]
Manager = Annotated[Principal, require("servers.manage")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


@router.get("")
async def read_virtual_servers(
    session: ReadDep, _: Reader, limit: Limit = 100, after: str | None = None
) -> Page[VirtualView]:
    """List virtual servers by their short names."""
    return await list_virtual(session, limit=limit, after=after)


@router.post("", status_code=201)
async def post_virtual_server(body: VirtualCreate, hub: HubDep, admin: Manager) -> VirtualView:
    """Add a virtual server."""
    return await create_virtual(hub, admin.actor, body)


@router.get("/{server_id}")
async def read_virtual_server(server_id: str, session: ReadDep, _: Reader) -> VirtualView:
    """Return one virtual server."""
    return await view_virtual(session, server_id)


@router.patch("/{server_id}")
async def change_virtual_server(
    server_id: str, body: VirtualPatch, hub: HubDep, admin: Manager
) -> VirtualView:
    """Change a virtual server."""
    return await patch_virtual(hub, admin.actor, server_id, body)


@router.delete("/{server_id}", status_code=204)
async def remove_virtual_server(server_id: str, hub: HubDep, admin: Manager) -> None:
    """Remove a virtual server."""
    await delete_virtual(hub, admin.actor, server_id)
