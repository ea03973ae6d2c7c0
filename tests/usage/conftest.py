"""Fixtures: the front office and the books on a fresh database."""

from collections.abc import AsyncIterator

import pytest

from omni2.kernel.db import Database
from omni2.usage.budgets import Budgets
from tests.support.front import Front, fronted
from tests.support.lanes import lane_of
from tests.usage.books import Books


@pytest.fixture
async def front(database: Database) -> AsyncIterator[Front]:
    async with fronted(database) as front:
        yield front


@pytest.fixture
async def books(database: Database) -> AsyncIterator[Books]:
    lane = lane_of(database)
    await lane.open()
    yield Books(database, lane, Budgets(database, "UTC", 1_000, 1_000))
    await lane.aclose()
