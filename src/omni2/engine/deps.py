"""The FastAPI dependency that hands out the engine."""

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from omni2.engine.context import Engine


def get_engine(connection: HTTPConnection) -> Engine:
    """Return the process's engine."""
    return cast("Engine", connection.app.state.engine)


EngineDep = Annotated[Engine, Depends(get_engine)]
