"""Fills what flows are found by, behind the commit and by position; it catches up after a crash.

One process at a time indexes. It takes the closed flows in small transactions and rests in between, longer
while the record is busy: the writer of an embedded database is the record's. It goes on behind the last flow
that it took, and looks again at all that may have come late before the position moves.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import delete, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.document import Document, Head, Term, document_of
from omni2.flows.models import FlowDoc, FlowHead, FlowIndex, FlowPosting, FlowRecord, FlowTerm, FlowWaiting
from omni2.kernel.db import Database
from omni2.kernel.ids import key_at, now, uptime
from omni2.kernel.jsons import dumps
from omni2.kernel.lane import Many, Step, Steps, Value, Writer
from omni2.kernel.scan import Scan
from omni2.kernel.statement import Statement

BATCH = 50
SETTLE = timedelta(seconds=15)  # longer than a record may wait in the lane: a late one is not passed over
IDLE_S = 1.0
BUSY_BATCH = 24  # the record waits for so many
REST = 2.0
BUSY_UNITS_S = 100.0  # so many commits a second make it rest as long again as it worked
MOST_REST = 40.0
LATE_S = 5.0  # so often it looks for flows that came late
NAME = "flows"

_HEAD = (
    "h.key, h.flow_id, h.user_id, h.source, h.status, h.title, h.sentence, h.model, h.duration_ms,"
    " h.cost_micros"
)
_POSITION = "SELECT position, forgotten FROM flow_index WHERE name = :name"
_FRESH = f"""
SELECT {_HEAD} FROM flows h WHERE h.key > :after
 AND NOT EXISTS (SELECT 1 FROM flow_docs d WHERE d.key = h.key)
 AND NOT EXISTS (SELECT 1 FROM flow_waiting w WHERE w.key = h.key)
ORDER BY h.key LIMIT :size
"""  # noqa: S608 our own words
_ENDED = f"""
SELECT {_HEAD} FROM flow_waiting w JOIN flows h ON h.key = w.key WHERE h.status <> 'running' LIMIT :size
"""  # noqa: S608
_MOVE = "UPDATE flow_index SET position = $1 WHERE name = $2 AND position = $3 AND forgotten = $4"
_DOCS = Statement(
    """
INSERT INTO flow_docs (key, kinds, words) WITH given (key, kinds, words) AS ({rows})
SELECT key, kinds, words FROM given WHERE true ON CONFLICT (key) DO NOTHING
""",
    ("bigint", "integer", "text"),
)
_NEW_TERMS = Statement(
    """
INSERT INTO flow_terms (name, value, flows) WITH given (name, value) AS ({rows})
SELECT name, value, 0 FROM given WHERE NOT EXISTS
 (SELECT 1 FROM flow_terms t WHERE t.name = given.name AND t.value = given.value)
""",
    ("text", "text"),
)
_COUNTS = Statement(
    """
UPDATE flow_terms SET flows = flow_terms.flows + given.more
FROM (WITH given (name, value, more) AS ({rows}) SELECT * FROM given) given
WHERE flow_terms.name = given.name AND flow_terms.value = given.value
""",
    ("text", "text", "bigint"),
)
_POSTINGS = Statement(
    """
INSERT INTO flow_postings (term_id, key) WITH given (name, value, key) AS ({rows})
SELECT t.term_id, given.key FROM given JOIN flow_terms t ON t.name = given.name AND t.value = given.value
""",
    ("text", "text", "bigint"),
)
_WAIT = Statement(
    """
