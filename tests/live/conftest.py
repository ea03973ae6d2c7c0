"""Fixtures: the front office on a fresh database."""

from collections.abc import AsyncIterator

import pytest

from omni2.kernel.db import Database
from tests.support.front import Front, fronted


@pytest.fixture
async def front(database: Database) -> AsyncIterator[Front]:
    async with fronted(database) as front:
        yield front
