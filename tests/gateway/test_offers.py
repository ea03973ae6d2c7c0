"""What My tools shows of prompts, resources and templates is what `/mcp` lists for that very person."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.fixture import app
from tests.support.app import Person, grant
from tests.support.house import House
from tests.support.mcp_client import raw_client
from tests.support.mcp_yard import YARD, add_server, open_yard, serving_sdk

LISTS = {"prompt": "prompts", "resource": "resources", "template": "resources/templates"}
KEYS = {"prompt": "name", "resource": "uri", "template": "uriTemplate"}
Entry = dict[str, Any]


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    """A yard for all, and a barn with the same things for the boss alone."""
    async with open_yard(database_url, tmp_path / "data") as house, serving_sdk(app()) as url:
        await add_server(house, "barn", url)
        async with house.served.client(house.boss) as client:
            own = {"subject": "user", "user_id": house.boss.user_id, "server": "barn", "allow": ["*"]}
            assert (await client.post("/api/grants", json=own)).status_code == 201
        yield house


async def shown(house: House, person: Person) -> dict[str, dict[str, list[Entry]]]:
    """Return what the page shows by server and kind, each list read in pages of two."""
    found: dict[str, dict[str, list[Entry]]] = {}
    async with house.served.client(person) as client:
        for server in (await client.get("/api/offers")).json()["servers"]:
            kinds = found[server["slug"]] = dict[str, list[Entry]]()
            for part in server["kinds"]:
                rows, after = kinds.setdefault(part["kind"], []), ""
                while after is not None:
                    path = f"/api/offers/{server['slug']}/{part['kind']}?limit=2"
                    page = (await client.get(path + (f"&after={after}" if after else ""))).json()
                    rows += page["items"]
                    after = page["next"]
                assert (part["first"], part["total"]) == (rows, len(rows))
    return found


async def listed(house: House, person: Person, slug: str, kind: str) -> list[Entry]:
    """Return what `/mcp/{slug}` lists of a kind, or `/mcp`."""
    async with raw_client(house, person, slug) as client:
        answer: dict[str, Any] = (await client.modern(f"{LISTS[kind]}/list")).json()
    return answer.get("result", {}).get(f"{kind}s" if kind != "template" else "resourceTemplates", [])


def as_listed(row: Entry) -> Entry:
    """Return a row of the page as `/mcp` tells it, where what is not there is left out."""
    names = {"uri_template": "uriTemplate", "mime_type": "mimeType"}
    entry = {names.get(name, name): value for name, value in row.items() if name != "kind"}
    if "arguments" in entry:
        entry["arguments"] = [{key: value for key, value in one.items() if value} for one in row["arguments"]]
    return {name: value for name, value in entry.items() if value not in (None, "", [])}


async def is_the_same(house: House, person: Person) -> dict[str, int]:
    """Compare page and door at every address; return how much is shown by server."""
    page = await shown(house, person)
    for slug in (YARD, "barn", "shop"):
        for kind in LISTS:
            mine = [as_listed(row) for row in page.get(slug, {}).get(kind, [])]
            assert mine == await listed(house, person, slug, kind), (slug, kind)
    for kind, key in KEYS.items():
        rows = {
            f"{slug}__{entry['name']}" if kind == "prompt" else entry[key]
            for slug, kinds in page.items()
            for entry in map(as_listed, kinds.get(kind, []))
        }
        assert rows == {entry[key] for entry in await listed(house, person, "", kind)}, kind
    return {slug: sum(map(len, kinds.values())) for slug, kinds in page.items()}


async def test_the_page_shows_each_person_what_the_door_lists_for_them(house: House) -> None:
    assert await is_the_same(house, house.ann) == {YARD: 9}
    assert await is_the_same(house, house.boss) == {YARD: 9, "barn": 9}

    denied = ["prompt:*image", "resource:test://static-*", "resource:test://template/*"]
    await grant(house.served.database, YARD, [], denied, "less for all")
    await house.served.process.mirror.refresh()
    assert await is_the_same(house, house.ann) == {YARD: 5}
    async with house.served.client(house.ann) as client:
        everything = (await client.get("/api/offers")).text
        assert "image" not in everything
        assert "static" not in everything
        assert (await client.get("/api/offers?q=static")).json() == {"servers": []}
        foreign = await client.get("/api/offers/barn/prompt")
        assert (foreign.status_code, foreign.json()["code"]) == (404, "not_found")

    async with house.served.client(house.boss) as client:
        servers = (await client.get("/api/servers")).json()["items"]
        yard = next(server for server in servers if server["slug"] == YARD)
        off = await client.patch(f"/api/servers/{yard['server_id']}", json={"enabled": False})
        assert off.status_code == 200, off.text
    assert await is_the_same(house, house.ann) == {}
    assert await is_the_same(house, house.boss) == {"barn": 9}
