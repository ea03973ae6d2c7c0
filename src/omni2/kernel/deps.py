"""FastAPI dependencies of every package: the database, and a unit of work that commits before the answer."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import HTTPConnection

from omni2.kernel.db import Database, Work
from omni2.kernel.secrets import Sealer
from omni2.kernel.settings import Settings


def get_database(connection: HTTPConnection) -> Database:
    """Return the process's database."""
    return cast("Database", connection.app.state.database)


def get_settings(connection: HTTPConnection) -> Settings:
    """Return the start-up settings."""
    return cast("Settings", connection.app.state.settings)


def get_sealer(connection: HTTPConnection) -> Sealer:
    """Return the sealer of stored secrets."""
    return cast("Sealer", connection.app.state.sealer)


DatabaseDep = Annotated[Database, Depends(get_database)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
SealerDep = Annotated[Sealer, Depends(get_sealer)]


async def _work(database: DatabaseDep) -> AsyncIterator[Work]:
    async with database.work() as work:
        yield work


async def _read(database: DatabaseDep) -> AsyncIterator[AsyncSession]:
    async with database.read() as session:
        yield session


WorkDep = Annotated[Work, Depends(_work, scope="function")]
ReadDep = Annotated[AsyncSession, Depends(_read, scope="function")]
