"""The FastAPI dependency that hands out who may use what."""

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from omni2.access.book import AccessBook


def get_access(connection: HTTPConnection) -> AccessBook:
    """Return the process's book of access."""
    return cast("AccessBook", connection.app.state.access)


AccessDep = Annotated[AccessBook, Depends(get_access)]
