"""Fixtures of the kernel: an open lane, and databases that go away and come back."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from omni2.kernel import sqlite
from omni2.kernel.db import Database
from omni2.kernel.lane import Lane
from tests.support.lanes import opened
from tests.support.services import Postgres


@dataclass
class Store:
    """A database with its lane, and the ways to take it away and give it back."""

    database: Database
    lane: Lane
    take_away: Callable[[], object]
    give_back: Callable[[], object]


@pytest.fixture
async def store(
    database_url: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 50)
    async with opened(database_url) as (database, lane):
        if database.is_sqlite:
            other = sqlite3.connect(database.path, isolation_level=None, check_same_thread=False)
            yield Store(
                database,
                lane,
                take_away=lambda: other.execute("BEGIN EXCLUSIVE"),
                give_back=lambda: other.execute("ROLLBACK"),
            )
            other.close()
        else:
            server: Postgres = request.getfixturevalue("postgres")
            yield Store(database, lane, server.kill, server.start)
