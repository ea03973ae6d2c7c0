"""Compiled access: what is offered is exactly what may be called, and its snapshot has a hash."""

import hashlib
from types import MappingProxyType

from hypothesis import given
from hypothesis import strategies as st

from omni2.access.compiled import compile_access
from omni2.access.decide import Rule
from omni2.catalog.entries import CatalogSnapshot, ServerEntry, ServerState, ToolEntry
from omni2.kernel.jsons import canonical
from tests.access.test_decide import RULES, rule

TOOLS = ("a", "ab", "b", "get_a")


def server(
    slug: str, *, enabled: bool = True, off: frozenset[str] = frozenset(), state: ServerState = "connected"
) -> ServerEntry:
    """Return a server with four tools; those in `off` are disabled."""
    tools = {
        name: ToolEntry(
            server_id=slug,
            name=name,
            title=None,
            description="",
            input_schema={},
            annotations={},
            enabled=name not in off,
            price_micros=None,
            sha256="",
        )
        for name in TOOLS
    }
    return ServerEntry(
        server_id=slug,
        slug=slug,
        title=slug.title(),
        transport="http",
        url="http://127.0.0.1:9/mcp",
        command=(),
        timeout_ms=1000,
        concurrency=1,
        enabled=enabled,
        demo=False,
        state=state,
        reason=None,
        version=1,
        sealed_headers=None,
        sealed_env=None,
        allow_private=True,
        tools=MappingProxyType(tools),
    )


def catalog(*servers: ServerEntry) -> CatalogSnapshot:
    """Return a catalogue of these servers."""
    return CatalogSnapshot(
        1, MappingProxyType({entry.slug: entry for entry in servers}), MappingProxyType({})
    )


OFF = st.sets(st.sampled_from(TOOLS)).map(frozenset)


@given(RULES, st.sets(st.sampled_from(("wiki", "shop"))), OFF)
def test_what_is_listed_is_exactly_what_may_be_called(
    rules: list[Rule], disabled: set[str], off: frozenset[str]
) -> None:
    servers = [server(slug, enabled=slug not in disabled, off=off) for slug in ("wiki", "shop")]
    access = compile_access(rules, catalog(*servers))
    listed = {(entry.slug, tool.name) for tool, entry, _ in access.offered}
    callable_now = {
        (slug, name)
        for slug in ("wiki", "shop", "gone")
        for name in (*TOOLS, "unknown")
        if access.allows(slug, name).allowed
    }
    assert listed == callable_now
    assert {slug for slug, _ in listed} == {slug for slug in ("wiki", "shop", "gone") if access.uses(slug)}


def test_every_refusal_says_which_kind_it_is() -> None:
    rules = [rule("*", deny=("b",)), rule("*", server="off", name="off")]
    access = compile_access(
        rules, catalog(server("wiki", off=frozenset({"ab"})), server("off", enabled=False), server("shop"))
    )
    asked = (
        ("wiki", "a"),
        ("wiki", "b"),
        ("wiki", "ab"),
        ("wiki", "x"),
        ("off", "a"),
        ("shop", "a"),
        ("shop", "x"),
        ("gone", "a"),
    )
    assert [access.allows(*pair).code for pair in asked] == [
        "allowed",
        "denied_by_rule",
        "tool_disabled",
        "unknown_tool",
        "server_disabled",
        "not_granted",
        "not_granted",
        "unknown_server",
    ]


def test_the_id_of_an_access_is_the_hash_of_its_canonical_snapshot() -> None:
    access = compile_access([rule("a*")], catalog(server("wiki"), server("shop", state="down")))
    assert access.access_id == hashlib.sha256(canonical(access.snapshot_json())).hexdigest()
    assert access.snapshot_json() == {
        "servers": [
            {"server": "wiki", "decision": "allowed", "rule": "readers"},
            {"server": "shop", "decision": "denied", "rule": "default deny"},
        ],
        "tools": [
            {
                "server": slug,
                "tool": name,
                "allowed": slug == "wiki" and name.startswith("a"),
                "rule": "readers" if slug == "wiki" and name.startswith("a") else "default deny",
            }
            for slug in ("wiki", "shop")
            for name in TOOLS
        ],
    }


def test_a_granted_server_that_is_down_is_shown_as_unavailable_and_stays_callable() -> None:
    access = compile_access([rule("*")], catalog(server("wiki", state="down")))
    assert '"decision":"unavailable"' in access.body.decode()
    assert access.allows("wiki", "a").allowed


def test_the_same_rules_give_the_same_id_and_other_rules_another() -> None:
    there = catalog(server("wiki"))
    first = compile_access([rule("a")], there)
    assert first.access_id == compile_access([rule("a")], there).access_id
    assert first.access_id != compile_access([rule("b")], there).access_id
