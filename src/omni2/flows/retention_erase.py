"""Takes content or whole flows out of the record and leaves in the chains what proves that we did it."""

import os
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.checkpoints import CHECKPOINTS, Checkpoint, ToolCall, ToolResult
from omni2.flows.indexer import forget
from omni2.flows.partition import Month, drop_month
from omni2.flows.seal import Notary
from omni2.flows.seal_digest import (
    DESCRIBE,
    HEAD_COLUMNS,
    RECORD_COLUMNS,
    SALT,
    Link,
    Source,
    inner_digest,
    leaf_of,
    split,
)
from omni2.flows.seal_store import Sealed, fetch_links_over, find_link, forget_salts
from omni2.kernel.lane import Step
from omni2.kernel.redact import ERASED
from omni2.kernel.scan import Scan

KEYS_AT_ONCE = 50_000
KEYS_A_LINK = 20_000


@dataclass(slots=True)
class Erasure:
    """What an erasure of some rows of one source becomes."""

    source: Source
    rows: list[tuple[int, bytes, bytes]] = field(default_factory=list[tuple[int, bytes, bytes]])
    former: list[bytes] = field(default_factory=list[bytes])
    links: dict[int, tuple[Link, set[int]]] = field(default_factory=dict[int, tuple[Link, set[int]]])

    async def take(self, scan: Scan, before: tuple[Any, ...], after: tuple[Any, ...]) -> bool:
        """Add a row, as it stands and as it will; return False when it is not sealed yet."""
        key = before[0]
        link = await find_link(scan, self.source, key)
        if link is None:
            return False
        describe = DESCRIBE[self.source]
        salt, fresh = split(link.salts, SALT)[link.keys.index(key)], os.urandom(SALT)
        facts, content = describe(after)
        self.rows.append((key, leaf_of(facts, inner_digest(fresh, content)), fresh))
        self.former.append(inner_digest(salt, describe(before)[1]))
        self.links.setdefault(link.n, (link, set()))[1].add(key)
        return True

    def sealed(self) -> Sealed:
        """Return the link to add, in the order of the keys."""
        pairs = sorted(zip(self.rows, self.former, strict=True))
        former = b"".join(each for _, each in pairs)
        return Sealed(self.source, [row for row, _ in pairs], former, "erasure")

    def steps(self) -> list[Step]:
        """Return the statements that wipe the salts."""
        return [forget_salts(link, keys) for link, keys in self.links.values()]


async def erase_content(session: AsyncSession, notary: Notary, heads: Sequence[tuple[Any, ...]]) -> int:
    """Erase the content of flows that are over and sealed; return of how many it did.

    `heads` are rows of `HEAD_COLUMNS`, by key. The caller holds the notary's turn and commits.
    """
    scan, changed = notary.scan, set[str]()
    of_source = {source: Erasure(source) for source in ("records", "openings", "flows")}
    steps: list[Step] = []
    for row in await _records(scan, [head[1] for head in heads]):
        bare = without_content(bytes(row[6]))
        if bare != row[6] and await of_source["records"].take(scan, row, (*row[:6], bare)):
            steps.append(
                Step("UPDATE flow_records SET checkpoints = $1 WHERE key = $2", (bare.decode(), row[0]))
            )
            changed.add(row[1])
    for head in heads:
        after = (*head[:17], ERASED, head[18])
        if head[17] != ERASED and await of_source["flows"].take(scan, head, after):
            await of_source["openings"].take(scan, head, after)
            steps.append(Step("UPDATE flows SET title = $1 WHERE key = $2", (ERASED, head[0])))
            changed.add(head[1])
    if changed:
        await index_anew(session, [head[0] for head in heads])
        wiped = [step for each in of_source.values() for step in each.steps()]
        await notary.append_to(session, [each.sealed() for each in of_source.values()], [*steps, *wiped])
    return len(changed)


async def index_anew(session: AsyncSession, keys: Sequence[int]) -> None:
    """Let the index take up flows once more: it must not find them by what they held."""
    if keys:
        await forget(session, keys)
        waiting = ", ".join(f"({key})" for key in keys)
        await session.execute(text(f"INSERT INTO flow_waiting (key) VALUES {waiting}"))  # noqa: S608


