"""The FastAPI dependency that hands out the catalogue."""

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from omni2.catalog.book import CatalogBook


def get_catalog(connection: HTTPConnection) -> CatalogBook:
    """Return the process's catalogue."""
    return cast("CatalogBook", connection.app.state.catalog)


CatalogDep = Annotated[CatalogBook, Depends(get_catalog)]
