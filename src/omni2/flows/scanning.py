"""Looks for the flows that a query means, newest first, in growing pieces and within a budget of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Select, exists, false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.document import Head
from omni2.flows.finding import Meaning
from omni2.flows.indexer import NAME, documents_of
from omni2.flows.keylists import Driver, Keys, all_keys, newest_of
from omni2.flows.models import FlowDoc, FlowHead, FlowIndex, FlowWaiting
from omni2.kernel.ids import uptime

FIRST_PIECE = 200
LARGEST_FIRST_PIECE = 2_000
LARGEST_PIECE = 25_000
GROWTH = 5
BUDGET_S = 0.2
FRESH_LIMIT = 500
WARM = 6_000


@dataclass(frozen=True, slots=True)
class Found:
    """Rows, newest first, head or key of the flow in front; `stopped_at` is where to go on, if at all.

    `behind`: so many flows are not indexed yet that only the newest of these were looked at.
    """

    rows: Sequence[Any]
    stopped_at: int | None
    behind: bool = False


async def scan(
    session: AsyncSession,
    meaning: Meaning,
    base: Select[Any],
    after: int | None,
    want: int,
    budget_s: float | None = None,
) -> Found:
    """Return up to `want` rows of `base`, a selection from flows, behind the key `after`."""
    newest = meaning.newest
    before = after if newest is None else newest if after is None else min(after, newest)
    driver = meaning.driver()
    fresh, behind = await _fresh(session, meaning, driver, base, before)
    rows, stopped_at = await _scan_heads(
        session, meaning, (driver, base), (before, want), BUDGET_S if budget_s is None else budget_s
    )
    known = {_key(row) for row in rows}
    rows += [row for row in fresh if _key(row) not in known and _key(row) >= (stopped_at or 0)]
    rows.sort(key=_key, reverse=True)
    return Found(rows[:want], None if len(rows) >= want else stopped_at, behind)


async def _scan_heads(
    session: AsyncSession,
    meaning: Meaning,
    source: tuple[Driver, Select[Any]],
    bounds: tuple[int | None, int],
    budget_s: float,
) -> tuple[list[Any], int | None]:
    driver, base = source
    before, want = bounds
    base = base.where(*meaning.on_head, *meaning.on_index)
    size, looked = min(max(FIRST_PIECE, want), LARGEST_FIRST_PIECE), 0
    rows: list[Any] = []
    began = uptime()
    end = began + budget_s
    unordered = driver.unordered and session.get_bind().dialect.name != "sqlite"
    while True:
        at_once = unordered and looked >= WARM
        lists = [all_keys] if unordered and not at_once else driver.lists
        newest = newest_of(lists, before, meaning.oldest or None, size)
        if at_once:
            found, floor = await _all_at_once(session, base, newest, want - len(rows), size)
        else:
            floor = await _floor(session, newest, size)
            piece = _piece(base, lists, (before, floor if floor is not None else meaning.oldest))
            first = piece.order_by(FlowHead.key.desc()).limit(want - len(rows))
            found = (await session.execute(first)).all()
        rows += found
        if len(rows) >= want or floor is None:
            return rows, None
        ended = uptime()
        if ended > end:
            return rows, floor
        before, looked = floor, looked + size
        size, began = _next_size(size, ended - began, end - ended), ended


def _next_size(size: int, took_s: float, left_s: float) -> int:
    """Return how many keys the next piece has: more than before, but not more than there is time for."""
    affordable = int(size * left_s / took_s) if took_s > 0 else LARGEST_PIECE
    return max(FIRST_PIECE, min(size * GROWTH, LARGEST_PIECE, affordable))


async def _all_at_once(
    session: AsyncSession, base: Select[Any], newest: Select[Any], want: int, size: int
) -> tuple[Sequence[Any], int | None]:
    """Return rows and the floor of a list that PostgreSQL finds at once or not at all, as it does words.

    Until then the newest flows are looked at one by one. The floor costs as much again as the rows.
    """
    keys = newest.subquery()
    first = base.where(FlowHead.key == keys.c.key).order_by(keys.c.key.desc()).limit(want)
    rows = (await session.execute(first)).all()
    return rows, await _floor(session, newest, size) if len(rows) < want else None


def _piece(base: Select[Any], lists: Sequence[Keys], bounds: tuple[int | None, int]) -> Select[Any]:
    before, floor = bounds
    if lists == [all_keys]:
        piece = base.where(FlowHead.key >= floor)
        return piece if before is None else piece.where(FlowHead.key < before)
    return base.where(or_(false(), *(FlowHead.key.in_(each(before, floor).order_by(None)) for each in lists)))


async def _floor(session: AsyncSession, newest: Select[Any], size: int) -> int | None:
    """Return the key down to which the next piece goes; None when that is the last one."""
    keys = newest.subquery()
    return await session.scalar(select(keys.c.key).order_by(keys.c.key.desc()).offset(size - 1).limit(1))


async def _fresh(
    session: AsyncSession, meaning: Meaning, driver: Driver, base: Select[Any], before: int | None
) -> tuple[Sequence[Any], bool]:
    """Return rows of flows that the index does not hold yet, and whether there are too many to see all."""
    if not meaning.needs_index and not driver.needs_index:
        return [], False
    position = select(FlowIndex.position).where(FlowIndex.name == NAME).scalar_subquery()
    behind = select(FlowHead.key).where(FlowHead.key > position)
    query = select(FlowHead).where(
        FlowHead.key.in_(behind.union_all(select(FlowWaiting.key))),
        ~exists().where(FlowDoc.key == FlowHead.key),
        FlowHead.key >= meaning.oldest,
        *meaning.on_head,
    )
    if before is not None:
        query = query.where(FlowHead.key < before)
    heads = (await session.scalars(query.order_by(FlowHead.key.desc()).limit(FRESH_LIMIT))).all()
    if not heads:
        return [], False
    documents = await documents_of(session, cast("Sequence[Head]", heads))
    keys = [
        head.key
        for head, document in zip(heads, documents, strict=True)
        if all(test(head, document) for test in meaning.tests)
    ]
    rows = (await session.execute(base.where(FlowHead.key.in_(keys)))).all()
    return rows, len(heads) == FRESH_LIMIT


def _key(row: Any) -> int:
    first = row[0]
    return first.key if isinstance(first, FlowHead) else int(first)
