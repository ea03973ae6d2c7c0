"""Which flows a query means: conditions, and the list of keys that finds them with the fewest looks.

Some conditions hold for the head of a flow alone. Others need the index; flows that it does not hold yet are
few and are looked at themselves, so that nothing that happened a moment ago is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    exists,
    false,
    func,
    not_,
    or_,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.document import STEPS, Document, mask_of, searchable
from omni2.flows.keylists import (
    GRAM,
    SAID,
    TERMS_LIMIT,
    UNKNOWN,
    Driver,
    Keys,
    all_keys,
    by_column,
    by_id,
    grams_of,
    postings,
)
from omni2.flows.models import FlowDoc, FlowHead, FlowPosting, FlowTerm
from omni2.flows.query import Part
from omni2.identity.models import User
from omni2.kernel.ids import key_at
from omni2.kernel.search import contains

PEOPLE_LIMIT = 20
_SOON = 3_600_000 << 22  # by which the key of a flow and its start may differ, at the very most: an hour
_LAST_KEY = (1 << 63) - 1

Test = Callable[[FlowHead, Document], bool]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: whose flows they see, and whose words they may search."""

    user_id: str
    all_flows: bool
    content: bool
    is_sqlite: bool


@dataclass(slots=True)
class Meaning:
    """What a query means. `on_head` holds for every flow, `on_index` for indexed ones, `tests` for others."""

    on_head: list[ColumnElement[bool]] = field(default_factory=list[ColumnElement[bool]])
    on_index: list[ColumnElement[bool]] = field(default_factory=list[ColumnElement[bool]])
    tests: list[Test] = field(default_factory=list[Test])
    drivers: list[Driver] = field(default_factory=list[Driver])
    oldest: int = 0
    newest: int | None = None

    @property
    def needs_index(self) -> bool:
        """Whether the heads of flows do not tell it all."""
        return bool(self.tests)

    def driver(self) -> Driver:
        """Return the shortest list of keys."""
        return min(self.drivers, key=lambda one: one.size, default=Driver([all_keys]))


async def mean(session: AsyncSession, reader: Reader, parts: Sequence[Part]) -> Meaning:
    """Return what a query means to this reader."""
    meaning = Meaning()
    if not reader.all_flows:
        meaning.on_head.append(FlowHead.user_id == reader.user_id)
        meaning.drivers.append(Driver([by_column(FlowHead.user_id, reader.user_id)], UNKNOWN - 1))
    for part in parts:
        match part.key:
            case "user" | "user_id":
                await _user(session, meaning, part)
            case "status" | "source" | "conversation" | "flow":
                await _head(session, meaning, part)
            case "since" | "until":
                _time(meaning, part)
            case "cost" | "duration" | "tokens" | "steps" | "calls":
                await _amount(session, meaning, part)
            case "server" | "tool" | "model" | "error":
                await _term(session, meaning, part)
            case "kind":
                await _kind(session, meaning, part)
            case _:
                await _words(session, meaning, reader, part)
    if meaning.tests and any(part.negated for part in parts):
        meaning.on_index.append(exists().where(FlowDoc.key == FlowHead.key))
    return meaning


async def _user(session: AsyncSession, meaning: Meaning, part: Part) -> None:
    people = list(part.values)
    if part.key == "user":
        people = [user_id for value in part.values for user_id in await find_people(session, value)]
    condition = FlowHead.user_id.in_(people) if people else false()
    meaning.on_head.append(not_(condition) if part.negated else condition)
    if not part.negated and len(people) <= TERMS_LIMIT:
        size = await _count(session, "user", people)
        meaning.drivers.append(Driver([by_column(FlowHead.user_id, one) for one in people], size))


