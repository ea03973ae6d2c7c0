"""Lists of keys of flows, newest first: by user, status, term or words; the shortest one leads a search."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    bindparam,
    false,
    func,
    literal_column,
    select,
    text,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from omni2.flows.models import FlowDoc, FlowHead, FlowPosting, FlowTerm

TERMS_LIMIT = 24
GRAM = 3
UNKNOWN = 1 << 62
SAID = 30_000  # how many flows are taken to say some words; a shorter list is looked through instead

Keys = Callable[[int | None, int | None], Select[Any]]


@dataclass(slots=True)
class Driver:
    """Lists of keys, newest first, that hold every flow that is meant, and how many these are about."""

    lists: list[Keys]
    size: int = UNKNOWN
    needs_index: bool = False
    unordered: bool = False


def all_keys(before: int | None, floor: int | None) -> Select[Any]:
    """Return the keys of all flows within these bounds."""
    return _bounded(select(FlowHead.key), FlowHead.key, before, floor)


def postings(rows: Sequence[FlowTerm]) -> Driver:
    """Return the flows of some terms; of very many terms none, for which another list is better."""
    if len(rows) > TERMS_LIMIT:
        return Driver([all_keys])
    size = sum(row.flows for row in rows)
    return Driver([by_term(row.term_id) for row in rows], size, needs_index=True)


def by_column(column: InstrumentedAttribute[Any], value: str) -> Keys:
    return lambda before, floor: _bounded(
        select(FlowHead.key).where(column == value), FlowHead.key, before, floor
    )


def by_id(value: str) -> Keys:
    """Return the flows whose id begins so, by the index of ids."""
    low, high = FlowHead.flow_id >= value, FlowHead.flow_id < f"{value}g"
    return lambda before, floor: _bounded(select(FlowHead.key).where(low, high), FlowHead.key, before, floor)


def by_term(term_id: int) -> Keys:
    keys = select(FlowPosting.key).where(FlowPosting.term_id == term_id)
    return lambda before, floor: _bounded(keys, FlowPosting.key, before, floor)


def grams_of(words: str, *, is_sqlite: bool) -> Keys:
    """Return the flows that hold every trigram of some words, which holds for all that say them."""
    grams = sorted({words[place : place + GRAM] for place in range(len(words) - GRAM + 1)})
    if is_sqlite:
        row: ColumnElement[Any] = literal_column("flow_words.rowid")
        quoted = " AND ".join('"' + gram.replace('"', '""') + '"' for gram in grams)
        matches = text("flow_words MATCH :grams").bindparams(bindparam("grams", quoted, unique=True))
        query: Select[Any] = select(row.label("key")).select_from(text("flow_words")).where(matches)
        return lambda before, floor: _bounded(query, row, before, floor)
    held = func.flow_grams(FlowDoc.words).op("@>")(func.string_to_array("\x1f".join(grams), "\x1f"))
    said = FlowDoc.words.contains(words, autoescape=True)
    found = select(FlowDoc.key).where(held, said).cte("said").prefix_with("MATERIALIZED")
    return lambda before, floor: _bounded(select(found.c.key), found.c.key, before, floor)


def _bounded(
    query: Select[Any],
    key: ColumnElement[Any] | InstrumentedAttribute[int],
    before: int | None,
    floor: int | None,
) -> Select[Any]:
    if before is not None:
        query = query.where(key < before)
    if floor is not None:
        query = query.where(key >= floor)
    return query.order_by(key.desc())


def newest_of(lists: Sequence[Keys], before: int | None, floor: int | None, size: int) -> Select[Any]:
    """Return up to `size` keys of several lists together, newest first."""
    if not lists:
        return select(FlowHead.key).where(false())
    if len(lists) == 1:
        return lists[0](before, floor).limit(size)
    parts = [each(before, floor).limit(size).subquery() for each in lists]
    both = union(*(select(part.c.key) for part in parts)).subquery()
    return select(both.c.key).order_by(both.c.key.desc()).limit(size)
