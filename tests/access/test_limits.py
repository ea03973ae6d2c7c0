"""A token that is limited to servers reaches no other, whatever its owner may use."""

from dataclasses import dataclass, replace

from omni2.access.compiled import TOKEN_LIMIT, Compiled, GrantEntry
from omni2.catalog.entries import VirtualServer, VirtualTool
from tests.access.test_compiled import catalog
from tests.access.test_decide import rule
from tests.access.test_offers import full


@dataclass(frozen=True)
class Bearer:
    """Who calls, by which token."""

    user_id: str = "u"
    role: str = "member"
    servers: frozenset[str] | None = None
    at: str | None = None


EVERYTHING = GrantEntry(rule("*", server="*"), None, None, everyone=True)
COMPILED = Compiled((1, 1), [EVERYTHING], catalog(full("wiki"), full("shop")))


def test_a_limited_token_reaches_the_servers_that_it_names_and_no_other() -> None:
    limited = COMPILED.access(Bearer(servers=frozenset({"shop"})))
    assert {entry.slug for _, entry, _ in limited.offered} == {"shop"}
    assert {entry.slug for _, entry, _ in limited.offered_prompts} == {"shop"}
    assert {entry.slug for _, entry, _ in limited.offered_resources} == {"shop"}
    assert {entry.slug for _, entry, _ in limited.offered_templates} == {"shop"}
    assert (limited.uses("shop"), limited.uses("wiki")) == (True, False)
    refused = limited.allows_prompt("wiki", "a")
    assert (refused.allowed, refused.rule, refused.code) == (False, TOKEN_LIMIT, "denied_by_rule")


def test_the_owner_and_other_tokens_are_not_limited_by_it() -> None:
    COMPILED.access(Bearer(servers=frozenset({"shop"})))
    assert COMPILED.access(Bearer()).uses("wiki")
    assert COMPILED.access(Bearer(servers=frozenset({"wiki"}))).uses("wiki")
    assert not COMPILED.access(Bearer(servers=frozenset({"gone"}))).uses("wiki")


def test_a_virtual_server_that_a_token_names_lends_it_its_tools_at_its_own_address_alone() -> None:
    lent = VirtualServer("v", "desk", "Desk", "", enabled=True, tools=(VirtualTool("wiki", "get_a", "get"),))
    compiled = Compiled((1, 1), [EVERYTHING], replace(COMPILED.catalog, virtual={"desk": lent}))
    named = frozenset({"desk"})
    there = compiled.access(Bearer(servers=named, at="desk"))
    assert {(entry.slug, tool.name) for tool, entry, _ in there.offered} == {("wiki", "get_a")}
    assert (there.offered_prompts, there.offered_resources, there.offered_templates) == ((), (), ())
    assert there.allows("wiki", "ab").rule == TOKEN_LIMIT
    for elsewhere in (None, "wiki", "shop"):
        assert not compiled.access(Bearer(servers=named, at=elsewhere)).offered
    other = compiled.access(Bearer(servers=frozenset({"shop"}), at="desk"))
    assert {entry.slug for _, entry, _ in other.offered} == {"shop"}


def test_a_virtual_server_lends_no_more_than_its_owner_may_use() -> None:
    lent = VirtualServer("v", "desk", "Desk", "", enabled=True, tools=(VirtualTool("wiki", "get_a", "get"),))
    catalog_now = replace(COMPILED.catalog, virtual={"desk": lent})
    compiled = Compiled(
        (1, 1), [GrantEntry(rule("*", server="shop"), None, None, everyone=True)], catalog_now
    )
    assert not compiled.access(Bearer(servers=frozenset({"desk"}), at="desk")).offered
