"""The decision itself: default deny, deny wins, patterns that mean what they say."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni2.access.decide import DEFAULT_DENY, Rule, decide, decide_server, matches

NAMES = st.text(alphabet="ab_*?.[]\n", max_size=8)
PATTERNS = st.text(alphabet="ab_*?.[]\n", min_size=1, max_size=8)
RULES = st.lists(
    st.builds(
        Rule,
        grant_id=st.uuids().map(str),
        name=st.sampled_from(("first", "second")),
        server=st.sampled_from(("*", "wiki", "shop", "w*")),
        allow=st.lists(PATTERNS, max_size=3).map(tuple),
        deny=st.lists(PATTERNS, max_size=3).map(tuple),
    ),
    max_size=6,
)
SERVERS = st.sampled_from(("wiki", "shop", "time"))


def rule(*allow: str, deny: tuple[str, ...] = (), server: str = "wiki", name: str = "readers") -> Rule:
    """Return a rule for role engineer."""
    return Rule(f"id of {name}", name, server, allow, deny, "role engineer")


def test_without_a_grant_the_answer_is_no() -> None:
    decision = decide([], "wiki", "search")
    assert (decision.allowed, decision.rule, decision.code) == (False, DEFAULT_DENY, "not_granted")
    assert decision.reason == "no grant allows wiki.search"


def test_an_allowing_grant_is_named_with_its_pattern() -> None:
    decision = decide([rule("get_*"), rule("*", name="later")], "wiki", "get_page")
    assert (decision.allowed, decision.rule, decision.reason) == (
        True,
        "readers",
        "role engineer allows wiki.get_*",
    )


def test_a_grant_to_one_server_says_nothing_of_another() -> None:
    assert not decide([rule("*")], "shop", "get_order").allowed
    assert decide([rule("*", server="*")], "shop", "get_order").allowed


def test_a_deny_wins_wherever_it_stands() -> None:
    rules = [rule("*"), rule(deny=("delete_*",), server="*", name="careful")]
    for order in (rules, rules[::-1]):
        decision = decide(order, "wiki", "delete_page")
        assert (decision.allowed, decision.rule, decision.code) == (False, "careful", "denied_by_rule")
        assert decide(order, "wiki", "get_page").allowed


def test_a_server_of_which_everything_is_denied_is_denied() -> None:
    assert decide_server([rule("*"), rule(deny=("**",), name="shut")], "wiki").rule == "shut"
    assert decide_server([rule(deny=("a",))], "wiki").code == "not_granted"
    assert decide_server([rule("a")], "wiki").allowed


@pytest.mark.parametrize(
    ("pattern", "name", "fits"),
    [
        ("get_*", "get_page", True),
        ("get_*", "get_", True),
        ("get_*", "forget_page", False),
        ("Get_*", "get_page", False),
        ("get_?", "get_1", True),
        ("get_?", "get_12", False),
        ("a.b", "axb", False),
        ("[ab]", "a", False),
        ("[ab]", "[ab]", True),
        ("*", "", True),
        ("a*b*c", "a-b-b-c-c", True),
        ("a*b*c", "acb", False),
        ("*\n", "a\n", True),
        ("a", "a\n", False),
    ],
)
def test_only_star_and_question_mark_are_special(pattern: str, name: str, *, fits: bool) -> None:
    assert matches(pattern, name) is fits


@given(PATTERNS, NAMES)
def test_patterns_match_as_the_textbook_says(pattern: str, name: str) -> None:
    textbook = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    assert matches(pattern, name) is bool(re.fullmatch(textbook, name, re.DOTALL))


def test_a_hostile_pattern_comes_to_an_end() -> None:
    assert not matches("*a" * 60 + "?b", "a" * 5_000)


@given(RULES, SERVERS, NAMES)
def test_a_matching_deny_always_wins(rules: list[Rule], server: str, tool: str) -> None:
    denied = any(
        matches(rule.server, server) and any(matches(pattern, tool) for pattern in rule.deny)
        for rule in rules
    )
    if denied:
        assert decide(rules, server, tool).code == "denied_by_rule"


@given(RULES, SERVERS, NAMES)
def test_only_an_allow_that_matches_allows(rules: list[Rule], server: str, tool: str) -> None:
    granting = [
        rule
        for rule in rules
        if matches(rule.server, server) and any(matches(pattern, tool) for pattern in rule.allow)
    ]
    decision = decide(rules, server, tool)
    if not granting:
        assert not decision.allowed
    if decision.allowed:
        assert decision.rule in {rule.name for rule in granting}


@given(RULES, SERVERS, NAMES)
def test_the_order_of_rules_never_changes_the_answer(rules: list[Rule], server: str, tool: str) -> None:
    assert decide(rules, server, tool).allowed is decide(rules[::-1], server, tool).allowed


@given(RULES, SERVERS, NAMES)
def test_no_tool_is_allowed_on_a_server_that_is_not(rules: list[Rule], server: str, tool: str) -> None:
    if decide(rules, server, tool).allowed:
        assert decide_server(rules, server).allowed


@given(RULES, SERVERS, NAMES, RULES)
def test_more_denials_never_allow_more(rules: list[Rule], server: str, tool: str, others: list[Rule]) -> None:
    stricter = [*rules, *(Rule(rule.grant_id, rule.name, rule.server, (), rule.deny) for rule in others)]
    if decide(stricter, server, tool).allowed:
        assert decide(rules, server, tool).allowed
