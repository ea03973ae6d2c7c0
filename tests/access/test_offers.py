"""Prompts, resources and templates: the same rules, and what is listed is exactly what may be used."""

import dataclasses
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni2.access.compiled import compile_access
from omni2.access.decide import Rule
from omni2.access.offers import FIRST, list_offers, view_offers
from omni2.access.schemas_offers import OfferedResource, OfferFilter, OfferQuery
from omni2.catalog.entries import PromptEntry, ResourceEntry, ServerEntry, TemplateEntry
from omni2.kernel.jsons import dumps
from tests.access.test_compiled import catalog, server
from tests.access.test_decide import rule

PROMPTS = ("a", "ab", "prompt:a")
URIS = ("file:///a", "file:///a/b", "db://a")
TEMPLATES = ("file:///{name}", "file:///a/{name}", "db://{+rest}")
ASKED = (*URIS, "file:///x", "file:///a/x", "db://a/b/c", "db://", "other://a")
PARTS = st.sampled_from(("*", "?", "a", "b", "/", "prompt:", "resource:", "file:///", "db://", "p", "r"))
PATTERNS = st.lists(PARTS, min_size=1, max_size=4).map("".join)
RULES = st.lists(
    st.builds(
        Rule,
        grant_id=st.uuids().map(str),
        name=st.sampled_from(("first", "second")),
        server=st.sampled_from(("*", "wiki", "shop")),
        allow=st.lists(PATTERNS, max_size=3).map(tuple),
        deny=st.lists(PATTERNS, max_size=2).map(tuple),
    ),
    max_size=5,
)


def full(slug: str, *, enabled: bool = True) -> ServerEntry:
    """Return a server with tools, prompts, resources and templates."""
    return dataclasses.replace(
        server(slug, enabled=enabled),
        prompts=MappingProxyType({name: PromptEntry(slug, name) for name in PROMPTS}),
        resources=MappingProxyType({uri: ResourceEntry(slug, uri, uri) for uri in URIS}),
        templates=MappingProxyType({text: TemplateEntry(slug, text, text) for text in TEMPLATES}),
    )


@given(RULES, st.sets(st.sampled_from(("wiki", "shop"))))
def test_what_is_listed_is_exactly_what_may_be_used(rules: list[Rule], off: set[str]) -> None:
    access = compile_access(
        rules, catalog(*(full(slug, enabled=slug not in off) for slug in ("wiki", "shop")))
    )
    slugs = ("wiki", "shop", "gone")
    prompts = {(entry.slug, prompt.name) for prompt, entry, _ in access.offered_prompts}
    assert prompts == {
        (slug, name) for slug in slugs for name in (*PROMPTS, "x") if access.allows_prompt(slug, name).allowed
    }
    resources = {(entry.slug, found.uri) for found, entry, _ in access.offered_resources}
    assert resources == {
        (slug, uri) for slug in slugs for uri in URIS if access.allows_resource(slug, uri).allowed
    }
    used = {entry.slug for _, entry, _ in (*access.offered, *access.offered_prompts)} | {
        entry.slug for _, entry, _ in (*access.offered_resources, *access.offered_templates)
    }
    assert used == {slug for slug in slugs if access.uses(slug)}


@given(RULES)
def test_a_resource_that_may_be_read_is_listed_or_has_a_template_that_is(rules: list[Rule]) -> None:
    access = compile_access(rules, catalog(full("wiki")))
    allowed = [uri for uri in ASKED if access.allows_resource("wiki", uri).allowed]
    listed = {found.uri for found, _, _ in access.offered_resources}
    assert all(uri in listed for uri in allowed if uri in URIS)
    assert bool(access.offered_templates) or all(uri in listed for uri in allowed)


@pytest.mark.parametrize(
    ("pattern", "tools", "prompts", "resources"),
    [
        ("*", True, True, True),
        ("prompt:*", False, True, False),
        ("resource:*", False, False, True),
        ("p*", False, False, False),
        ("a*", True, False, False),
        ("**", True, True, True),
        ("prompt:a*", False, True, False),
        ("resource:file:///*", False, False, True),
    ],
)
def test_a_pattern_reaches_what_it_is_meant_for(
    pattern: str, *, tools: bool, prompts: bool, resources: bool
) -> None:
    access = compile_access([rule(pattern)], catalog(full("wiki")))
    assert access.allows("wiki", "a").allowed is tools
    assert access.allows_prompt("wiki", "a").allowed is prompts
    assert access.allows_resource("wiki", "file:///a").allowed is resources


