"""Fixtures that every test may use: a migrated database on SQLite and on PostgreSQL, and a bus."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.log import configure
from omni2.migrations import upgrade
from tests.support.services import Postgres, Valkey

configure("INFO", as_json=False)  # as the product does: plain tracebacks, quick and without local variables

if "OMNI2_CHECKS" not in os.environ:
    collect_ignore = ["checks"]  # the results of linters and type checkers, which only `make test` has


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests first, all on one worker; the others do the rest meanwhile."""
    for item in items:
        if "e2e" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("e2e"))
    items.sort(key=lambda item: "e2e" not in item.path.parts)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start PostgreSQL, once."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """Start Valkey, once."""
    server = Valkey()
    yield server
    server.stop()


@pytest.fixture
def bus_url(valkey: Valkey) -> str:
    """The URL of a real bus."""
    return valkey.url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("template") / "omni2.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a migrated database to copy."""
    name = postgres.create(name="omni2_template")
    asyncio.run(migrate(postgres.url(name)))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; a test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "omni2.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    template: str = request.getfixturevalue("postgres_template")
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create(template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database with a bus of its own."""
    database = Database(database_url, MemoryBus())
    yield database
    await database.aclose()


async def migrate(url: str) -> None:
    """Bring an empty database to the newest schema."""
    database = Database(url, MemoryBus())
    await upgrade(database)
    await database.aclose()
