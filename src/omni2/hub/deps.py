"""The FastAPI dependency that hands out the hub."""

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from omni2.hub.hub import Hub


def get_hub(connection: HTTPConnection) -> Hub:
    """Return the process's hub."""
    return cast("Hub", connection.app.state.hub)


HubDep = Annotated[Hub, Depends(get_hub)]
