"""Streams of changes: the GET stream of the older revisions, `subscriptions/listen` of the newest."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.gateway.hearing import LISTEN, hearing, listening
from tests.support.app import eventually, grant
from tests.support.house import House, open_house
from tests.support.mcp_client import MODERN, mcp_client, raw_client

WORDS = "Please see me."
ALL: dict[str, Any] = {"toolsListChanged": True, "promptsListChanged": True, "resourcesListChanged": True}


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite_url, tmp_path / "data") as house:
        yield house


async def deny_holding(house: House) -> None:
    """Take a tool away from everybody."""
    await grant(house.served.database, "shop", [], ["hold"], "no holding")
    await house.served.process.mirror.refresh()


async def soon(holds: Callable[[], bool]) -> None:
    await eventually(holds)


async def test_a_session_hears_on_its_stream_that_its_tools_changed_and_nothing_else(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        async with hearing(client) as heard:
            await deny_holding(house)
            await soon(lambda: heard.messages != [])
            assert heard.messages == [{"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}]


async def test_a_change_that_is_none_for_somebody_is_not_told(house: House) -> None:
    async with raw_client(house, house.ann) as client, raw_client(house, house.boss) as other:
        await client.initialize()
        await other.initialize()
        async with hearing(client) as heard, hearing(other) as theirs:
            body = {
                "subject": "user",
                "user_id": house.boss.user_id,
                "server": "shop",
                "deny": ["hold"],
                "allow": [],
            }
            async with house.served.client(house.boss) as admin:
                answer = await admin.post("/api/grants", json={**body, "name": "not the boss"})
                assert answer.status_code == 201, answer.text
            await soon(lambda: theirs.messages != [])
            assert heard.messages == []


async def test_listening_is_acknowledged_first_and_every_message_says_of_which_stream_it_is(
    house: House,
) -> None:
    async with raw_client(house, house.ann) as client:
        wished = {**ALL, "resourceSubscriptions": ["test://nobody"], "else": True}
        async with hearing(client, "POST", listening(wished), **LISTEN) as heard:
            await soon(lambda: heard.messages != [])
            assert heard.messages[0]["params"]["notifications"] == ALL
            await deny_holding(house)
            await soon(lambda: len(heard.messages) > 1)
        assert heard.methods() == [
            "notifications/subscriptions/acknowledged",
            "notifications/tools/list_changed",
        ]
        for message in heard.messages:
            assert message["params"]["_meta"] == {"io.modelcontextprotocol/subscriptionId": "listen-1"}


async def test_what_was_not_asked_for_is_not_told(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        prompts = listening({"promptsListChanged": True})
        async with (
            hearing(client, "POST", prompts, **LISTEN) as heard,
            hearing(client, "POST", listening(ALL), **LISTEN) as everything,
        ):
            await deny_holding(house)
            await soon(lambda: len(everything.messages) > 1)
            assert heard.methods() == ["notifications/subscriptions/acknowledged"]


async def test_a_block_says_the_words_on_every_stream_and_ends_it(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        held: dict[str, Any] = {"name": "shop__hold", "arguments": {}}
        call = {"jsonrpc": "2.0", "id": 5, "method": "tools/call", "params": held}
        only_stream = {"Accept": "text/event-stream"}
        async with hearing(client) as stream, hearing(client, "POST", listening(ALL), **LISTEN) as listened:
            running = asyncio.create_task(client.post(call, **only_stream))
            await house.workshop.gate.reached.wait()
            receipt = await house.block(house.ann, message=WORDS)
            await soon(lambda: stream.over and listened.over)
            answer = await running
        assert stream.messages[-1]["params"]["data"] == {"code": "blocked", "message": WORDS}
        assert listened.messages[-1]["error"]["message"] == WORDS
        assert listened.messages[-1]["id"] == "listen-1"
        assert answer.status_code == 403 or WORDS in answer.text
        local = receipt["replicas"][0]
        assert (local["streams_cancelled"], local["calls_cancelled"]) == (2, 1)
    assert house.served.process.registry.of(house.ann.user_id) == ()


async def test_a_revoked_token_ends_its_streams(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        async with hearing(client) as heard, house.served.client(house.ann) as browser:
            (token,) = (await browser.get("/api/tokens")).json()["items"]
            assert (await browser.delete(f"/api/tokens/{token['token_id']}")).status_code in {200, 204}
            await soon(lambda: heard.over)
            assert heard.messages[-1]["params"]["data"]["code"] == "not_signed_in"


async def test_a_newer_stream_takes_the_place_of_an_older_one_and_the_end_of_the_session_ends_it(
    house: House,
) -> None:
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        async with hearing(client) as first, hearing(client) as second:
            await soon(lambda: first.over)
            assert not second.over
            assert (await client.http.delete("/mcp", headers=client.headers)).status_code == 204
            await soon(lambda: second.over)


async def test_streams_are_bounded_and_a_client_that_left_holds_none(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        open_house(sqlite_url, tmp_path / "data", max_sockets_per_user=2) as house,
        raw_client(house, house.ann) as client,
    ):
        registry = house.served.process.registry
        async with (
            hearing(client, "POST", listening(ALL), **LISTEN),
            hearing(client, "POST", listening(ALL), **LISTEN),
        ):
            refused: httpx.Response = await client.post(listening(ALL), **LISTEN)
            assert (refused.status_code, "At most 2 open streams" in refused.text) == (429, True)
        await soon(lambda: registry.count(house.ann.user_id, "stream") == 0)


async def test_the_official_clients_hear_of_changes(house: House) -> None:
    told: list[str] = []

    async def hear(message: Any) -> None:
        told.append(type(getattr(message, "root", message)).__name__)

    async with mcp_client(house, house.ann, "legacy", message_handler=hear) as old:
        await old.list_tools()
        await soon(lambda: house.served.process.registry.count(house.ann.user_id, "stream") == 1)
        async with mcp_client(house, house.ann, MODERN) as new, new.listen(tools_list_changed=True) as events:
            await deny_holding(house)
            async with asyncio.timeout(20):
                event = await anext(aiter(events))
            assert type(event).__name__ == "ToolsListChanged"
        await soon(lambda: "ToolListChangedNotification" in told)
