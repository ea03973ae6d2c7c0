"""Fixtures: the front office on a fresh database, and the served product with a program to connect."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omni2.kernel.db import Database
from tests.identity.oauth_house import OAuthHouse, open_oauth_house
from tests.support.front import Front, fronted


@pytest.fixture
async def front(database: Database) -> AsyncIterator[Front]:
    async with fronted(database) as front:
        yield front


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[OAuthHouse]:
    async with open_oauth_house(database_url, tmp_path) as house:
        yield house
