"""Routes of what servers offer: tools with their settings and changed definitions, prompts, resources."""

from typing import Annotated

from fastapi import APIRouter

from omni2.hub.deps import HubDep
from omni2.hub.schemas_tools import (
    DefinitionSeen,
    DefinitionView,
    PromptsView,
    ResourcesView,
    ToolPatch,
    ToolsView,
    ToolView,
)
from omni2.hub.tools import approve_tool, patch_tool, reject_tool, view_definition
from omni2.hub.views_tools import list_prompts, list_resources, list_tools
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep

router = APIRouter(prefix="/api/servers/{server_id}", tags=["servers"])

Reader = Annotated[Principal, require("servers.read")]
Manager = Annotated[Principal, require("servers.manage")]


@router.get("/tools")
async def read_tools(server_id: str, hub: HubDep, session: ReadDep, _: Reader) -> ToolsView:
    """List the tools of a server."""
    return await list_tools(hub, session, server_id)


@router.patch("/tools/{name:path}")
async def change_tool(server_id: str, name: str, body: ToolPatch, hub: HubDep, admin: Manager) -> ToolView:
    """Enable, price, label, rename or describe a tool."""
    return await patch_tool(hub, admin.actor, server_id, name, body)


@router.get("/tools/{name:path}/definition")
async def read_definition(server_id: str, name: str, session: ReadDep, _: Reader) -> DefinitionView:
    """Return a changed definition beside the approved one."""
    return await view_definition(session, server_id, name)


@router.post("/tools/{name:path}/approve")
async def post_approval(
    server_id: str, name: str, body: DefinitionSeen, hub: HubDep, admin: Manager
) -> ToolView:
    """Approve the changed definition that was looked at."""
    return await approve_tool(hub, admin.actor, server_id, name, body.sha256)


@router.post("/tools/{name:path}/reject")
async def post_rejection(
    server_id: str, name: str, body: DefinitionSeen, hub: HubDep, admin: Manager
) -> ToolView:
    """Reject the changed definition that was looked at; the tool stays away."""
    return await reject_tool(hub, admin.actor, server_id, name, body.sha256)


@router.get("/prompts")
async def read_prompts(server_id: str, hub: HubDep, session: ReadDep, _: Reader) -> PromptsView:
    """List the prompts of a server."""
    return await list_prompts(hub, session, server_id)


@router.get("/resources")
async def read_resources(server_id: str, session: ReadDep, _: Reader) -> ResourcesView:
    """List the resources and templates of a server."""
    return await list_resources(session, server_id)
