"""Fills what flows are found by, behind the commit and by position; it catches up after a crash.

One process at a time indexes. It takes the closed flows in small transactions and rests in between, longer
while the record is busy: the writer of an embedded database is the record's. It goes on behind the last flow
that it took, and looks again at all that may have come late before the position moves.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, Table, bindparam, delete, exists, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.document import Document, Head, Term, document_of
from omni2.flows.models import FlowDoc, FlowHead, FlowIndex, FlowPosting, FlowRecord, FlowTerm, FlowWaiting
from omni2.kernel.db import Database
from omni2.kernel.ids import key_at, now, uptime

BATCH = 50
SETTLE = timedelta(seconds=15)  # longer than a record may wait in the lane: a late one is not passed over
IDLE_S = 1.0
BUSY_BATCH = 8  # the record waits for so many
REST = 2.0
BUSY_UNITS_S = 100.0  # so many commits a second make it rest as long again as it worked
MOST_REST = 40.0
LATE_S = 5.0  # so often it looks for flows that came late
MAX_IDS = 10_000
NAME = "flows"

_DOCS, _POSTINGS = cast("Table", FlowDoc.__table__), cast("Table", FlowPosting.__table__)

Said = Callable[[AsyncSession, Sequence[str]], Awaitable[Mapping[str, str]]]
"""Returns what else was said in some flows of chats, by flow id."""


async def nothing_said(session: AsyncSession, flow_ids: Sequence[str]) -> Mapping[str, str]:
    """Return nothing."""
    del session, flow_ids
    return {}


@dataclass(slots=True)
class Memo:
    """What an indexer need not read again: the last key that it took, and the numbers of terms.

    `looked_at` is when it last looked at all behind the position (seconds of `uptime`).
    """

    after: int = 0
    looked_at: float = float("-inf")
    ids: dict[Term, int] = field(default_factory=dict)


class Indexer:
    """Follows the flows. `units` counts what the record has committed, to see how busy it is."""

    def __init__(
        self, database: Database, units: Callable[[], int] = lambda: 0, said: Said = nothing_said
    ) -> None:
        self._database = database
        self._units = units
        self._said = said
        self._seen = (units(), uptime())
        self._memo = Memo()

    async def run(self) -> None:
        """Take one batch, then rest, the longer the more the record has to do."""
        load = self._load()
        size = BUSY_BATCH if load > 1.0 else BATCH
        began = uptime()
        done = await index_batch(self._database, size, self._said, self._memo)
        rest_s = (uptime() - began) * min(REST + load, MOST_REST)
        await asyncio.sleep(max(rest_s, 0.0 if done >= size else IDLE_S))

    def _load(self) -> float:
        """Return how busy the record was since the last look; 1 is `BUSY_UNITS_S`."""
        units, at = self._units(), uptime()
        before, then = self._seen
        self._seen = (units, at)
        return (units - before) / (BUSY_UNITS_S * max(at - then, 0.001))


async def catch_up(database: Database, said: Said = nothing_said) -> int:
    """Index everything that can be; return how many flows that were."""
    total = 0
    while (done := await index_batch(database, said=said)) > 0:
        total += done
    return total


async def index_batch(
    database: Database, size: int = BATCH, said: Said = nothing_said, memo: Memo | None = None
) -> int:
    """Index up to `size` closed flows and move on; return how many flows were taken up.

    What is read and made is so before the transaction: that only writes.
    """
    memo = memo or Memo()
    at = uptime()
    whole = at - memo.looked_at >= LATE_S
    async with database.read() as session:
        position = await _position(session)
        heads = await _fresh_heads(session, position if whole else max(position, memo.after), size)
        closed = [head for head in heads if head.status != "running"]
        waiting = await _ended_heads(session, size - len(closed))
        documents = await documents_of(session, [*closed, *waiting], said)
        found = Counter(term for each in documents for term in (*each.terms, *each.counted))
        await _learn(session, memo, found)
    reached = _reached(heads, position, size) if whole else position
    if heads or waiting or reached > position:
        async with database.work() as work:
            if not await _move(work.session, position, reached) or await _is_there(work.session, documents):
                return 0  # another process was faster
            await _store(work.session, documents, found, memo)
            await _note_waiting(work.session, heads, waiting)
    if heads:
        memo.after = max(memo.after, heads[-1].key)
    if whole and len(heads) < size:
        memo.looked_at = at
    return len(heads) + len(waiting)


async def documents_of(
    session: AsyncSession, heads: Sequence[Head], said: Said = nothing_said
) -> list[Document]:
    """Return what these flows are found by, from their records."""
    flow_ids = [head.flow_id for head in heads]
    if not flow_ids:
        return []
    rows = await session.execute(
        select(FlowRecord.flow_id, FlowRecord.checkpoints)
        .where(FlowRecord.flow_id.in_(flow_ids))
        .order_by(FlowRecord.flow_id, FlowRecord.first_seq)
    )
    records: dict[str, list[str]] = {flow_id: [] for flow_id in flow_ids}
    for flow_id, checkpoints in rows:
        records[flow_id].append(checkpoints)
    talks = [head.flow_id for head in heads if head.source == "chat"]
    answers: Mapping[str, str] = await said(session, talks) if talks else {}
    return [document_of(head, records[head.flow_id], answers.get(head.flow_id, "")) for head in heads]


async def forget(session: AsyncSession, keys: Sequence[int]) -> None:
    """Take flows out of the index, in the transaction that deletes or erases them, before it does."""
    tables = (FlowDoc, FlowPosting, FlowWaiting)
    lost = await session.execute(select(FlowPosting.term_id).where(FlowPosting.key.in_(keys)))
    heads = await session.execute(
        select(FlowHead.user_id, FlowHead.status, FlowHead.source)
        .join(FlowDoc, FlowDoc.key == FlowHead.key)
        .where(FlowHead.key.in_(keys))
    )
    fewer = Counter(lost.scalars())
    counted = Counter(
        (name, value) for row in heads for name, value in zip(("user", "status", "source"), row, strict=True)
    )
    ids = await _known(session, list(counted))
    fewer.update({ids[term]: count for term, count in counted.items() if term in ids})
    for term_id, count in fewer.items():
        gone = update(FlowTerm).where(FlowTerm.term_id == term_id)
        await session.execute(gone.values(flows=FlowTerm.flows - count))
    for table in tables:
        await session.execute(delete(table).where(table.key.in_(keys)))


async def _position(session: AsyncSession) -> int:
    found = await session.scalar(select(FlowIndex.position).where(FlowIndex.name == NAME))
    return found or 0


async def _fresh_heads(session: AsyncSession, position: int, size: int) -> Sequence[Head]:
    """Return the oldest flows behind the position that are neither indexed nor wait."""
    asked = (
        _heads()
        .where(
            FlowHead.key > position,
            ~exists().where(FlowDoc.key == FlowHead.key),
            ~exists().where(FlowWaiting.key == FlowHead.key),
        )
        .order_by(FlowHead.key)
        .limit(size)
    )
    return cast("Sequence[Head]", (await session.execute(asked)).all())


async def _ended_heads(session: AsyncSession, size: int) -> Sequence[Head]:
    """Return flows that waited and are over."""
    asked = (
        _heads()
        .join(FlowWaiting, FlowWaiting.key == FlowHead.key)
        .where(FlowHead.status != "running")
        .limit(max(size, 1))
    )
    return cast("Sequence[Head]", (await session.execute(asked)).all())


def _heads() -> Any:
    return select(
        FlowHead.key,
        FlowHead.flow_id,
        FlowHead.user_id,
        FlowHead.source,
        FlowHead.status,
        FlowHead.title,
        FlowHead.sentence,
        FlowHead.model,
        FlowHead.duration_ms,
        FlowHead.cost_micros,
    )


def _reached(heads: Sequence[Head], position: int, size: int) -> int:
    """Return how far the position may move: never to where a flow may still turn up behind it."""
    settled = key_at(now() - SETTLE)
    return max(position, min(settled, heads[-1].key if len(heads) == size else settled))


async def _move(session: AsyncSession, position: int, reached: int) -> bool:
    """Move the position, which also locks out other processes; False when another one was faster."""
    moved = cast(
        "CursorResult[Any]",
        await session.execute(
            update(FlowIndex)
            .where(FlowIndex.name == NAME, FlowIndex.position == position)
            .values(position=reached)
        ),
    )
    return moved.rowcount == 1


async def _is_there(session: AsyncSession, documents: Sequence[Document]) -> bool:
    keys = [each.key for each in documents]
    return bool(keys) and await session.scalar(select(FlowDoc.key).where(FlowDoc.key.in_(keys))) is not None


async def _note_waiting(session: AsyncSession, heads: Sequence[Head], ended: Sequence[Head]) -> None:
    """Let flows that still run wait, and those that are over no more."""
    if ended:
        keys = [head.key for head in ended]
        await session.execute(delete(FlowWaiting).where(FlowWaiting.key.in_(keys)))
    running = [{"key": head.key} for head in heads if head.status == "running"]
    if running:
        await session.execute(insert(FlowWaiting), running)


async def _learn(session: AsyncSession, memo: Memo, terms: Counter[Term]) -> None:
    """Read the numbers of terms that are not known yet."""
    if len(memo.ids) > MAX_IDS:
        memo.ids.clear()
    unknown = [term for term in terms if term not in memo.ids]
    if unknown:
        memo.ids |= await _known(session, unknown)


async def _store(
    session: AsyncSession, documents: Sequence[Document], found: Counter[Term], memo: Memo
) -> None:
    """Write with few statements: the record waits for the writer meanwhile."""
    if not documents:
        return
    connection = await session.connection()
    rows = [{"key": each.key, "kinds": each.kinds, "words": each.words} for each in documents]
    await connection.execute(insert(_DOCS), rows)
    ids = memo.ids
    if fresh := [term for term in found if term not in ids]:
        added = [{"name": name, "value": of, "flows": 0} for name, of in fresh]
        await connection.execute(insert(FlowTerm), added)
        ids = {**ids, **await _known(session, fresh)}  # not kept: they are undone if the commit fails
    postings = [{"term_id": ids[term], "key": each.key} for each in documents for term in each.terms]
    if postings:
        await connection.execute(insert(_POSTINGS), postings)
    more = FlowTerm.flows + bindparam("more")
    counting = update(FlowTerm).where(FlowTerm.term_id == bindparam("term")).values(flows=more)
    await connection.execute(counting, [{"term": ids[term], "more": count} for term, count in found.items()])


async def _known(session: AsyncSession, terms: Sequence[Term]) -> dict[Term, int]:
    rows = await session.execute(
        select(FlowTerm.name, FlowTerm.value, FlowTerm.term_id).where(
            tuple_(FlowTerm.name, FlowTerm.value).in_(terms)
        )
    )
    return {(name, value): term_id for name, value, term_id in rows}
