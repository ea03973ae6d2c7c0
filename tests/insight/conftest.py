"""A stage on both kinds of database."""

from collections.abc import AsyncIterator

import pytest

from omni2.kernel.db import Database
from tests.support.stage import Stage, staged


@pytest.fixture
async def stage(database: Database) -> AsyncIterator[Stage]:
    async with staged(database) as stage:
        yield stage
