"""The schema: made from nothing, step by step, equal to what the code expects, refused when it is newer."""

import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

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

FLOW = (
    "INSERT INTO flows (key, flow_id, user_id, source, owner, status, title, sentence, started_at, last_seq,"
    " tool_calls, input_tokens, output_tokens, cost_micros, servers)"
    " VALUES (:key, :flow_id, 'u', 'chat', 'o', 'ok', 'T', 'S', 7, :last_seq, 0, 0, 0, 0, '[]')"
)
RECORD = (
    "INSERT INTO flow_records (key, flow_id, user_id, first_seq, last_seq, at, checkpoints)"
    " VALUES (:key, :flow_id, 'u', :first, :last, 7, :steps)"
)
RECORDS = "SELECT flow_id, first_seq, last_seq, checkpoints FROM flow_records ORDER BY flow_id, first_seq"


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
    """Return what the stored schema and the code's tables do not agree on.

    But for the search for words, and the months that steps of flows are kept in.
    """

    def is_ours(name: str | None, *_: object) -> bool:
        return not (name or "").startswith(("flow_words", "ix_flow_docs_grams", "flow_records_"))

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_ours})
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


async def test_numbers_that_were_stored_twice_are_counted_on_and_nothing_recorded_is_lost(
    empty: Database,
) -> None:
    await upgrade(empty, "0002")
    written = [("f", 1, 2), ("f", 3, 2), ("f", 3, 4), ("f", 3, 5), ("g", 1, 3), ("g", 4, 4)]
    async with empty.work() as work:
        for flow_id, last_seq in (("f", 5), ("g", 4)):
            await work.session.execute(
                text(FLOW), {"key": last_seq, "flow_id": flow_id, "last_seq": last_seq}
            )
        for key, (flow_id, first, last) in enumerate(written):
            steps = [{"seq": seq, "said": f"{key}.{seq} \u00e9"} for seq in range(first, last + 1)]
            row = {"key": key, "flow_id": flow_id, "first": first, "last": last, "steps": json.dumps(steps)}
            await work.session.execute(text(RECORD), row)
    assert await upgrade(empty)
    async with empty.read() as session:
        rows = (await session.execute(text(RECORDS))).all()
        heads = (await session.execute(text("SELECT flow_id, last_seq FROM flows ORDER BY flow_id"))).all()
    assert [tuple(row[:3]) for row in rows] == [
        ("f", 1, 2),
        ("f", 3, 4),
        ("f", 5, 7),
        ("g", 1, 3),
        ("g", 4, 4),
    ]
    said = [(step["seq"], step["said"]) for row in rows[:3] for step in json.loads(row[3])]
    assert [seq for seq, _ in said] == [1, 2, 3, 4, 5, 6, 7]
    assert [words.split()[0] for _, words in said] == ["0.1", "0.2", "2.3", "2.4", "3.3", "3.4", "3.5"]
    assert [tuple(head) for head in heads] == [("f", 7), ("g", 4)]
    again = {"key": 99, "flow_id": "f", "first": 5, "last": 5, "steps": "[]"}
    async with empty.work() as work:
        with pytest.raises(IntegrityError):
            await work.session.execute(text(RECORD), again)
        await work.session.rollback()


async def test_steps_that_stood_before_months_were_made_stand_as_they_were(empty: Database) -> None:
    await upgrade(empty, "0016")
    ids = ["0198c0de-0000-7000-8000-00000000000a", "ffffffff-ffff-7000-8000-00000000000a", "f"]
    places = [(flow_id, first) for flow_id in ids for first in (1, 2)]

    def row(key: int, flow_id: str, first: int) -> dict[str, int | str]:
        return {"key": key, "flow_id": flow_id, "first": first, "last": first, "steps": "[]"}

    rows = [row(key, *place) for key, place in enumerate(places)]
    async with empty.work() as work:
        await work.session.execute(text(RECORD), rows)
        before = (await work.session.execute(text(RECORDS))).all()
    assert await upgrade(empty)
    async with empty.read() as session:
        assert (await session.execute(text(RECORDS))).all() == before
    for key, place in enumerate(places, 100):
        with pytest.raises(IntegrityError):
            async with empty.work() as work:
                await work.session.execute(text(RECORD), row(key, *place))


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
