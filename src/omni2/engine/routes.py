"""The route by which an administrator tries a tool: a call like any other, in a flow of its own."""

from typing import Annotated

from fastapi import APIRouter

from omni2.engine.deps import EngineDep
from omni2.engine.requests import Asked, answer
from omni2.engine.schemas import ToolTry, TriedView, tried_view
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.errors import not_found

router = APIRouter(prefix="/api/servers", tags=["servers"])

Manager = Annotated[Principal, require("servers.manage")]


@router.post("/{server_id}/tools/{name:path}/call")
async def try_tool(server_id: str, name: str, body: ToolTry, engine: EngineDep, admin: Manager) -> TriedView:
    """Call a tool as yourself: your own grants decide, your credits pay, and the flow tells."""
    server = (await engine.catalog.snapshot()).find_server(server_id)
    if server is None:
        raise not_found("server")
    asked = Asked("tool", server.slug, name, body.arguments)
    return tried_view(await answer(engine, admin, asked, door="api"))
