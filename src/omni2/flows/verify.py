"""Proves the record: every row is what was sealed, none is missing, none was added, no chain was touched."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from omni2.flows.seal_anchor import Anchor
from omni2.flows.seal_digest import HEAD_COLUMNS, JOURNAL_COLUMNS, RECORD_COLUMNS, Source
from omni2.flows.seal_keys import Witness
from omni2.flows.seal_store import Unreadable, fetch_links_from
from omni2.flows.seal_stump import Stump
from omni2.flows.verify_chain import NAMES, Walked, walk_chains
from omni2.flows.verify_rows import Expected
from omni2.kernel.ids import key_at, key_time, now, uptime
from omni2.kernel.scan import Scan

ROWS_AT_ONCE = 2_000
YOUNG_S = 60.0  # what is younger is sealed still, at the latest by the first look of the notary behind it
UNKNOWN_LIMIT = 10_000
UNTOUCHED = (None, None, 0, 0, 0, 0, 0, None, "[]")  # of a flow that runs: from its end to its servers


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `fault` names the first bad place in words; `unsealed` rows are too young.

    `cuts` are what retention cut off the chains, each by its signed stump.
    """

    well: bool
    fault: str | None
    rows: Mapping[str, int]
    links: int
    unsealed: int
    sealed_at: datetime | None
    anchored_at: str | None
    duration_s: float
    cuts: Sequence[Stump] = ()


@dataclass(slots=True)
class Walk:
    """One verification. `pause` is called between batches, so that a busy process stays quick."""

    scan: Scan
    witness: Witness
    anchors: Sequence[Anchor] = ()
    allow_unsealed: bool = False
    pause: Callable[[], Any] | None = None
    at_once: int = ROWS_AT_ONCE
    rows: dict[str, int] = field(default_factory=dict[str, int])
    unsealed: int = 0
    fault: str | None = None
    ends: dict[str, int] = field(default_factory=dict[str, int])


