"""Grants, effective access and explanations over HTTP."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from omni2.kernel.db import Database
from omni2.kernel.journal import JournalRow
from tests.hub.office import Office, opened
from tests.hub.shelf import Shelf
from tests.support.mcp_servers.raw_http import serving

GRANT = {"subject": "role", "role": "member", "server": "shelf", "allow": ["get_*"]}


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    """An office with one real server that nobody may use."""
    async with opened(database, tmp_path) as office, serving(Shelf()) as url, office.client() as client:
        body = {"title": "Shelf", "transport": "http", "url": f"{url}/mcp"}
        assert (await client.post("/api/servers", json=body)).status_code == 201
        yield office


async def test_a_grant_explains_itself_in_one_sentence(office: Office) -> None:
    async with office.client() as client:
        question = f"/api/explain?user={office.people['member']}&server=shelf&tool="
        before = (await client.get(question + "get_book")).json()
        assert before == {
            "allowed": False,
            "rule": "default deny",
            "sentence": "Member may not use shelf.get_book because no grant allows shelf.get_book.",
        }
        assert (await client.post("/api/grants", json={**GRANT, "name": "readers"})).status_code == 201
        after = (await client.get(question + "get_book")).json()
        assert after == {
            "allowed": True,
            "rule": "readers",
            "sentence": "Member may use shelf.get_book because role member allows shelf.get_*.",
        }
        unknown = (await client.get(question.replace("shelf", "nowhere") + "get_book")).json()
        assert unknown["sentence"].endswith("because no server is called nowhere.")


async def test_a_member_sees_only_what_is_allowed_and_an_admin_everything_with_its_rule(
    office: Office,
) -> None:
    path = f"/api/users/{office.people['member']}/access"
    async with office.client() as admin, office.client("member") as member:
        await admin.post("/api/grants", json=GRANT)
        own = (await member.get(path)).json()["servers"]
        assert [[tool["name"] for tool in server["tools"]] for server in own] == [["get_book"]]
        full = (await admin.get(path)).json()["servers"]
        assert [(tool["name"], tool["allowed"], tool["rule"]) for tool in full[0]["tools"]] == [
            ("get_book", True, "role member on shelf"),
            ("burn_book", False, "default deny"),
        ]
        assert (await member.get(f"/api/users/{office.people['admin']}/access")).status_code == 403


async def test_grants_are_changed_listed_and_deleted_each_with_a_journal_row(office: Office) -> None:
    async with office.client() as client:
        made = (await client.post("/api/grants", json=GRANT)).json()
        path = f"/api/grants/{made['grant_id']}"
        assert (made["name"], made["created_by"]) == ("role member on shelf", "admin@example.org")
        user = {"subject": "user", "user_id": office.people["auditor"], "server": "*", "deny": ["burn_*"]}
        changed = (await client.put(path, json=user)).json()
        assert (changed["user_email"], changed["role"], changed["deny"]) == (
            "auditor@example.org",
            None,
            ["burn_*"],
        )
        mine = (await client.get(f"/api/grants?user={office.people['auditor']}")).json()["items"]
        assert [grant["grant_id"] for grant in mine] == [made["grant_id"]]
        assert len((await client.get("/api/grants?server=shelf")).json()["items"]) == 1
        assert (await client.get("/api/grants?user=nobody")).json()["items"] == []
        assert (await client.delete(path)).status_code == 204
        assert (await client.delete(path)).status_code == 404
    async with office.database.read() as session:
        query = select(JournalRow).where(JournalRow.kind.startswith("grant.")).order_by(JournalRow.key)
        rows = [(row.kind, row.sentence) for row in await session.scalars(query)]
    first = '"role member on shelf": role member may use get_* of shelf'
    second = '"auditor@example.org on all servers": auditor@example.org may not use burn_* of every server'
    assert rows == [
        ("grant.created", f"Added the grant {first}."),
        ("grant.changed", f"Changed the grant {first}. Now it is {second}."),
        ("grant.deleted", f"Deleted the grant {second}."),
    ]


async def test_a_long_list_of_grants_comes_in_pages(office: Office) -> None:
    async with office.client() as client:
        for number in range(5):
            await client.post("/api/grants", json={**GRANT, "name": f"grant {number}"})
        names: list[str] = []
        after = ""
        while True:
            page = (await client.get(f"/api/grants?limit=2{after}")).json()
            names += [grant["name"] for grant in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
    assert names == [f"grant {number}" for number in range(5)]


SENSELESS: list[tuple[dict[str, object], str]] = [
    ({"allow": []}, "allow"),
    ({"server": "nowhere"}, "server"),
    ({"role": None}, "role"),
    ({"subject": "user", "user_id": "nobody"}, "user_id"),
]


async def test_a_grant_that_makes_no_sense_is_refused_at_its_field(
    office: Office, subtests: pytest.Subtests
) -> None:
    for change, field in SENSELESS:
        with subtests.test(change=change):
            async with office.client() as client:
                answer = await client.post("/api/grants", json={**GRANT, **change})
            assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_only_admins_grant(office: Office) -> None:
    for role, reads in (("member", 403), ("auditor", 200)):
        async with office.client(role) as client:
            assert (await client.get("/api/grants")).status_code == reads
            assert (await client.post("/api/grants", json=GRANT)).status_code == 403
