"""Pinned definitions: every change waits for approval, beside what was approved."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

import pytest
from pydantic import JsonValue
from sqlalchemy import select

from omni2.catalog import pinning
from omni2.catalog.book import load_snapshot
from omni2.catalog.entries import ToolEntry
from omni2.catalog.models import Server, Tool
from omni2.catalog.pinning import Pinned, approve, pin_tools, reject
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.jsons import canonical
from omni2.upstream.ports import UpstreamTool

SEARCH = UpstreamTool(
    name="search",
    title="Search",
    description="Search the wiki.",
    input_schema={"type": "object", "properties": {"q": {"type": "string"}}},
    annotations={"readOnlyHint": True},
    output_schema={"type": "object"},
)
CHANGES: list[tuple[str, JsonValue]] = [
    ("title", "Search all"),
    ("title", None),
    ("description", "Search the wiki. "),
    ("description", "Search the wiki.\u200b"),
    ("input_schema", {"type": "object", "properties": {"q": {"type": "string", "description": "x"}}}),
    ("output_schema", {"type": "object", "title": "x"}),
    ("output_schema", None),
    ("annotations", {"readOnlyHint": False}),
    ("annotations", {}),
    ("meta", {"vendor": 1}),
    ("icons", [{"src": "https://elsewhere.example/icon.png"}]),
]


@pytest.fixture
async def wiki(database: Database) -> Database:
    """A database with the server `wiki`, whose one tool is pinned."""
    async with database.work() as work:
        work.session.add(
            Server(
                server_id="wiki",
                slug="wiki",
                title="Wiki",
                transport="http",
                timeout_ms=1000,
                concurrency=1,
                allow_private=True,
                enabled=True,
                demo=False,
                version=1,
                created_at=now(),
                state="connected",
                since=now(),
            )
        )
    await pin(database, [SEARCH])
    return database


async def pin(database: Database, tools: Sequence[UpstreamTool], *, hold_new: bool = False) -> Pinned:
    """List tools as the server would."""
    async with database.work() as work:
        return await pin_tools(work, "wiki", tools, hold_new=hold_new)


async def tool(database: Database, name: str = "search") -> ToolEntry:
    """Return a tool as everything above sees it."""
    async with database.read() as session:
        return (await load_snapshot(session)).servers["wiki"].tools[name]


async def row_of(database: Database, name: str = "search") -> Tool:
    """Return a tool as stored."""
    async with database.read() as session:
        return (await session.scalars(select(Tool).where(Tool.name == name))).one()


def older_fingerprint(definition: UpstreamTool) -> str:
    """Return what was pinned before output schemas were."""
    names = ("name", "title", "description", "input_schema", "annotations")
    return hashlib.sha256(canonical({name: getattr(definition, name) for name in names})).hexdigest()


@pytest.mark.parametrize(("field", "value"), CHANGES)
async def test_a_change_of_any_field_is_held_and_the_approved_definition_stays(
    wiki: Database, field: str, value: JsonValue
) -> None:
    before = await tool(wiki)
    changed = replace(SEARCH, **cast("dict[str, Any]", {field: value}))
    assert (await pin(wiki, [changed])).held == ["search"]
    assert not (await pin(wiki, [changed])).moved
    held = await tool(wiki)
    assert held == replace(before, held=True)
    row = await row_of(wiki)
    assert isinstance(row.held_definition, dict)
    assert row.held_definition[field] == value
    async with wiki.work() as work:
        row = await work.session.get_one(Tool, ("wiki", "search"))
        approve(row, row.held_sha256 or "")
    approved = await tool(wiki)
    assert not approved.held
    assert getattr(approved, field) == (
        tuple(value) if field == "icons" and isinstance(value, list) else value
    )
    assert not (await pin(wiki, [changed])).moved


async def test_another_name_is_another_tool(wiki: Database) -> None:
    pinned = await pin(wiki, [SEARCH, replace(SEARCH, name="Search")])
    assert (pinned.added, pinned.held) == (["Search"], [])


async def test_a_definition_that_goes_back_to_what_was_approved_waits_no_more(wiki: Database) -> None:
    await pin(wiki, [replace(SEARCH, description="Evil.")])
    assert (await pin(wiki, [SEARCH])).restored == ["search"]
    assert not (await tool(wiki)).held
    row = await row_of(wiki)
    assert (row.held_definition, row.held_sha256, row.held_at) == (None, None, None)


async def test_a_tool_that_went_and_comes_back_changed_is_held(wiki: Database) -> None:
    assert (await pin(wiki, [])).gone == ["search"]
    pinned = await pin(wiki, [replace(SEARCH, description="Evil.")])
    assert (pinned.held, pinned.added) == (["search"], [])
    assert (await tool(wiki)).held


async def test_what_was_seen_is_what_is_approved_and_nothing_newer(wiki: Database) -> None:
    await pin(wiki, [replace(SEARCH, description="Better.")])
    seen = (await row_of(wiki)).held_sha256 or ""
    await pin(wiki, [replace(SEARCH, description="Evil.")])
    for decide in (approve, reject):
        async with wiki.work() as work:
            row = await work.session.get_one(Tool, ("wiki", "search"))
            with pytest.raises(Problem, match="definition_changed_again"):
                decide(row, seen)
    assert (await tool(wiki)).held


async def test_a_rejected_definition_stays_away_and_the_next_change_is_asked_about_again(
    wiki: Database,
) -> None:
    await pin(wiki, [replace(SEARCH, description="Evil.")])
    async with wiki.work() as work:
        row = await work.session.get_one(Tool, ("wiki", "search"))
        reject(row, row.held_sha256 or "")
    assert (await tool(wiki)).held
    assert not (await pin(wiki, [replace(SEARCH, description="Evil.")])).moved
    assert (await row_of(wiki)).rejected_at is not None
    await pin(wiki, [replace(SEARCH, description="Worse.")])
    assert (await row_of(wiki)).rejected_at is None


async def test_nothing_can_be_approved_where_nothing_waits(wiki: Database) -> None:
    async with wiki.work() as work:
        row = await work.session.get_one(Tool, ("wiki", "search"))
        with pytest.raises(Problem, match="nothing_held"):
            approve(row, row.sha256)


async def test_where_new_tools_are_held_they_wait_until_approved(wiki: Database) -> None:
    new = replace(SEARCH, name="delete", description="Delete a page.")
    assert (await pin(wiki, [SEARCH, new], hold_new=True)).held == ["delete"]
    assert (await tool(wiki, "delete")).held
    async with wiki.work() as work:
        row = await work.session.get_one(Tool, ("wiki", "delete"))
        approve(row, row.held_sha256 or "")
    found = await tool(wiki, "delete")
    assert (found.held, found.description) == (False, "Delete a page.")


async def test_a_pin_from_before_icons_and_meta_holds_for_those_that_were_shown(wiki: Database) -> None:
    decorated = replace(SEARCH, icons=({"src": "x"},), meta={"vendor": 1})
    async with wiki.work() as work:
        row = await work.session.get_one(Tool, ("wiki", "search"))
        row.icons, row.meta = [{"src": "x"}], {"vendor": 1}
    assert (await pin(wiki, [replace(decorated, meta={"vendor": 2})])).held == ["search"]
    assert (await pin(wiki, [decorated])).restored == ["search"]
    found = await tool(wiki)
    assert (found.icons, found.meta, found.held) == (({"src": "x"},), {"vendor": 1}, False)
    assert (await pin(wiki, [SEARCH])).held == ["search"]


async def test_a_pin_from_before_output_schemas_is_taken_over_once(wiki: Database) -> None:
    async with wiki.work() as work:
        row = await work.session.get_one(Tool, ("wiki", "search"))
        row.output_schema, row.sha256 = None, older_fingerprint(SEARCH)
    pinned = await pin(wiki, [SEARCH])
    assert (pinned.held, pinned.touched) == ([], True)
    assert (await tool(wiki)).output_schema == {"type": "object"}
    assert (await pin(wiki, [replace(SEARCH, output_schema=None)])).held == ["search"]


def named(*names: str) -> list[UpstreamTool]:
    """Return tools that differ in their names alone."""
    return [replace(SEARCH, name=name) for name in names]


async def test_of_tools_that_are_gone_the_latest_are_kept_and_all_that_somebody_decided_about(
    wiki: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinning, "MAX_ABSENT", 2)
    changed = replace(SEARCH, description="Search it all.")
    held = await pin(wiki, [changed])
    assert held.held == ["search"]
    async with wiki.work() as work:
        row = await work.session.get_one(Tool, ("wiki", "search"))
        approve(row, row.held_sha256 or "")
    forgotten = 0
    for number in range(6):
        forgotten += (await pin(wiki, named(f"alias_{number}"))).forgotten
    async with wiki.read() as session:
        names = set(await session.scalars(select(Tool.name)))
    assert names == {"search", "alias_3", "alias_4", "alias_5"}
    assert forgotten == 3
    await pin(wiki, [changed])
    assert not (await tool(wiki)).held
    await pin(wiki, [SEARCH])
    assert (await tool(wiki)).held
