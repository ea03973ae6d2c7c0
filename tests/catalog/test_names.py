"""Names: whatever servers call their tools, each is callable at /mcp and none is taken for another."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni2.catalog.names import Named, bare, bare_names, exposed, exposed_names, is_plain

SLUGS = st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True)
NAMES = st.one_of(
    st.text(alphabet="ab_-. AZ\u00e9\u4e2d\U0001f600/", min_size=1, max_size=200),
    st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    st.text(alphabet="a", min_size=50, max_size=200),
)
THINGS = st.lists(
    st.builds(Named, SLUGS, NAMES, st.one_of(st.none(), NAMES)),
    unique_by=lambda thing: (thing.slug, thing.own),
    max_size=20,
)


def test_a_plain_name_that_is_short_enough_stays_readable() -> None:
    assert exposed("wiki", "search") == "wiki__search"
    assert bare("search") == "search"
    assert exposed("w", "x" * 61) == f"w__{'x' * 61}"
    assert bare("x" * 64) == "x" * 64


@pytest.mark.parametrize(
    "name", ["a.b", "a b", "\u00e9", "x" * 62, "x" * 200, "a/b", "\u200bsearch", "list\nall", "a:b"]
)
def test_any_other_name_is_made_safe_and_marked_with_a_hash_of_slug_and_name(name: str) -> None:
    mark = hashlib.sha256(f"w\0{name}".encode()).hexdigest()[:8]
    assert exposed("w", name).endswith(f"_{mark}")
    assert exposed("w", name).startswith("w__")
    assert is_plain(exposed("w", name))
    assert is_plain(bare(name))


@given(SLUGS, NAMES)
def test_every_name_is_one_that_clients_and_models_accept(slug: str, name: str) -> None:
    assert is_plain(exposed(slug, name))
    assert is_plain(bare(name))


@given(THINGS)
def test_all_tools_of_all_servers_are_callable_and_none_is_confused(things: list[Named]) -> None:
    names = exposed_names(things)
    assert list(names.values()) == [(thing.slug, thing.own) for thing in things]
    assert all(is_plain(name) for name in names)
    own = [thing for thing in things if thing.slug == things[0].slug] if things else []
    at_one = bare_names(own)
    assert list(at_one.values()) == [thing.own for thing in own]
    assert all(is_plain(name) for name in at_one)


@given(SLUGS, SLUGS, NAMES)
def test_the_same_tool_of_two_servers_has_two_names(first: str, second: str, name: str) -> None:
    assert (exposed(first, name) == exposed(second, name)) == (first == second)


def test_names_that_differ_only_behind_the_cut_or_in_refused_characters_stay_apart() -> None:
    long = "x" * 150
    things = [Named("wiki", name) for name in ("a.b", "a b", "a_b", f"{long}1", f"{long}2", "A_b")]
    names = exposed_names(things)
    assert len(names) == 6
    assert names["wiki__a_b"] == ("wiki", "a_b")
    assert names["wiki__A_b"] == ("wiki", "A_b")


def test_a_tool_that_calls_itself_like_the_mark_of_another_gets_another_name_and_both_are_called() -> None:
    marked = bare("a.b")
    names = bare_names([Named("wiki", "a.b"), Named("wiki", marked)])
    assert names[marked] == marked
    assert set(names.values()) == {"a.b", marked}


def test_what_an_administrator_named_keeps_its_name_when_a_newcomer_is_called_the_same() -> None:
    things = [Named("wiki", "search"), Named("wiki", "old_search", "search")]
    names = exposed_names(things)
    assert names["wiki__search"] == ("wiki", "old_search")
    assert set(names.values()) == {("wiki", "search"), ("wiki", "old_search")}


def test_no_tool_of_one_server_passes_for_one_of_another() -> None:
    things = [Named("a", "b__c"), Named("a-b", "c"), Named("a", "_b")]
    assert list(exposed_names(things)) == ["a__b__c", "a-b__c", "a___b"]
