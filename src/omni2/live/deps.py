"""The FastAPI dependencies that hand out what is live, and the block."""

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from omni2.live.block import Blocking
from omni2.live.registry import Registry
from omni2.live.watching import Watching


def get_registry(connection: HTTPConnection) -> Registry:
    """Return what is live on this replica."""
    return cast("Registry", connection.app.state.registry)


def get_blocking(connection: HTTPConnection) -> Blocking:
    """Return the one that blocks and unblocks."""
    return cast("Blocking", connection.app.state.blocking)


def get_watching(connection: HTTPConnection) -> Watching:
    """Return who watches whom."""
    return cast("Watching", connection.app.state.watching)


RegistryDep = Annotated[Registry, Depends(get_registry)]
BlockingDep = Annotated[Blocking, Depends(get_blocking)]
WatchingDep = Annotated[Watching, Depends(get_watching)]
