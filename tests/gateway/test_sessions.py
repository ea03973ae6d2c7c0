"""Sessions of the older revisions: whose they are, how long they last, on which replica."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Update, func, select, update

from omni2.gateway import sessions
from omni2.gateway.models import McpSession
from omni2.gateway.sessions import Sessions
from omni2.identity.credentials import create_token
from omni2.identity.schemas import TokenCreate
from omni2.kernel.ids import now
from omni2.kernel.journal import CONSOLE
from tests.support.app import Person, serving_app
from tests.support.house import House
from tests.support.mcp_client import Raw, error_of, mcp_client, raw_client


async def count_rows(house: House) -> int:
    """Return how many sessions are stored."""
    async with house.served.database.read() as session:
        return await session.scalar(select(func.count()).select_from(McpSession)) or 0


async def test_each_older_revision_is_spoken_as_asked_and_another_is_offered_the_newest(house: House) -> None:
    for asked, offered in {
        "2025-06-18": "2025-06-18",
        "2025-11-25": "2025-11-25",
        "2024-11-05": "2025-11-25",
        "2026-07-28": "2025-11-25",
    }.items():
        async with raw_client(house, house.ann) as client:
            answer = (await client.initialize(asked)).json()["result"]
            assert answer["protocolVersion"] == offered
            assert answer["serverInfo"]["name"] == "omni2"
            assert (await client.call("ping")).json() == {"jsonrpc": "2.0", "id": 1, "result": {}}


async def test_a_session_is_needed_by_whom_has_them_and_its_id_is_stored_nowhere(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        assert error_of(await client.call("tools/list")) == (400, -32600)
        await client.initialize()
        session_id = client.headers["Mcp-Session-Id"]
        assert len(session_id) >= 43
    async with house.served.database.read() as session:
        row = await session.scalar(select(McpSession))
    assert row is not None
    assert row.client == "raw 7 (2025-11-25)"
    assert session_id not in str(vars(row))


async def test_of_what_a_client_can_do_only_what_matters_is_stored(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        junk: dict[str, Any] = {"x" * 1_000_000: {"y": "z"}}
        await client.initialize(elicitation={"url": {}, **junk}, roots={"listChanged": True}, **junk)
    async with house.served.database.read() as session:
        stored = await session.scalar(select(McpSession.capabilities))
    assert stored == {"elicitation": {"url": {}}, "roots": {}}


async def test_a_session_serves_nobody_else_and_no_other_credential_on_any_verb(house: House) -> None:
    body = TokenCreate(name="another", scopes=["mcp"])
    _, token = await create_token(house.served.database, house.ann.user, body, CONSOLE)
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        session_id = client.headers["Mcp-Session-Id"]
        for other in (house.boss, Person(house.ann.user, "", token)):
            async with raw_client(house, other) as thief:
                thief.headers["Mcp-Session-Id"] = session_id
                await assert_unknown(thief)
        client.path = "/mcp/shop"
        await assert_unknown(client)
        client.path = "/mcp"
        assert (await client.call("tools/list")).status_code == 200


async def assert_unknown(client: Raw) -> None:
    """Assert that the session does not exist for a client, whatever it does."""
    assert error_of(await client.call("tools/list")) == (404, -32600)
    cancel: dict[str, Any] = {
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": {"requestId": 1},
    }
    answer: dict[str, Any] = {"jsonrpc": "2.0", "id": "omni2-1", "result": {}}
    for message in (cancel, answer):
        assert error_of(await client.post(message)) == (404, -32600)
    headers = {**client.headers, "Accept": "text/event-stream"}
    for verb in ("GET", "DELETE"):
        assert error_of(await client.http.request(verb, client.path, headers=headers)) == (404, -32600)


async def test_delete_ends_a_session(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        assert (await client.http.delete("/mcp", headers=client.headers)).status_code == 204
        assert error_of(await client.call("tools/list")) == (404, -32600)
    assert await count_rows(house) == 0


async def test_a_session_that_nobody_used_for_a_day_is_over_and_one_in_use_is_not(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        stored = update(McpSession).values(expires_at=now() + timedelta(hours=1))
        await forget(house, stored)
        assert (await client.call("tools/list")).status_code == 200
        async with house.served.database.read() as session:
            expires_at = await session.scalar(select(McpSession.expires_at))
        assert expires_at is not None
        assert expires_at > now() + timedelta(hours=23)
        await forget(house, update(McpSession).values(expires_at=now() - timedelta(seconds=1)))
        assert error_of(await client.call("tools/list")) == (404, -32600)


async def forget(house: House, statement: Update) -> None:
    """Change what is stored, and let this replica read it anew."""
    async with house.served.database.work() as work:
        await work.session.execute(statement)
    handlers = house.served.process.gateway.handlers
    handlers.sessions = Sessions(house.served.database, house.served.process.bus)


async def test_of_too_many_sessions_the_oldest_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "USER_LIMIT", 2)
    async with (
        raw_client(house, house.ann) as first,
        raw_client(house, house.ann) as second,
        raw_client(house, house.ann) as third,
    ):
        for client in (first, second, third):
            await client.initialize()
        assert error_of(await first.call("ping")) == (404, -32600)
        assert (await second.call("ping")).status_code == 200
        assert (await third.call("ping")).status_code == 200


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_another_replica_continues_a_session_and_ends_it_everywhere(
    house: House, tmp_path: Path
) -> None:
    url = house.served.database.url.render_as_string(hide_password=False)
    async with (
        serving_app(url, tmp_path / "other", secret_key="same") as other,
        raw_client(house, house.ann) as client,
    ):
        await client.initialize()
        client.http.base_url = other.url
        assert (await client.call("tools/list")).status_code == 200
        assert (await client.http.delete("/mcp", headers=client.headers)).status_code == 204
        assert error_of(await client.call("ping")) == (404, -32600)


async def test_the_official_client_opens_and_ends_its_session(house: House) -> None:
    async with mcp_client(house, house.ann) as client:
        assert client.server_info is not None
        assert client.server_info.name == "omni2"
        assert await count_rows(house) == 1
    assert await count_rows(house) == 0
