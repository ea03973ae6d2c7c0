"""Adding, changing and removing servers through the routes, against real MCP servers."""

import json
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from omni2.catalog.models import Server
from omni2.kernel.db import Database
from omni2.kernel.journal import JournalRow
from tests.hub.office import Office, opened
from tests.hub.shelf import Shelf
from tests.support.mcp_servers.bazaar import Bazaar
from tests.support.mcp_servers.raw_http import serving
from tests.upstream.test_pool_sse import serving_sse

NOBODY = "http://127.0.0.1:9/mcp"


async def add(office: Office, url: str, **fields: object) -> dict[str, object]:
    """Add a server over HTTP; return its view."""
    async with office.client() as client:
        body = {"title": "Book shelf", "transport": "http", "url": url, **fields}
        answer = await client.post("/api/servers", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_server_that_answers_is_saved_as_connected_with_its_tools(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    view = await add(office, shelf[1], grant="everyone")
    assert (view["slug"], view["state"], view["tool_count"]) == ("book-shelf", "connected", 2)
    assert view["revision"] == "2025-06-18"
    snapshot = await office.catalog.snapshot()
    assert list(snapshot.servers["book-shelf"].tools) == ["get_book", "burn_book"]
    async with office.client("member") as client:
        access = (await client.get(f"/api/users/{office.people['member']}/access")).json()
    assert [tool["name"] for tool in access["servers"][0]["tools"]] == ["get_book", "burn_book"]


async def test_a_server_that_does_not_answer_is_refused_with_the_code_of_its_probe(office: Office) -> None:
    body = {"title": "Nobody", "transport": "http", "url": NOBODY}
    async with office.client() as client:
        answer = await client.post("/api/servers", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "server_unreachable")
        assert (await client.get("/api/servers")).json() == {"items": [], "next": None}
        forced = await client.post("/api/servers?force=true", json=body)
    assert forced.status_code == 201
    assert (forced.json()["state"], forced.json()["tool_count"]) == ("down", 0)
    assert "not reachable" in forced.json()["reason"]


async def test_force_does_not_save_what_the_rules_forbid(office: Office) -> None:
    async with office.client() as client:
        metadata = {"title": "Metadata", "transport": "http", "url": "http://169.254.169.254/mcp"}
        answer = await client.post("/api/servers?force=true", json=metadata)
        assert (answer.status_code, answer.json()["code"]) == (422, "url_refused")
        private = {"title": "Private", "transport": "http", "url": NOBODY, "allow_private": False}
        answer = await client.post("/api/servers?force=true", json=private)
        assert (answer.status_code, answer.json()["code"]) == (422, "url_refused")


async def test_private_addresses_need_a_choice_once_others_can_reach_omni2(
    database: Database, tmp_path: Path, shelf: tuple[Shelf, str]
) -> None:
    async with opened(database, tmp_path, host="omni2.example.org") as office, office.client() as client:
        body = {"title": "Shelf", "transport": "http", "url": shelf[1]}
        assert (await client.post("/api/servers", json=body)).json()["code"] == "url_refused"
        answer = await client.post("/api/servers", json={**body, "allow_private": True})
        assert answer.status_code == 201


async def test_stdio_servers_are_refused_with_the_name_of_the_setting(
    database: Database, tmp_path: Path
) -> None:
    body = {"title": "Time", "transport": "stdio", "command": ["bash", "-c", "true"]}
    async with opened(database, tmp_path) as office, office.client() as client:
        answer = await client.post("/api/servers?force=true", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "stdio_disabled")
        assert "OMNI2_STDIO_ENABLED" in answer.json()["detail"]


async def test_a_stdio_command_that_is_not_listed_is_refused(database: Database, tmp_path: Path) -> None:
    body = {"title": "Time", "transport": "stdio", "command": ["bash", "-c", "true"]}
    async with opened(database, tmp_path, stdio_enabled=True) as office, office.client() as client:
        answer = await client.post("/api/servers?force=true", json=body)
        assert (answer.status_code, answer.json()["code"]) == (422, "command_not_allowed")
        assert "OMNI2_STDIO_COMMANDS" in answer.json()["detail"]


async def test_a_stdio_server_that_ends_is_quoted_with_its_last_words(
    database: Database, tmp_path: Path
) -> None:
    command = ["python3", "-c", "import sys; sys.exit('no config: token sk-planted-planted-planted')"]
    body = {"title": "Broken", "transport": "stdio", "command": command}
    async with opened(database, tmp_path, stdio_enabled=True) as office, office.client() as client:
        answer = (await client.post("/api/servers/probe", json=body)).json()
    assert (answer["ok"], answer["code"]) == (False, "server_unreachable")
    assert answer["detail"].endswith("It said: no config: token [redacted]")


async def test_an_allowed_stdio_server_runs_with_its_environment(database: Database, tmp_path: Path) -> None:
    body = {
        "title": "Clock",
        "transport": "stdio",
        "command": [sys.executable, "-m", "mcp_server_time"],
        "env": [{"name": "CLOCK_SECRET", "value": "planted-secret"}],
    }
    settings = {"stdio_enabled": True, "stdio_commands": f"uvx, {sys.executable}"}
    async with opened(database, tmp_path, **settings) as office, office.client() as client:
        answer = await client.post("/api/servers", json=body)
        assert (answer.status_code, answer.json()["state"]) == (201, "connected")
        assert answer.json()["tool_count"] == 2
        assert "planted-secret" not in answer.text
        path = f"/api/servers/{answer.json()['server_id']}"
        assert (await client.get(f"{path}/stderr")).status_code == 200
        assert [row["state"] for row in (await client.get(f"{path}/health")).json()["items"]] == ["connected"]


async def test_credentials_are_sealed_and_never_given_back(office: Office) -> None:
    async with serving(Shelf(token="planted-secret")) as url:
        view = await add(office, f"{url}/mcp", bearer="planted-secret")
        assert view["has_credentials"] is True
        async with office.client() as client:
            texts = [
                (await client.get(path)).text
                for path in ("/api/servers", f"/api/servers/{view['server_id']}", "/api/grants")
            ]
        async with office.database.read() as session:
            row = (await session.scalars(select(Server))).one()
            journal = (await session.scalars(select(JournalRow))).all()
        texts += [repr(row.sealed_headers), repr([(entry.sentence, entry.data) for entry in journal])]
        texts.append(repr(await office.catalog.snapshot()))
    assert not [text for text in texts if "planted-secret" in text]


async def test_a_server_that_wants_a_credential_says_so(office: Office) -> None:
    async with serving(Shelf(token="right")) as url, office.client() as client:
        body = {"title": "Shelf", "transport": "http", "url": f"{url}/mcp", "bearer": "wrong"}
        answer = await client.post("/api/servers/probe", json=body)
        assert answer.json()["ok"] is False
        assert answer.json()["code"] == "server_auth_failed"
        right = await client.post("/api/servers/probe", json={**body, "bearer": "right"})
        assert [tool["name"] for tool in right.json()["tools"]] == ["get_book", "burn_book"]
        assert (await client.get("/api/servers")).json()["items"] == []


async def test_credentials_do_not_follow_a_server_to_another_host(office: Office) -> None:
    async with serving(Shelf(token="secret")) as first, serving(Shelf()) as second:
        view = await add(office, f"{first}/mcp", bearer="secret")
        path = f"/api/servers/{view['server_id']}"
        async with office.client() as client:
            moved = await client.patch(path, json={"url": f"{second}/mcp"})
            assert (moved.status_code, moved.json()["field"]) == (422, "bearer")
            moved = await client.patch(path, json={"url": f"{second}/mcp", "bearer": None})
            assert (moved.status_code, moved.json()["has_credentials"]) == (200, False)


async def test_two_servers_may_share_a_title_but_not_a_short_name(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    await add(office, shelf[1])
    assert (await add(office, shelf[1]))["slug"] == "book-shelf-2"
    async with office.client() as client:
        body = {"title": "Third", "slug": "book-shelf", "transport": "http", "url": shelf[1]}
        answer = await client.post("/api/servers", json=body)
    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (409, "slug_taken", "slug")


async def test_a_deleted_server_leaves_no_grant_to_its_successor(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    view = await add(office, shelf[1], grant="everyone")
    async with office.client() as client:
        assert (await client.delete(f"/api/servers/{view['server_id']}")).status_code == 204
        assert (await client.get("/api/grants")).json()["items"] == []
    await add(office, shelf[1])
    async with office.client("member") as client:
        access = (await client.get(f"/api/users/{office.people['member']}/access")).json()
    assert access == {"servers": [], "virtual": []}


async def test_a_disabled_tool_and_a_disabled_server_are_offered_to_nobody(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    view = await add(office, shelf[1], grant="everyone")
    path = f"/api/servers/{view['server_id']}"
    async with office.client() as client:
        tool = await client.patch(f"{path}/tools/burn_book", json={"enabled": False, "price_micros": 250})
        assert (tool.json()["enabled"], tool.json()["price_micros"]) == (False, 250)
        user, slug = office.people["member"], "book-shelf"
        question = f"/api/explain?user={user}&server={slug}&tool="
        burnt = (await client.get(question + "burn_book")).json()
        assert burnt["sentence"] == "Member may not use book-shelf.burn_book because the tool is disabled."
        assert (await client.get(question + "get_book")).json()["allowed"] is True
        off = (await client.patch(path, json={"enabled": False})).json()
        assert (off["state"], off["enabled"]) == ("disabled", False)
        assert (await client.get(question + "get_book")).json()["allowed"] is False


async def test_a_new_address_is_asked_before_it_is_saved(office: Office, shelf: tuple[Shelf, str]) -> None:
    view = await add(office, shelf[1])
    path = f"/api/servers/{view['server_id']}"
    async with office.client() as client:
        refused = await client.patch(path, json={"url": NOBODY})
        assert (refused.status_code, refused.json()["code"]) == (422, "server_unreachable")
        assert (await client.get(path)).json()["url"] == shelf[1]
        renamed = await client.patch(path, json={"title": "Library", "timeout_ms": 5000})
        assert (renamed.json()["title"], renamed.json()["timeout_ms"]) == ("Library", 5000)


async def test_only_admins_change_servers_and_members_do_not_see_them(
    office: Office, shelf: tuple[Shelf, str]
) -> None:
    view = await add(office, shelf[1])
    path = f"/api/servers/{view['server_id']}"
    for role, reads, writes in (("member", 403, 403), ("auditor", 200, 403)):
        async with office.client(role) as client:
            assert (await client.get("/api/servers")).status_code == reads
            assert (await client.patch(path, json={"title": "Mine"})).status_code == writes
            assert (await client.delete(path)).status_code == writes


async def test_input_that_is_not_known_is_refused(office: Office) -> None:
    async with office.client() as client:
        for wrong in ({"timeout_ms": "fast"}, {"demo": True}, {"slug": "Not A Slug"}, {"concurrency": True}):
            body = {"title": "Shelf", "transport": "http", "url": NOBODY, **wrong}
            assert (await client.post("/api/servers", json=body)).status_code == 422, json.dumps(wrong)
        crlf = [{"name": "X-Key", "value": "a\r\nHost: evil"}]
        body = {"title": "Shelf", "transport": "http", "url": NOBODY, "headers": crlf}
        assert (await client.post("/api/servers", json=body)).json()["field"] == "headers"


@pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
@pytest.mark.cuts
async def test_a_server_of_the_old_transport_is_added_changed_and_offers_all_that_it_lists(
    office: Office,
) -> None:
    async with serving_sse(Bazaar()) as target, office.client() as client:
        body = {"title": "Bazaar", "transport": "sse", "url": target.url}
        answer = await client.post("/api/servers", json={**body, "isolation": "per_user"})
        assert answer.status_code == 201, answer.text
        view = answer.json()
        assert (view["transport"], view["state"], view["isolation"]) == ("sse", "connected", "per_user")
        path = f"/api/servers/{view['server_id']}"
        patch = {"timeout_ms": 9_000, "bearer": "planted-secret", "isolation": "shared", "new_tools": "hold"}
        patched = (await client.patch(path, json=patch)).json()
        assert (patched["transport"], patched["isolation"], patched["new_tools"]) == ("sse", "shared", "hold")
        refused = await client.patch(path, json={"env": [{"name": "A", "value": "b"}]})
        assert (refused.status_code, refused.json()["field"]) == (422, "command")
        prompts = (await client.get(f"{path}/prompts")).json()["items"]
        resources = (await client.get(f"{path}/resources")).json()
        assert view["prompt_count"] == len(prompts) > 0
        assert prompts[0]["exposed"] == f"bazaar__{prompts[0]['name']}"
        assert view["resource_count"] == len(resources["items"]) > 0
        assert len(resources["templates"]) > 0
        await office.hub.pool.aclose()
