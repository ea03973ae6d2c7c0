"""The schema: made from nothing, step by step, equal to what the code expects, refused when it is newer."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.migrations import current_revision, revisions, upgrade
from omni2.migrations.tables import metadata
from tests.support.services import Postgres

USER = (
    "INSERT INTO users (user_id, email, name, role, status, created_at) "
    "VALUES ('u', 'a@b.c', 'A', 'admin', 'active', 7)"
)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it, of both kinds."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path}/omni2.db"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def empty(empty_url: str) -> AsyncIterator[Database]:
    database = Database(empty_url, MemoryBus())
    yield database
    await database.aclose()


def differences(connection: Connection) -> list[object]:
    """Return what the stored schema and the code's tables do not agree on."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def revision_of(database: Database) -> str | None:
    async with database.connect_writer() as connection:
        return await connection.run_sync(current_revision)


async def test_the_schema_made_from_nothing_is_what_the_code_expects(empty: Database) -> None:
    assert await upgrade(empty)
    async with empty.connect_writer() as connection:
        assert await connection.run_sync(differences) == []


async def test_each_step_can_be_taken_alone_and_data_survives_them(empty: Database) -> None:
    for number, revision in enumerate(revisions()):
        assert await upgrade(empty, revision)
        assert await revision_of(empty) == revision
        if number == 0:
            async with empty.work() as work:
                await work.session.execute(text(USER))
    async with empty.read() as session:
        row = (await session.execute(text("SELECT user_id, email, created_at FROM users"))).one()
    assert tuple(row) == ("u", "a@b.c", 7)
    async with empty.connect_writer() as connection:
        assert await connection.run_sync(differences) == []


async def test_a_schema_that_is_up_to_date_is_left_alone(empty: Database) -> None:
    await upgrade(empty)
    assert not await upgrade(empty)


async def test_a_database_of_a_newer_version_is_refused_and_left_as_it_is(empty: Database) -> None:
    await upgrade(empty)
    async with empty.work() as work:
        await work.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Problem, match="database_newer"):
        await upgrade(empty)
    assert await revision_of(empty) == "9999"
