"""Fixtures: the front office on a fresh database."""

from collections.abc import AsyncIterator

import pytest

from omni2.kernel.db import Database
from tests.support.front import Front, fronted


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine take its time: what is awaited here is that it happens, not how soon."""
    monkeypatch.setattr("omni2.live.confirmations.WAIT_S", 60.0)


@pytest.fixture
async def front(database: Database) -> AsyncIterator[Front]:
    async with fronted(database) as front:
        yield front