INSERT INTO flow_waiting (key) WITH given (key) AS ({rows})
SELECT key FROM given WHERE true ON CONFLICT (key) DO NOTHING
""",
    ("bigint",),
)
_WAIT_NO_MORE = Statement(
    "DELETE FROM flow_waiting WHERE key IN (WITH given (key) AS ({rows}) SELECT key FROM given)", ("bigint",)
)

Said = Callable[[AsyncSession, Sequence[str]], Awaitable[Mapping[str, str]]]
"""Returns what else was said in some flows of chats, by flow id."""


async def nothing_said(session: AsyncSession, flow_ids: Sequence[str]) -> Mapping[str, str]:
    """Return nothing."""
    del session, flow_ids
    return {}


class HeadRow(NamedTuple):
    """What a document takes from the head of a flow, as it is read."""

    key: int
    flow_id: str
    user_id: str
    source: str
    status: str
    title: str
    sentence: str
    model: str | None
    duration_ms: float | None
    cost_micros: int


@dataclass(slots=True)
class Memo:
    """The last key that an indexer took, and when it last looked at all behind the position (`uptime`)."""

    after: int = 0
    looked_at: float = float("-inf")


class Indexer:
    """Follows the flows, over a writer of its own, not open yet: what it writes waits for nobody's answer.

    `units` counts what the record has committed, to see how busy it is.
    """

    def __init__(
        self,
        database: Database,
        writer: Writer,
        units: Callable[[], int] = lambda: 0,
        said: Said = nothing_said,
    ) -> None:
        self._database = database
        self._scan = Scan(database)
        self._writer = writer
        self._units = units
        self._said = said
        self._seen = (units(), uptime())
        self._memo = Memo()

    async def open(self) -> None:
        """Connect the writer."""
        await self._writer.open()

    async def run(self) -> None:
        """Take one batch, then rest, the longer the more the record has to do."""
        load = self._load()
        size = BUSY_BATCH if load > 1.0 else BATCH
        began = uptime()
        done = await self.take(size)
        rest_s = (uptime() - began) * min(REST + load, MOST_REST)
        await asyncio.sleep(max(rest_s, 0.0 if done >= size else IDLE_S))

    async def catch_up(self, size: int = BATCH) -> int:
        """Index everything that can be; return how many flows that were."""
        total = 0
        while (done := await self.take(size)) > 0:
            total += done
        return total

    async def take(self, size: int) -> int:
        """Index up to `size` closed flows and move on; return how many flows were taken up.

        What is read and made is so before the transaction: that only writes.
        """
        memo, at = self._memo, uptime()
        whole = at - memo.looked_at >= LATE_S
        position, forgotten = await self._position()
        after = position if whole else max(position, memo.after)
        heads = await self._heads(_FRESH, {"after": after, "size": size})
        closed = [head for head in heads if head.status != "running"]
        waiting = await self._heads(_ENDED, {"size": max(size - len(closed), 1)})
        reached = _reached(heads, position, size) if whole else position
        if heads or waiting or reached > position:
            documents = await self._documents([*closed, *waiting])
            steps = (
                # this also keeps out other processes, and what was erased since it was read
                Step(_MOVE, (reached, NAME, position, forgotten), expect=1),
                *_storing(documents),
                *_noting([head.key for head in heads if head.status == "running"], _WAIT),
                *_noting([head.key for head in waiting], _WAIT_NO_MORE),
            )
            if not await self._write(steps):
                return 0  # another process or an erasure was faster: the next look sees what is so now
        if heads:
            memo.after = max(memo.after, heads[-1].key)
        if whole and len(heads) < size:
            memo.looked_at = at
        return len(heads) + len(waiting)

    async def aclose(self) -> None:
        """Let go of the database."""
        await self._scan.aclose()
        await self._writer.aclose()

    async def _position(self) -> tuple[int, int]:
        """Return how far the index has come, and how often it was told to forget."""
        rows = await self._scan.fetch(_POSITION, {"name": NAME})
        return (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)

    async def _heads(self, sql: str, params: Mapping[str, int]) -> list[HeadRow]:
        return [HeadRow(*row) for row in await self._scan.fetch(sql, params)]

    async def _documents(self, heads: Sequence[HeadRow]) -> list[Document]:
        if not heads:
            return []
        wanted = self._scan.among("flow_id", "flows")
        sql = f"SELECT flow_id, checkpoints FROM flow_records WHERE {wanted} ORDER BY flow_id, first_seq"  # noqa: S608
        rows = await self._scan.fetch(sql, {"flows": dumps([head.flow_id for head in heads])})
        talks = [head.flow_id for head in heads if head.source == "chat"]
        answers: Mapping[str, str] = {}
        if talks:
            async with self._database.read() as session:
                answers = await self._said(session, talks)
        return _made(heads, [(row[0], row[1]) for row in rows], answers)

    async def _write(self, steps: Steps) -> bool:
        """Commit; False when the position or a flow of these is taken, or one was forgotten."""
        outcome = (await self._writer.run([steps]))[0]
        if outcome.error is not None:
            raise outcome.error
        return outcome.refused is None

    def _load(self) -> float:
        """Return how busy the record was since the last look; 1 is `BUSY_UNITS_S`."""
        units, at = self._units(), uptime()
        before, then = self._seen
        self._seen = (units, at)
        return (units - before) / (BUSY_UNITS_S * max(at - then, 0.001))


async def documents_of(session: AsyncSession, heads: Sequence[Head]) -> list[Document]:
    """Return what these flows are found by, from their records."""
    rows = await session.execute(
        select(FlowRecord.flow_id, FlowRecord.checkpoints)
        .where(FlowRecord.flow_id.in_([head.flow_id for head in heads]))
        .order_by(FlowRecord.flow_id, FlowRecord.first_seq)
    )
    return _made(heads, [(row[0], row[1]) for row in rows], {})


def _made(
    heads: Sequence[Head], rows: Sequence[tuple[str, str]], answers: Mapping[str, str]
) -> list[Document]:
    records: dict[str, list[str]] = {head.flow_id: [] for head in heads}
    for flow_id, checkpoints in rows:
        records[flow_id].append(checkpoints)
    return [document_of(head, records[head.flow_id], answers.get(head.flow_id, "")) for head in heads]


def _storing(documents: Sequence[Document]) -> list[Many]:
    """Return what writes documents, none of which may be there already."""
    if not documents:
        return []
    counts = Counter(term for each in documents for term in (*each.terms, *each.counted))
    postings: list[tuple[Value, ...]] = [(*term, each.key) for each in documents for term in each.terms]
    return [
        Many(_DOCS, [(each.key, each.kinds, each.words) for each in documents], expect=len(documents)),
        Many(_NEW_TERMS, list(counts)),
        Many(_COUNTS, [(*term, count) for term, count in counts.items()], expect=len(counts)),
        *([Many(_POSTINGS, postings, expect=len(postings))] if postings else []),
    ]


def _noting(keys: Sequence[int], how: Statement) -> list[Many]:
    """Return what lets flows that still run wait, or those that are over no more."""
    return [Many(how, [(key,) for key in keys])] if keys else []


async def forget(session: AsyncSession, keys: Sequence[int]) -> None:
    """Take flows out of the index, in the transaction that deletes or erases them, before it does."""
    mark = update(FlowIndex).where(FlowIndex.name == NAME)  # first: no batch commits until this one has
    await session.execute(mark.values(forgotten=FlowIndex.forgotten + 1))
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


def _reached(heads: Sequence[HeadRow], position: int, size: int) -> int:
    """Return how far the position may move: never to where a flow may still turn up behind it."""
    settled = key_at(now() - SETTLE)
    return max(position, min(settled, heads[-1].key if len(heads) == size else settled))


async def _known(session: AsyncSession, terms: Sequence[Term]) -> dict[Term, int]:
    rows = await session.execute(
        select(FlowTerm.name, FlowTerm.value, FlowTerm.term_id).where(
            tuple_(FlowTerm.name, FlowTerm.value).in_(terms)
        )
    )
    return {(name, value): term_id for name, value, term_id in rows}