async def verify(walk: Walk) -> Report:
    """Verify all of it; the first bad place ends the walk."""
    started, began = uptime(), now()
    chains: dict[Source, Walked] = {}
    bad = next((anchor for anchor in walk.anchors if not anchor.signed), None)
    if bad is not None:
        walk.fault = f"The anchor of {bad.at} is not signed by a key of this installation."
    else:
        chains = await walk_chains(walk.scan, walk.witness, walk.anchors)
        walk.fault = next((each.fault for each in chains.values() if each.fault), None)
        walk.ends = {source: each.last_n for source, each in chains.items()}
    if walk.fault is None:
        try:
            walk.fault = await _walk_rows(walk, began)
        except Unreadable as error:
            walk.fault = f"The chain is broken: {error}."
    times = [each.sealed_at for each in chains.values() if each.sealed_at]
    return Report(
        well=walk.fault is None,
        fault=walk.fault,
        rows=walk.rows,
        links=sum(each.links for each in chains.values()),
        unsealed=walk.unsealed,
        sealed_at=max(times, default=None),
        anchored_at=walk.anchors[-1].at if walk.anchors else None,
        duration_s=uptime() - started,
        cuts=[stump for each in chains.values() for stump in each.cuts],
    )


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the record and the chains that know its rows; the first of them knows every row."""

    name: str
    columns: str
    sources: tuple[Source, ...]


def tables_of(scan: Scan) -> tuple[Table, ...]:
    """Return the tables of the record."""
    content = scan.as_bytes("checkpoints")
    return (
        Table("flow_records", f"{RECORD_COLUMNS}, {content}", ("records",)),
        Table("flows", HEAD_COLUMNS, ("flows", "openings")),
        Table("journal", JOURNAL_COLUMNS, ("journal",)),
    )


async def _walk_rows(walk: Walk, began: datetime) -> str | None:
    for table in tables_of(walk.scan):
        expected = [Expected(source) for source in table.sources]
        fault = await _walk_table(walk, table, expected)
        for each in expected:
            fault = fault or await _catch_up(walk, table, each) or _missing(each)
        fault = fault or await _judge_unknown(walk, expected[0], began)
        if fault:
            return fault
    return await _without_head(walk.scan)


async def _walk_table(walk: Walk, table: Table, expected: list[Expected]) -> str | None:
    """Compare all rows of a table, in the order of their keys, with what the links say of them."""
    sql = f"SELECT {table.columns} FROM {table.name} WHERE key > :last ORDER BY key LIMIT :limit"  # noqa: S608
    count = 0
    rows = await walk.scan.fetch(sql, {"last": -(1 << 63), "limit": walk.at_once})
    while rows:
        last = rows[-1][0]
        for each in expected:
            await each.load(walk.scan, last)
        ahead = asyncio.ensure_future(walk.scan.fetch(sql, {"last": last, "limit": walk.at_once}))
        try:
            bad = await asyncio.to_thread(_first_bad, rows, expected)
        finally:
            coming = await asyncio.gather(ahead, return_exceptions=True)
        count += len(rows)
        walk.rows[table.name] = count
        if bad is not None:
            return bad
        if isinstance(coming[0], BaseException):
            raise coming[0]
        rows = coming[0]
        if walk.pause is not None:
            await walk.pause()
    for each in expected:
        await each.load(walk.scan, (1 << 63) - 1)
    return None


def _first_bad(rows: Sequence[tuple[Any, ...]], expected: list[Expected]) -> str | None:
    for each in expected:
        bad = each.find_bad(rows, knows_all=each is expected[0])
        if bad is not None:
            return f"{_place(each.source, bad)} is not what was sealed: it was changed."
    if len(expected[0].unknown) > UNKNOWN_LIMIT:
        return f"{_place(expected[0].source, rows[0])} or one beside it, and thousands more, are in no chain."
    return None


def _stands(each: Expected, row: tuple[Any, ...]) -> bool:
    try:
        return each.confirms(row) is not False
    except (ValueError, TypeError, OverflowError):
        return False


async def _catch_up(walk: Walk, table: Table, each: Expected) -> str | None:
    """Load the links added behind our back, and look once more for the rows that did not come by."""
    after = walk.ends.get(each.source, 0)
    while links := await fetch_links_from(walk.scan, each.source, after, 1_000):
        after = links[-1].n
        for link in links:
            each.take(link)
    sql = f"SELECT {table.columns} FROM {table.name} WHERE key = :key"  # noqa: S608
    for key in sorted(each.rows)[:UNKNOWN_LIMIT]:
        for row in await walk.scan.fetch(sql, {"key": key}):
            if not _stands(each, row):
                return f"{_place(each.source, row)} is not what was sealed: it was changed."
            each.unknown.pop(key, None)
    return None


def _missing(each: Expected) -> str | None:
    if not each.rows:
        return None
    key = min(each.rows)
    more = f" and {len(each.rows) - 1} more" if len(each.rows) > 1 else ""
    return (
        f"Of {NAMES[each.source]}, the row with key {key} (of {_when(key)}){more} was sealed and is missing."
    )


async def _judge_unknown(walk: Walk, each: Expected, began: datetime) -> str | None:
    """Decide about rows that no chain knows: too young, of a flow that still runs, or put in by somebody."""
    oldest, newest = key_at(began - timedelta(seconds=YOUNG_S)), key_at(now() + timedelta(seconds=YOUNG_S))
    for key, row in each.unknown.items():
        if each.source == "flows" and row[7] == "running" and await _is_recorded(walk.scan, row):
            if row[8:17] != UNTOUCHED or row[18] != "Running.":
                return f"{_place(each.source, row)} still runs, but tells of an end: it was changed."
            continue
        if oldest <= key <= newest or (walk.allow_unsealed and key > each.last_key):
            walk.unsealed += 1
            continue
        return (
            f"{_place(each.source, row)} is in no chain: it was put in, or the copy was made before its seal."
        )
    return None


async def _is_recorded(scan: Scan, head: tuple[Any, ...]) -> bool:
    """Whether a flow that runs has steps of the same person: it was opened together with the first."""
    sql = "SELECT user_id FROM flow_records WHERE flow_id = :flow_id AND first_seq = 1"
    return [row[0] for row in await scan.fetch(sql, {"flow_id": head[1]})] == [head[2]]


async def _without_head(scan: Scan) -> str | None:
    sql = (
        "SELECT flow_id FROM flow_records records WHERE first_seq = 1"
        " AND NOT EXISTS (SELECT 1 FROM flows WHERE flows.flow_id = records.flow_id) LIMIT 1"
    )
    for row in await scan.fetch(sql):
        return f"The flow {row[0]} has steps, but its own row is missing."
    return None


def _place(source: Source, row: tuple[Any, ...]) -> str:
    """Return which row it is, for people."""
    key = row[0]
    match source:
        case "records":
            return f"Steps {row[3]} to {row[4]} of flow {row[1]} (key {key}, of {_when(key)})"
        case "journal":
            return f"The journal row {row[1]} (key {key}, of {_when(key)})"
        case _:
            return f"Flow {row[1]} (key {key}, of {_when(key)})"


def _when(key: object) -> str:
    if not isinstance(key, int) or not 0 <= key < 1 << 63:
        return "no time"
    return f"{key_time(key):%Y-%m-%d %H:%M:%S} UTC"
