"""Verification: whatever is done to a copy of the record is found, and named."""

import random
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from omni2.flows.checkpoints import AuthCheck
from omni2.flows.phase import Entry, Opening
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.scan import Params, Scan, Tuples
from tests.support.proven import Office, office_of
from tests.support.stage import Stage, staged

TABLES: dict[str, tuple[str, ...]] = {
    "flow_records": ("key", "flow_id", "user_id", "first_seq", "last_seq", "at", "checkpoints"),
    "flows": (
        *("key", "flow_id", "user_id", "source", "conversation_id", "owner", "status", "title", "sentence"),
        *("started_at", "ended_at", "duration_ms", "last_seq", "tool_calls", "input_tokens", "output_tokens"),
        *("cost_micros", "model", "servers"),
    ),
    "journal": (
        "key",
        "journal_id",
        "at",
        "actor_id",
        "actor_name",
        "kind",
        "subject_id",
        "sentence",
        "data",
    ),
    "seals": ("n", "kind", "writer", "at", "total", "keys", "salts", "leaves", "former", "chain"),
}
SWAPPED = {"flow_records": "checkpoints", "flows": "title", "journal": "sentence", "seals": "leaves"}
HEADS = ("flow_records", "flows", "journal")


class Copy(Scan):
    """A copy of the record in memory; what is done to it is undone afterwards."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        source = sqlite3.connect(database.path)
        self.store = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        source.backup(self.store)
        source.close()
        self.store.text_factory = _text

    async def fetch(self, sql: str, params: Params | None = None) -> Tuples:
        return self.store.execute(sql, params or {}).fetchall()


def _text(value: bytes) -> str:
    return str(value, "utf-8", "replace")


@pytest.fixture
async def stage(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Stage]:
    path = tmp_path / "omni2.db"
    shutil.copy(sqlite_template, path)
    database = Database(f"sqlite+aiosqlite:///{path}", MemoryBus())
    async with staged(database) as stage:
        yield stage
    await database.aclose()


@pytest.fixture
async def office(stage: Stage, tmp_path: Path) -> AsyncIterator[Office]:
    """A record of several flows, one of which still runs, sealed in several links."""
    office = office_of(stage.database, stage.lane, tmp_path / "keys")
    for name in ("Ann", "Bob", "Cem", "Dot"):
        person = await stage.person(name)
        for status in ("ok", "denied", "timeout"):
            await stage.call(person, "wiki", status)
        await stage.spend(person, 1_000)
        await office.notary.finish()
    flow = stage.recorder.open(Opening(person.user_id, "chat", "Still at it"))
    await flow.write(Entry(AuthCheck(method="session")))
    await office.notary.finish()
    yield office
    await office.scan.aclose()


Dice = random.Random


def pick(store: sqlite3.Connection, dice: Dice, table: str, many: int = 1) -> list[int]:
    """Return the row ids of so many rows."""
    return dice.sample([row[0] for row in store.execute(f"SELECT rowid FROM {table}")], many)


def edit(store: sqlite3.Connection, dice: Dice) -> str:
    """Change one value of one row."""
    table = dice.choice(list(TABLES))
    column = dice.choice([name for name in TABLES[table] if name not in {"former"}])
    if table == "flows" and column in {"model", "ended_at", "sentence", "status", "cost_micros"}:
        where = "status != 'running'"
    else:
        where = "1 = 1"
    rowid, before = dice.choice(
        store.execute(f"SELECT rowid, {column} FROM {table} WHERE {where}").fetchall()
    )
    after = changed(before, dice)
    store.execute(f"UPDATE OR REPLACE {table} SET {column} = ? WHERE rowid = ?", (after, rowid))
    return f"{table}.{column} of {rowid}: {before!r} -> {after!r}"


def changed(before: Any, dice: Dice) -> Any:
    """Return another value of the same kind, or of another."""
    if before is None:
        return dice.choice(("", 0, "x"))
    if isinstance(before, int | float):
        return before + dice.choice((-1, 1, 2, 1_000_000))
    at = dice.randrange(len(before)) if before else 0
    choices = [before[:at] + ("B" if before[at : at + 1] != "B" else "C") + before[at + 1 :], before + " "]
    return dice.choice([*choices, before[:-1]] if before else ["x"])


def delete(store: sqlite3.Connection, dice: Dice) -> str:
    """Take a row away."""
    table = dice.choice(list(TABLES))
    (rowid,) = pick(store, dice, table)
    store.execute(f"DELETE FROM {table} WHERE rowid = ?", (rowid,))
    return f"{table} {rowid}"


def insert(store: sqlite3.Connection, dice: Dice) -> str:
    """Put a row in, like one that stands, under another key."""
    table = dice.choice(list(TABLES))
    (rowid,) = pick(store, dice, table)
    columns = [row[1] for row in store.execute(f"PRAGMA table_info({table})")]
    values = dict(
        zip(
            columns, store.execute(f"SELECT * FROM {table} WHERE rowid = ?", (rowid,)).fetchone(), strict=True
        )
    )
    place = "n" if table == "seals" else "key"
    values[place] += dice.choice((1_000, -1_000, 1 << 40))
    for name in ("flow_id", "journal_id"):
        if name in values:
            values[name] = f"{values[name][:-12]}{dice.randrange(1 << 48):012x}"
    marks = ", ".join("?" * len(columns))
    store.execute(f"INSERT INTO {table} VALUES ({marks})", list(values.values()))
    return f"{table} {values[place]}"


def swap(store: sqlite3.Connection, dice: Dice) -> str:
    """Exchange a value between two rows, or two rows."""
    table = dice.choice(list(TABLES))
    column = {"flow_records": "checkpoints", "flows": "title", "journal": "sentence", "seals": "leaves"}[
        table
    ]
    rows = store.execute(f"SELECT rowid, {column} FROM {table}").fetchall()
    one = dice.choice(rows)
    other = dice.choice([row for row in rows if row[1] != one[1]])
    for rowid, value in ((one[0], other[1]), (other[0], one[1])):
        store.execute(f"UPDATE {table} SET {column} = ? WHERE rowid = ?", (value, rowid))
    return f"{table}.{column} of {one[0]} and {other[0]}"


def truncate(store: sqlite3.Connection, dice: Dice) -> str:
    """Take the last rows away, with or without the links that know them."""
    table = dice.choice(HEADS)
    source = {"flow_records": "records", "flows": "flows", "journal": "journal"}[table]
    links = [row[0] for row in store.execute("SELECT n FROM seals WHERE source = ? ORDER BY n", (source,))]
    from_n = dice.choice(links)
    if dice.random() < 0.3:
        (key,) = pick(store, dice, table)
        store.execute(f"DELETE FROM {table} WHERE key >= ?", (key,))
        return f"{table} from {key}"
    (first,) = store.execute(
        "SELECT MIN(first_key) FROM seals WHERE source = ? AND n >= ?", (source, from_n)
    ).fetchone()
    store.execute("DELETE FROM seals WHERE source = ? AND n >= ?", (source, from_n))
    store.execute(f"DELETE FROM {table} WHERE key >= ?", (first,))
    return f"{table} and its links from {from_n}"


ACTS: tuple[Callable[[sqlite3.Connection, Dice], str], ...] = (edit, delete, insert, swap, truncate)


async def test_a_thousand_manipulations_of_a_copy_are_all_found(office: Office, stage: Stage) -> None:
    dice, copy = random.Random(4711), Copy(stage.database)
    assert (await office.report(scan=copy)).fault is None
    missed: list[str] = []
    for number in range(1_000):
        act = ACTS[number % len(ACTS)]
        copy.store.execute("BEGIN")
        done = act(copy.store, dice)
        report = await office.report(scan=copy)
        if report.well and not report.unsealed:
            missed.append(f"{act.__name__}: {done}")
        copy.store.execute("ROLLBACK")
    copy.store.close()
    assert missed == []


async def test_the_first_bad_place_is_named(office: Office, stage: Stage) -> None:
    copy = Copy(stage.database)
    flow_id, key = copy.store.execute(
        "SELECT flow_id, key FROM flow_records ORDER BY key LIMIT 1 OFFSET 4"
    ).fetchone()
    copy.store.execute("BEGIN")
    copy.store.execute("UPDATE flow_records SET checkpoints = '[]' WHERE key = ?", (key,))
    fault = (await office.report(scan=copy)).fault
    assert fault is not None
    assert f"of flow {flow_id}" in fault
    assert "changed" in fault
    copy.store.close()


async def test_text_that_is_no_text_is_found_and_is_no_outage(office: Office, stage: Stage) -> None:
    async with stage.database.work() as work:
        connection = await work.session.connection()
        await connection.exec_driver_sql("UPDATE journal SET sentence = CAST(x'ff41' AS TEXT)")
    fault = (await office.report()).fault
    assert fault is not None
    assert "changed" in fault


async def test_a_chain_that_was_written_anew_is_found_without_its_key_and_with_it(
    office: Office, stage: Stage, tmp_path: Path
) -> None:
    async with stage.database.work() as work:
        connection = await work.session.connection()
        await connection.exec_driver_sql("DELETE FROM seals")
        await connection.exec_driver_sql("DELETE FROM seal_marks")
        await connection.exec_driver_sql("UPDATE flows SET cost_micros = 0")
    thief = office_of(stage.database, stage.lane, tmp_path / "other")
    await thief.notary.finish()
    await thief.scan.aclose()
    fault = (await office.report(anchored=False)).fault
    assert fault is not None
    assert "is not signed" in fault
    fault = (await office.report()).fault
    assert fault is not None
    assert "written anew" in fault or "cut short" in fault


async def test_anchors_of_a_stranger_prove_nothing(office: Office, tmp_path: Path) -> None:
    folder = office.notary.anchors.folder
    file = next(folder.glob("*.jsonl"))
    lines = file.read_bytes().splitlines()
    file.write_bytes(
        b"\n".join([*lines[:-1], lines[-1].replace(b'"signature":"', b'"signature":"AAAA')]) + b"\n"
    )
    fault = (await office.report()).fault
    assert fault is not None
    assert "not signed" in fault
