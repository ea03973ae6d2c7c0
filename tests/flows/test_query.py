"""The query language: what it means, and that what cannot be read is refused with its place."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni2.flows.query import Part, parse
from omni2.kernel.errors import Problem

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def parts(text: str) -> tuple[Part, ...]:
    return parse(text, BERLIN, NOW)


def test_words_keys_alternatives_and_turned_parts_are_read() -> None:
    assert parts('user:ann status:Denied,failed -source:mcp text:"invoice 7" late "two words"') == (
        Part("user", ("ann",)),
        Part("status", ("denied", "failed")),
        Part("source", ("mcp",), negated=True),
        Part("text", ("invoice 7",)),
        Part("any", ("late",)),
        Part("any", ("two words",)),
    )
    assert parts('step:error door:chat tool:a,"b, c" x,y') == (
        Part("kind", ("error",)),
        Part("source", ("chat",)),
        Part("tool", ("a", "b, c")),
        Part("any", ("x,y",)),
    )
    assert parts("   ") == ()


@pytest.mark.parametrize(
    ("text", "compare", "amount"),
    [
        ("cost:>0.01", ">", 10_000),
        ("cost:>=0.0000015", ">", 1),
        ("cost:<0.0000015", "<=", 1),
        ("cost:0.0000015", "=", -1),
        ("cost:0.5usd", "=", 500_000),
        ("duration:>2s", ">", 2_000),
        ("duration:<=1.5m", "<=", 90_000),
        ("duration:>=250ms", ">=", 250),
        ("tokens:>10k", ">", 10_000),
        ("steps:>=20", ">=", 20),
    ],
)
def test_amounts_are_exact_whole_numbers_of_the_stored_unit(text: str, compare: str, amount: int) -> None:
    (part,) = parts(text)
    assert (part.compare, part.amount) == (compare, amount)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("since:2026-03-10", "2026-03-09T23:00:00Z"),
        ("since:2026-07-10", "2026-07-09T22:00:00Z"),
        ("until:2026-03-10T14:02", "2026-03-10T13:02:00Z"),
        ("since:2026-03-10T14:02Z", "2026-03-10T14:02:00Z"),
        ("since:14:02", "2026-03-10T13:02:00Z"),
        ("since:today", "2026-03-09T23:00:00Z"),
        ("since:yesterday", "2026-03-08T23:00:00Z"),
        ("since:90m", "2026-03-10T10:30:00Z"),
        ("since:7d", "2026-03-03T12:00:00Z"),
    ],
)
def test_times_without_a_zone_are_the_readers(text: str, at: str) -> None:
    (part,) = parts(text)
    assert part.at == datetime.fromisoformat(at)


@pytest.mark.parametrize(
    ("text", "position", "length", "words"),
    [
        ("late foo:bar", 5, 3, "no key 'foo'"),
        ('text:"x', 5, 1, "no end"),
        ("a status:lost", 2, 11, "no status 'lost'"),
        ("user:", 0, 5, "nothing behind user:"),
        ('late ""', 5, 2, "nothing between these quotes"),
        ("-", 0, 1, "minus"),
        ("server:a,,b", 0, 11, "comma"),
        ("duration:>2", 0, 11, "unit"),
        ("cost:much", 0, 9, "USD"),
        ("steps:>99999999999999999", 0, 24, "a number"),
        ("since:soon", 0, 10, "a date"),
        ("-since:7d", 0, 9, "turned round"),
        ("since:0001-01-01T00:00+14:00 kind:x", 29, 6, "no kind 'x'"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    text: str, position: int, length: int, words: str
) -> None:
    with pytest.raises(Problem, match="query_malformed") as refused:
        parts(text)
    assert refused.value.status == 422
    assert words in refused.value.detail
    assert (refused.value.extra["position"], refused.value.extra["length"]) == (position, length)


def test_very_long_queries_are_refused() -> None:
    for text in ("x" * 1_001, "a " * 25):
        with pytest.raises(Problem, match="at most"):
            parts(text)


@given(st.text(alphabet='ab:"-, ><=*\\%_09.T\u00e4\n', max_size=60) | st.text(max_size=60))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    refused: Problem | None = None
    try:
        parts(text)
    except Problem as problem:
        refused = problem
    assert refused is None or refused.code == "query_malformed"
    assert refused is None or 0 <= int(str(refused.extra["position"])) <= len(text)
