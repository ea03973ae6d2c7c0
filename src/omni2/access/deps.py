"""The FastAPI dependency that hands out who may use what."""

from typing import Annotated, Protocol, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from omni2.access.book import AccessBook


class DecidedBy(Protocol):
    """Tells whether a flow of a person was decided by a snapshot; the record of flows answers it."""

    async def __call__(self, session: AsyncSession, user_id: str, access_id: str) -> bool:
        """Return whether it was."""
        ...


def get_decided_by(connection: HTTPConnection) -> DecidedBy:
    """Return who knows which flows a snapshot decided."""
    return cast("DecidedBy", connection.app.state.decided_by)


def get_access(connection: HTTPConnection) -> AccessBook:
    """Return the process's book of access."""
    return cast("AccessBook", connection.app.state.access)


AccessDep = Annotated[AccessBook, Depends(get_access)]
DecidedByDep = Annotated[DecidedBy, Depends(get_decided_by)]