def test_a_tool_that_calls_itself_a_prompt_is_not_let_in_by_a_grant_of_prompts() -> None:
    sly = dataclasses.replace(server("wiki").tools["a"], name="prompt:a")
    entry = dataclasses.replace(full("wiki"), tools=MappingProxyType({"prompt:a": sly}))
    access = compile_access([rule("prompt:*")], catalog(entry))
    assert not access.allows("wiki", "prompt:a").allowed
    assert access.allows_prompt("wiki", "a").allowed


def test_a_tool_with_a_changed_definition_is_neither_offered_nor_callable() -> None:
    held = dataclasses.replace(server("wiki").tools["a"], held=True)
    entry = dataclasses.replace(server("wiki"), tools=MappingProxyType({"a": held}))
    access = compile_access([rule("*")], catalog(entry))
    decision = access.allows("wiki", "a")
    assert (decision.allowed, decision.rule, decision.code) == (
        False,
        "definition changed",
        "definition_changed",
    )
    assert access.offered == ()
    assert not access.uses("wiki")


def test_a_uri_belongs_to_who_lists_it_then_to_whose_template_fits_it() -> None:
    rules = [rule("resource:db://*", server="shop"), rule("*", server="wiki")]
    access = compile_access(rules, catalog(full("wiki"), full("shop")))
    found = access.find_resource("file:///a")
    assert found is not None
    assert (found[0], found[1].allowed) == ("wiki", True)
    found = access.find_resource("db://a/b")
    assert found is not None
    assert (found[0], found[1].allowed) == ("wiki", True)
    assert access.find_resource("nobody://x") is None
    assert access.allows_resource("wiki", "nobody://x").code == "unknown_resource"
    assert access.allows_resource("gone", "db://a").code == "unknown_server"
    assert access.allows_prompt("wiki", "x").code == "unknown_prompt"


def test_a_template_of_which_everything_is_denied_is_not_offered() -> None:
    rules = [rule("*", deny=("resource:file:///a/*",))]
    access = compile_access(rules, catalog(full("wiki")))
    assert [template.uri_template for template, _, _ in access.offered_templates] == [
        "file:///{name}",
        "db://{+rest}",
    ]
    assert not access.allows_resource("wiki", "file:///a/x").allowed


def test_the_snapshot_holds_prompts_and_resources_bounded_and_still_tells_any_two_apart() -> None:
    def many(last: str) -> ServerEntry:
        uris = [*(f"file:///{number}" for number in range(2_000)), last]
        found = {uri: ResourceEntry("wiki", uri, uri) for uri in uris}
        return dataclasses.replace(full("wiki"), resources=MappingProxyType(found))

    first, second = (compile_access([rule("*")], catalog(many(last))) for last in ("file:///y", "file:///z"))
    assert first.access_id != second.access_id
    assert len(first.body) < 100_000
    assert '"total":2001' in dumps(first.snapshot_json())


async def test_of_thousands_the_first_are_shown_and_the_rest_is_counted_found_and_paged() -> None:
    uris = [f"db://row/{number:04}" for number in range(3_000)]
    many = {uri: ResourceEntry("wiki", uri, "row", description=f"Row {uri[-4:]}.") for uri in reversed(uris)}
    entry = dataclasses.replace(full("wiki"), resources=MappingProxyType(many))
    access = compile_access([rule("*", deny=("resource:db://row/0001",))], catalog(entry, full("shop")))
    for q, total, first in (("", 2_999, "db://row/0000"), ("ROW  2.", 300, "db://row/0002")):
        (server,) = (await view_offers(access, OfferQuery(q=q))).servers
        resources = next(part for part in server.kinds if part.kind == "resource")
        assert (resources.total, len(resources.first)) == (total, FIRST)
        assert isinstance(resources.first[0], OfferedResource)
        assert resources.first[0].uri == first
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        page = await list_offers(access, "wiki", "resource", OfferFilter(limit=200, after=after))
        found += [row.uri for row in page.items if isinstance(row, OfferedResource)]
        after = page.next
    assert found == [uri for uri in uris if not uri.endswith("/0001")]


async def test_a_search_finds_by_the_name_of_the_server_too() -> None:
    access = compile_access([rule("prompt:*", server="*")], catalog(full("wiki"), full("shop")))
    assert [server.slug for server in (await view_offers(access, OfferQuery())).servers] == ["wiki", "shop"]
    (server,) = (await view_offers(access, OfferQuery(q="shop ab"))).servers
    assert [(part.kind, part.total) for part in server.kinds] == [("prompt", 1)]
    assert (await view_offers(access, OfferQuery(q="shop nothing"))).servers == []