async def find_people(session: AsyncSession, value: str) -> list[str]:
    """Return the ids of the people meant: by id or e-mail exactly, else by part of a name or e-mail."""
    exact = select(User.user_id).where(
        or_(User.user_id == value, func.lower(User.email) == value.strip().lower())
    )
    found = list(await session.scalars(exact))
    if found:
        return found
    partly = select(User.user_id).where(or_(contains(User.email, value), contains(User.name, value)))
    return list(await session.scalars(partly.limit(PEOPLE_LIMIT)))


async def _head(session: AsyncSession, meaning: Meaning, part: Part) -> None:
    """Narrow by what the head of a flow says in so many words."""
    if part.key == "flow":
        starts = [FlowHead.flow_id.startswith(value.lower(), autoescape=True) for value in part.values]
        condition = or_(*starts)
    else:
        columns = {"status": FlowHead.status, "source": FlowHead.source}
        condition = columns.get(part.key, FlowHead.conversation_id).in_(part.values)
    if part.negated:
        nothing = FlowHead.conversation_id.is_(None) if part.key == "conversation" else false()
        meaning.on_head.append(or_(not_(condition), nothing))
        return
    meaning.on_head.append(condition)
    if part.key == "status":
        size = await _count(session, "status", part.values)
        meaning.drivers.append(Driver([by_column(FlowHead.status, value) for value in part.values], size))
    elif part.key == "conversation":
        lists = [by_column(FlowHead.conversation_id, value) for value in part.values[:TERMS_LIMIT]]
        meaning.drivers.append(Driver(lists, 0))
    elif part.key == "flow":
        meaning.drivers.append(Driver([by_id(value) for value in part.values[:TERMS_LIMIT]], 1))


def _time(meaning: Meaning, part: Part) -> None:
    if part.at is None:
        return
    if part.key == "since":
        meaning.on_head.append(FlowHead.started_at >= part.at)
        meaning.oldest = max(meaning.oldest, min(key_at(part.at), _LAST_KEY) - _SOON)
    else:
        meaning.on_head.append(FlowHead.started_at < part.at)
        newest = min(key_at(part.at), _LAST_KEY - _SOON) + _SOON
        meaning.newest = newest if meaning.newest is None else min(meaning.newest, newest)


async def _amount(session: AsyncSession, meaning: Meaning, part: Part) -> None:
    columns: dict[str, ColumnElement[Any]] = {
        "cost": FlowHead.cost_micros.expression,
        "duration": func.coalesce(FlowHead.duration_ms, -1),
        "tokens": FlowHead.input_tokens + FlowHead.output_tokens,
        "steps": FlowHead.last_seq.expression,
        "calls": FlowHead.tool_calls.expression,
    }
    column, amount = columns[part.key], part.amount
    condition: ColumnElement[bool] = {
        ">": column > amount,
        ">=": column >= amount,
        "<": and_(column < amount, column >= 0),
        "<=": and_(column <= amount, column >= 0),
        "=": column == amount,
    }[part.compare]
    meaning.on_head.append(not_(condition) if part.negated else condition)
    if part.key not in {"cost", "duration"} or part.negated or "<" in part.compare or amount < STEPS[0]:
        return
    floor = max(step for step in STEPS if step <= amount)
    rows = await _terms(session, "cost" if part.key == "cost" else "took", [])
    wanted = [row for row in rows if int(row.value) >= floor]
    meaning.drivers.append(postings(wanted))


async def _term(session: AsyncSession, meaning: Meaning, part: Part) -> None:
    patterns = [value.lower() for value in part.values]
    if part.key == "tool":
        patterns += [f"*.{pattern}" for pattern in patterns]
    rows = await _terms(session, part.key, patterns)
    held = _holds([row.term_id for row in rows])
    meaning.on_index.append(not_(held) if part.negated else held)
    plain = [pattern.replace("[", "[[]") for pattern in patterns]

    def test(head: FlowHead, document: Document) -> bool:
        del head
        values = [value for name, value in document.terms if name == part.key]
        return any(fnmatchcase(value, one) for value in values for one in plain) is not part.negated

    meaning.tests.append(test)
    if not part.negated:
        meaning.drivers.append(postings(rows))


