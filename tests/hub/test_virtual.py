"""Virtual servers: tools of several servers at one address, none of them confused."""

from typing import Any

import pytest
from sqlalchemy import select

from omni2.kernel.journal import JournalRow
from tests.hub.office import Office
from tests.hub.shelf import Shelf
from tests.hub.test_hub import server_id_of
from tests.support.mcp_servers.raw_http import serving


async def two(office: Office, url: str) -> tuple[str, str]:
    """Add the same server twice; return both ids."""
    return await server_id_of(office, url, "First"), await server_id_of(office, url, "Second")


def desk(*tools: tuple[str, str, str | None], slug: str = "desk") -> dict[str, Any]:
    """Return the virtual server `desk`."""
    chosen = [{"server_id": server_id, "tool": tool, "name": name} for server_id, tool, name in tools]
    return {"slug": slug, "title": "Desk", "description": "For the desk.", "tools": chosen}


async def test_a_virtual_server_offers_tools_of_several_servers_under_its_own_names(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    first, second = await two(office, shelf[1])
    async with office.client() as client:
        body = desk((first, "get_book", None), (second, "get_book", "get_other"))
        answer = await client.post("/api/virtual-servers", json=body)
        assert answer.status_code == 201, answer.text
        view = answer.json()
        assert (view["path"], [item["name"] for item in view["tools"]]) == (
            "/mcp/desk",
            ["get_book", "get_other"],
        )
        assert [item["state"] for item in view["tools"]] == ["ready", "ready"]
        desk_entry = (await office.catalog.snapshot()).virtual["desk"]
        assert dict(desk_entry.by_bare) == {
            "get_book": ("first", "get_book"),
            "get_other": ("second", "get_book"),
        }
        listed = (await client.get("/api/virtual-servers")).json()
        assert listed == {"items": [view], "next": None}
        path = f"/api/virtual-servers/{view['server_id']}"
        assert (await client.patch(path, json={"enabled": False})).json()["enabled"] is False
        assert (await office.catalog.snapshot()).virtual["desk"].enabled is False
        changed = await client.patch(path, json={"tools": desk((second, "burn_book", None))["tools"]})
        assert [item["name"] for item in changed.json()["tools"]] == ["burn_book"]
        assert (await client.delete(path)).status_code == 204
        assert (await client.get(path)).status_code == 404
    assert dict((await office.catalog.snapshot()).virtual) == {}
    async with office.database.read() as session:
        query = select(JournalRow.sentence).where(JournalRow.kind.like("virtual%")).order_by(JournalRow.key)
        assert list(await session.scalars(query)) == [
            "Added the virtual server Desk (desk) with 2 tools.",
            "Disabled the virtual server Desk (desk).",
            "Changed the virtual server Desk (desk); it has 1 tool now.",
            "Removed the virtual server Desk (desk).",
        ]


async def test_two_tools_of_one_name_are_refused_when_it_is_saved(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    first, second = await two(office, shelf[1])
    async with office.client() as client:
        for tools in (
            ((first, "get_book", None), (second, "get_book", None)),
            ((first, "get_book", "burn_book"), (second, "burn_book", None)),
            ((first, "get_book", "one"), (first, "get_book", "two")),
        ):
            answer = await client.post("/api/virtual-servers", json=desk(*tools))
            assert (answer.status_code, answer.json()["code"]) == (422, "name_collision")
        unknown = await client.post("/api/virtual-servers", json=desk((first, "nope", None)))
        assert (unknown.status_code, unknown.json()["code"]) == (422, "unknown_tool")
        assert (await client.get("/api/virtual-servers")).json()["items"] == []


async def test_servers_and_virtual_servers_share_their_short_names(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    first, _ = await two(office, shelf[1])
    async with office.client() as client:
        taken = await client.post("/api/virtual-servers", json=desk(slug="first"))
        assert (taken.status_code, taken.json()["code"]) == (409, "slug_taken")
        assert (
            await client.post("/api/virtual-servers", json=desk((first, "get_book", None)))
        ).status_code == 201
        body = {"slug": "desk", "title": "Desk", "transport": "http", "url": shelf[1]}
        answer = await client.post("/api/servers", json=body)
        assert (answer.status_code, answer.json()["code"]) == (409, "slug_taken")
        made = (await client.post("/api/virtual-servers", json={"title": "Desk"})).json()
        assert made["slug"] == "desk-2"


async def test_what_its_servers_take_away_is_shown_and_a_removed_server_leaves_nothing_behind(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    first, second = await two(office, shelf[1])
    async with office.client() as client:
        tools = ((first, "get_book", None), (second, "get_book", "other"), (first, "burn_book", None))
        view = (await client.post("/api/virtual-servers", json=desk(*tools))).json()
        shelf[0].tools = {"get_book": "Changed."}
        await client.post(f"/api/servers/{first}/refresh")
        await client.delete(f"/api/servers/{second}")
        shown = (await client.get(f"/api/virtual-servers/{view['server_id']}")).json()
        assert [(item["name"], item["state"]) for item in shown["tools"]] == [
            ("get_book", "held"),
            ("burn_book", "gone"),
        ]
    assert len((await office.catalog.snapshot()).virtual["desk"].tools) == 2


@pytest.mark.parametrize("role", ["member", "auditor"])
async def test_only_administrators_change_virtual_servers(office: Office, role: str) -> None:
    async with office.client(role) as client:
        assert (await client.post("/api/virtual-servers", json=desk())).status_code == 403
        expected = 200 if role == "auditor" else 403
        assert (await client.get("/api/virtual-servers")).status_code == expected


async def test_tools_of_a_server_that_is_away_stay_listed_and_are_marked_stale(office: Office) -> None:
    async with serving(Shelf()) as url:
        server_id = await server_id_of(office, f"{url}/mcp")
    async with office.client() as client:
        view = (await client.post(f"/api/servers/{server_id}/refresh")).json()
        assert (view["state"], view["stale"], view["tool_count"]) == ("down", True, 2)
        assert view["listed_at"] is not None
    entry = (await office.catalog.snapshot()).servers["book-shelf"]
    assert entry.stale
    assert list(entry.tools) == ["get_book", "burn_book"]