async def remove_flows(session: AsyncSession, notary: Notary, heads: Sequence[tuple[Any, ...]]) -> None:
    """Delete flows that are over with all their steps; the chains keep that it was retention that did."""
    flow_ids, keys = [head[1] for head in heads], sorted(head[0] for head in heads)
    records = sorted([row[0] for row in await _records(notary.scan, flow_ids)])
    await forget(session, keys)
    steps = [_delete("flow_records", records), _delete("flows", keys)]
    openings = await _sealed(notary.scan, "openings", keys)
    gone: tuple[tuple[Source, list[int]], ...] = (
        ("records", records),
        ("flows", keys),
        ("openings", openings),
    )
    await notary.append_to(session, [removed(source, rows) for source, rows in gone], steps)


async def remove_month(session: AsyncSession, notary: Notary, month: Month) -> None:
    """Drop a month of steps, of whose flows none runs; the chain keeps that it was retention that did.

    Their own rows stand until they are removed, batch by batch. The caller holds the notary's turn.
    """
    keys, last = array("q"), -1
    sql = text(f"SELECT key FROM {month.name} WHERE key > :last ORDER BY key LIMIT :limit")  # noqa: S608
    while found := (await session.scalars(sql, {"last": last, "limit": KEYS_AT_ONCE})).all():
        keys.extend(found)
        last = found[-1]
    parts = (keys[start : start + KEYS_A_LINK] for start in range(0, len(keys), KEYS_A_LINK))
    await notary.append_to(session, (removed("records", part) for part in parts), ())
    await drop_month(session, month)


async def remove_journal(session: AsyncSession, notary: Notary, keys: Sequence[int]) -> None:
    """Delete rows of the journal; the chain keeps that it was retention that did."""
    await notary.append_to(session, [removed("journal", keys)], [_delete("journal", keys)])


def removed(source: Source, keys: Sequence[int]) -> Sealed:
    """Return the link that names rows which are taken away."""
    return Sealed(source, [(key, b"", b"") for key in keys], kind="removal")


def without_content(body: bytes) -> bytes:
    """Return a phase without what was given to tools and what came of it."""
    steps = CHECKPOINTS.validate_json(body)
    bare = [_bare(step) for step in steps]
    if bare == steps:
        return body
    return orjson.dumps([step.model_dump(mode="json") for step in bare])


def _bare(step: Checkpoint) -> Checkpoint:
    match step.data:
        case ToolCall() as call:
            return step.model_copy(update={"data": call.model_copy(update={"arguments": ERASED})})
        case ToolResult() as result:
            return step.model_copy(update={"data": result.model_copy(update={"preview": ERASED})})
        case _:
            return step


async def _sealed(scan: Scan, source: Source, keys: Sequence[int]) -> list[int]:
    """Return those of some keys, in their order, that a chain knows and that were not removed yet."""
    known: set[int] = set()
    for link in await fetch_links_over(scan, source, keys[0], keys[-1]):
        if link.kind == "removal":
            known.difference_update(link.keys)
        else:
            known.update(link.keys)
    return [key for key in keys if key in known]


async def _records(scan: Scan, flow_ids: Sequence[str]) -> Sequence[tuple[Any, ...]]:
    condition = scan.among("flow_id", "ids")
    columns = f"{RECORD_COLUMNS}, {scan.as_bytes('checkpoints')}"
    sql = f"SELECT {columns} FROM flow_records WHERE {condition} ORDER BY key"  # noqa: S608 our own words
    return await scan.fetch(sql, {"ids": orjson.dumps(list(flow_ids)).decode()})


async def find_heads(scan: Scan, where: str, params: dict[str, Any], limit: int) -> Sequence[tuple[Any, ...]]:
    """Return heads of flows by a condition of ours, in the order of their keys."""
    sql = f"SELECT {HEAD_COLUMNS} FROM flows WHERE {where} ORDER BY key LIMIT :limit"  # noqa: S608
    return await scan.fetch(sql, {**params, "limit": limit})


def _delete(table: str, keys: Sequence[int]) -> Step:
    listed = ", ".join(map(str, keys)) or "NULL"
    return Step(f"DELETE FROM {table} WHERE key IN ({listed})", ())  # noqa: S608 our own numbers