async def _kind(session: AsyncSession, meaning: Meaning, part: Part) -> None:
    mask = mask_of(part.values)
    held = (
        select(FlowDoc.key).where(FlowDoc.key == FlowHead.key, FlowDoc.kinds.bitwise_and(mask) != 0).exists()
    )
    meaning.on_index.append(not_(held) if part.negated else held)
    meaning.tests.append(lambda head, document: bool(document.kinds & mask) is not part.negated)
    rows = await _terms(session, "kind", list(part.values))
    if not part.negated and set(part.values) <= {row.value for row in rows}:
        meaning.drivers.append(postings(rows))


async def _words(session: AsyncSession, meaning: Meaning, reader: Reader, part: Part) -> None:
    """Narrow by words; what a reader may not see is not searched for them. Bare words also name people."""
    words = [searchable(value) for value in part.values]
    spoken = or_(*(_says(value) for value in words))
    named: list[ColumnElement[bool]] = []
    lists: list[Keys] = []
    people: list[str] = []
    if part.key == "any":
        people = [user_id for value in part.values for user_id in await find_people(session, value)]
        named = [FlowHead.user_id.in_(people)] if people else []
        named += [FlowHead.flow_id.startswith(value, autoescape=True) for value in words]
        lists = [by_column(FlowHead.user_id, user_id) for user_id in people[:TERMS_LIMIT]]
        lists += [by_id(value) for value in words]
    seen = spoken if reader.content else and_(spoken, FlowHead.user_id == reader.user_id)
    condition = or_(seen, *named)
    meaning.on_index.append(not_(condition) if part.negated else condition)

    def test(head: FlowHead, document: Document) -> bool:
        may = reader.content or head.user_id == reader.user_id
        found = may and any(value in document.words for value in words)
        found = found or head.user_id in people
        found = found or (part.key == "any" and any(head.flow_id.startswith(value) for value in words))
        return found is not part.negated

    meaning.tests.append(test)
    if not part.negated and all(len(value) >= GRAM for value in words):
        lists += [grams_of(value, is_sqlite=reader.is_sqlite) for value in words]
        meaning.drivers.append(Driver(lists, SAID, needs_index=True, unordered=True))


def _says(words: str) -> ColumnElement[bool]:
    """Whether a flow says some words: a look at its own document, never at those of all flows before."""
    says = select(FlowDoc.words.contains(words, autoescape=True)).where(FlowDoc.key == FlowHead.key)
    return func.coalesce(says.scalar_subquery(), false())


def _holds(term_ids: Sequence[int]) -> ColumnElement[bool]:
    if not term_ids:
        return false()
    return (
        select(FlowPosting.key)
        .where(FlowPosting.key == FlowHead.key, FlowPosting.term_id.in_(term_ids))
        .exists()
    )


async def _terms(session: AsyncSession, name: str, patterns: Sequence[str]) -> Sequence[FlowTerm]:
    """Return the terms of a name that match a pattern; all of them where there is none."""
    query = select(FlowTerm).where(FlowTerm.name == name)
    if patterns:
        query = query.where(or_(*(_like(pattern) for pattern in patterns)))
    return (await session.scalars(query.limit(2_000))).all()


def _like(pattern: str) -> ColumnElement[bool]:
    if "*" not in pattern and "?" not in pattern:
        return FlowTerm.value == pattern
    plain = pattern.replace("/", "//").replace("%", "/%").replace("_", "/_")
    return FlowTerm.value.like(plain.replace("*", "%").replace("?", "_"), escape="/")


async def _count(session: AsyncSession, name: str, values: Sequence[str]) -> int:
    query = select(func.sum(FlowTerm.flows)).where(FlowTerm.name == name, FlowTerm.value.in_(values))
    return int(await session.scalar(query) or 0)
