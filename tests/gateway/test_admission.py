"""Who gets in: a bearer with the scope, of somebody who is not blocked; everybody else hears why."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp_types.methods import CLIENT_REQUESTS

from omni2.gateway.methods import METHODS
from omni2.gateway.wire import LEGACY, MODERN
from omni2.identity.credentials import create_token
from omni2.identity.schemas import TokenCreate
from omni2.kernel.journal import CONSOLE
from tests.support.app import Person
from tests.support.house import House, open_house
from tests.support.mcp_client import Raw, error_of, raw_client

WORDS = "Please see me."


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite_url, tmp_path / "data") as house:
        yield house


async def every_method(client: Raw) -> dict[str, int]:
    """Return the HTTP status of each method in a revision that has it."""
    found: dict[str, int] = {}
    for name, method in METHODS.items():
        send = client.modern if MODERN in method.revisions else client.call
        params = {"name": "shop__echo", "uri": "a://b", "level": "info"}
        found[name] = (await send(name, params)).status_code
    return found


def test_the_table_of_methods_is_that_of_the_protocol() -> None:
    spoken = {
        name: {revision for revision in (*LEGACY, MODERN) if (name, revision) in CLIENT_REQUESTS}
        for name, _ in CLIENT_REQUESTS
    }
    for name in ("initialize", "ping"):
        spoken[name] = {*LEGACY}
    assert {name: set(method.revisions) for name, method in METHODS.items()} == spoken


async def test_every_method_has_its_handler_and_says_who_may_use_it(house: House) -> None:
    assert set(house.served.process.gateway.handlers.by_method) == set(METHODS)
    assert {method.scope for method in METHODS.values()} == {"mcp"}


async def test_a_stranger_is_shown_where_to_get_a_token_whatever_the_method(house: House) -> None:
    async with raw_client(house, None) as client:
        assert await every_method(client) == dict.fromkeys(METHODS, 401)
        answer = await client.modern("tools/list")
        where = f"{house.served.url}/.well-known/oauth-protected-resource/mcp"
        assert answer.headers["www-authenticate"] == f'Bearer resource_metadata="{where}"'
        client.headers["Authorization"] = "Bearer omni2_invented"
        answer = await client.modern("tools/list")
        assert (
            answer.headers["www-authenticate"] == f'Bearer error="invalid_token", resource_metadata="{where}"'
        )


async def test_nothing_but_the_header_carries_a_token(house: House) -> None:
    async with raw_client(house, None) as client:
        client.path = f"/mcp?access_token={house.ann.token}&token={house.ann.token}"
        assert (await client.modern("tools/list")).status_code == 401
        client.path = "/mcp"
        assert (await client.modern("tools/list", Cookie=f"omni2={house.ann.cookie}")).status_code == 401
        basic = await client.modern("tools/list", Authorization=f"Basic {house.ann.token}")
        assert basic.status_code == 401


async def test_a_token_without_the_scope_opens_no_method_and_leaves_a_flow(house: House) -> None:
    body = TokenCreate(name="chat only", scopes=["chat"])
    _, token = await create_token(house.served.database, house.ann.user, body, CONSOLE)
    async with raw_client(house, Person(house.ann.user, "", token)) as client:
        assert await every_method(client) == dict.fromkeys(METHODS, 403)
        answer = await client.modern("tools/list")
        assert answer.json()["code"] == "insufficient_scope"
        assert 'error="insufficient_scope", scope="mcp"' in answer.headers["www-authenticate"]
    flows = await house.served.flows(house.ann)
    assert 1 <= len(flows) < len(METHODS)
    assert flows[0].status == "denied"


async def test_who_is_blocked_hears_the_words_whatever_the_method(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        await house.block(house.ann, message=WORDS)
        assert await every_method(client) == dict.fromkeys(METHODS, 403)
        answer = await client.modern("tools/call", {"name": "shop__echo", "arguments": {}})
        assert (answer.json()["code"], answer.json()["detail"]) == ("blocked", WORDS)
        await house.unblock(house.ann)
        assert (await client.call("tools/list")).status_code == 200
    assert house.workshop.calls == []


async def test_a_block_of_chat_alone_leaves_this_door_open(house: House) -> None:
    await house.block(house.ann, scope="chat")
    async with raw_client(house, house.ann) as client:
        assert (await client.modern("tools/list")).status_code == 200
    await house.unblock(house.ann)
    await house.block(house.ann, scope="mcp")
    async with raw_client(house, house.ann) as client:
        assert (await client.modern("tools/list")).status_code == 403


async def test_what_only_looks_opens_no_flow(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        for method in ("server/discover", "tools/list", "prompts/list", "resources/list"):
            assert (await client.modern(method)).status_code == 200
        await client.initialize()
        assert (await client.call("ping")).status_code == 200
    assert await house.served.flows(house.ann) == []


async def test_a_token_that_is_limited_to_servers_finds_no_other(house: House) -> None:
    body = TokenCreate(name="limited", scopes=["mcp"], servers=["time"])
    _, token = await create_token(house.served.database, house.ann.user, body, CONSOLE)
    call: dict[str, Any] = {"name": "shop__echo", "arguments": {}}
    async with raw_client(house, Person(house.ann.user, "", token)) as client:
        assert (await client.modern("tools/list")).json()["result"]["tools"] == []
        assert error_of(await client.modern("tools/call", call)) == (400, -32602)
        client.path = "/mcp/shop"
        assert error_of(await client.modern("tools/list")) == (404, -32600)
    assert house.workshop.calls == []


async def test_a_token_that_is_limited_to_a_virtual_server_works_at_its_address_and_only_there(
    house: House,
) -> None:
    tools = [{"server_id": house.server_id, "tool": "echo", "name": "say"}]
    async with house.served.client(house.boss) as admin:
        made = await admin.post(
            "/api/virtual-servers", json={"slug": "desk", "title": "Desk", "tools": tools}
        )
    assert made.status_code == 201, made.text
    async with house.served.client(house.ann) as browser:
        reached = (await browser.get(f"/api/users/{house.ann.user_id}/access")).json()
    assert reached["virtual"] == [{"slug": "desk", "title": "Desk"}]
    body = TokenCreate(name="limited", scopes=["mcp"], servers=["desk"])
    _, token = await create_token(house.served.database, house.ann.user, body, CONSOLE)
    async with raw_client(house, Person(house.ann.user, "", token), "desk") as client:
        listed = (await client.modern("tools/list")).json()["result"]["tools"]
        assert [tool["name"] for tool in listed] == ["say"]
        said = await client.modern("tools/call", {"name": "say", "arguments": {"text": "hello"}})
        assert "echo: hello" in said.text
        assert error_of(await client.modern("tools/call", {"name": "hold", "arguments": {}})) == (400, -32602)
        client.path = "/mcp"
        assert (await client.modern("tools/list")).json()["result"]["tools"] == []
        call: dict[str, Any] = {"name": "shop__echo", "arguments": {}}
        assert error_of(await client.modern("tools/call", call)) == (400, -32602)
        client.path = "/mcp/shop"
        assert error_of(await client.modern("tools/list")) == (404, -32600)
    assert house.workshop.calls == [("echo", {"text": "hello"})]
