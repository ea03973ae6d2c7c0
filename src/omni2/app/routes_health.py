"""Whether this process can serve."""

from typing import Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from omni2.app.version import VERSION
from omni2.identity.deps import public
from omni2.kernel.db import Database

router = APIRouter(prefix="/api", tags=["health"])


class Health(BaseModel):
    """`ok` when requests can be served; the parts say what is wrong otherwise."""

    status: Literal["ok", "degraded", "failing"]
    version: str
    database: Literal["ok", "failing"]
    bus: Literal["ok", "lost"]


@router.get("/health", dependencies=[Depends(public)])
async def health(request: Request, response: Response) -> Health:
    """Answer 200 when this process can serve, else 503."""
    database: Database = request.app.state.database
    working = await database.answers()
    bus = "ok" if request.app.state.bus.connected else "lost"
    if not working:
        response.status_code = 503
    status = "failing" if not working else "ok" if bus == "ok" else "degraded"
    return Health(status=status, version=VERSION, database="ok" if working else "failing", bus=bus)


@router.get("/ready", dependencies=[Depends(public)])
async def ready(request: Request, response: Response) -> Health:
    """The same, for load balancers."""
    return await health(request, response)
