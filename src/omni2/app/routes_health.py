"""Whether this process can serve."""

from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from omni2.app.version import VERSION
from omni2.flows.anchor_hook import State, find_hook
from omni2.identity.deps import public
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem

router = APIRouter(prefix="/api", tags=["health"])


class Health(BaseModel):
    """`ok` when requests can be served; the parts say what is wrong otherwise.

    `anchors` is about the address that the ends of the chains are sent to, `off` where none is set.
    """

    status: Literal["ok", "degraded", "failing"]
    version: str
    database: Literal["ok", "failing"]
    bus: Literal["ok", "lost"]
    anchors: Literal["off", "waiting", "ok", "failing"]


@router.get("/health", dependencies=[Depends(public)])
async def health(request: Request, response: Response) -> Health:
    """Answer 200 when this process can serve, else 503."""
    database: Database = request.app.state.database
    working = await database.answers()
    bus = "ok" if request.app.state.bus.connected else "lost"
    if not working:
        response.status_code = 503
    anchors = await _anchors(database) if working else "waiting"
    well = bus == "ok" and anchors != "failing"
    status = "failing" if not working else "ok" if well else "degraded"
    return Health(
        status=status, version=VERSION, database="ok" if working else "failing", bus=bus, anchors=anchors
    )


async def _anchors(database: Database) -> State:
    """Whether the place outside takes what is sent there, if one is set."""
    try:
        async with database.read() as session:
            return (await find_hook(session)).state
    except Problem:
        return "waiting"


@router.get("/ready", dependencies=[Depends(public)])
async def ready(request: Request, response: Response) -> Health:
    """The same, for load balancers."""
    return await health(request, response)
