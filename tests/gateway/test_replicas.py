"""Two replicas behind one address: whatever reaches either concerns what runs on the other as well."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from omni2.gateway import relay
from tests.gateway.asked import ELICIT, answered, start
from tests.support.app import Served, serving_app
from tests.support.clients import NO_TLS
from tests.support.house import House
from tests.support.mcp_client import Raw, error_of, raw_client
from tests.support.mcp_yard import open_yard

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
KEY = SecretStr("the same on every replica")
SLOW: dict[str, Any] = {"name": "shop__hold", "arguments": {}}


@dataclass
class Pair:
    """A house, and another replica of it."""

    house: House
    other: Served


@pytest.fixture(params=[False], ids=["an older server"])
async def pair(
    request: pytest.FixtureRequest, postgres_url: str, bus_url: str, tmp_path: Path
) -> AsyncIterator[Pair]:
    shared: dict[str, Any] = {"bus_url": SecretStr(bus_url), "secret_key": KEY}
    async with (
        open_yard(postgres_url, tmp_path / "one", newest=request.param, **shared) as house,
        serving_app(postgres_url, tmp_path / "two", **shared) as other,
    ):
        yield Pair(house, other)


async def test_an_answer_reaches_the_call_on_the_other_replica(pair: Pair) -> None:
    async with (
        raw_client(pair.house, pair.house.ann) as client,
        httpx.AsyncClient(verify=NO_TLS) as elsewhere,
    ):
        await client.initialize(elicitation={})
        headers = {**client.headers, "Accept": "application/json, text/event-stream"}
        body = {"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": ELICIT}
        async with (
            asyncio.timeout(30),
            client.http.stream("POST", "/mcp", json=body, headers=headers) as response,
        ):
            lines = (
                orjson.loads(line[5:]) async for line in response.aiter_lines() if line.startswith("data:")
            )
            question = await anext(lines)
            given = {"action": "accept", "content": {"username": "ann", "email": "a@b.c"}}
            answer = {"jsonrpc": "2.0", "id": question["id"], "result": given}
            posted = await elsewhere.post(f"{pair.other.url}/mcp", json=answer, headers=headers)
            assert posted.status_code == 202
            done = await anext(lines)
        assert (done["id"], "accept" in str(done["result"])) == (9, True)


async def test_a_cancellation_reaches_the_call_on_the_other_replica(pair: Pair) -> None:
    house = pair.house
    async with raw_client(house, house.ann) as client, httpx.AsyncClient(verify=NO_TLS) as elsewhere:
        await client.initialize()
        call = asyncio.create_task(client.call("tools/call", {"name": "shop__hold", "arguments": {}}, 77))
        await house.workshop.gate.reached.wait()
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 77}}
        headers = {**client.headers, "Content-Type": "application/json"}
        assert (
            await elsewhere.post(f"{pair.other.url}/mcp", json=cancel, headers=headers)
        ).status_code == 202
        assert error_of(await call) == (200, -32000)


async def test_a_session_that_ends_on_one_replica_is_over_on_the_other_at_once(pair: Pair) -> None:
    async with (
        raw_client(pair.house, pair.house.ann) as client,
        httpx.AsyncClient(verify=NO_TLS) as elsewhere,
    ):
        await client.initialize()
        assert (await client.call("ping")).status_code == 200
        ended = await elsewhere.delete(f"{pair.other.url}/mcp", headers=client.headers)
        assert ended.status_code == 204
        async with asyncio.timeout(20):
            while (await client.call("ping")).status_code != 404:
                continue


async def test_a_retry_on_the_other_replica_goes_on_with_the_very_call(pair: Pair) -> None:
    async with raw_client(pair.house, pair.house.ann) as client:
        asked = await start(client)
        client.http.base_url = pair.other.url
        again = (await client.modern("tools/call", {**answered(asked), "inputResponses": {}})).json()[
            "result"
        ]
        assert again["inputRequests"] == asked["inputRequests"]
        assert error_of(await client.modern("tools/call", answered(asked))) == (400, -32602)
        done = await client.modern("tools/call", answered(again))
        assert done.json()["result"]["resultType"] == "complete"
        assert "accept" in done.text
        assert error_of(await client.modern("tools/call", answered(again))) == (400, -32602)
    (flow,) = await pair.house.served.flows(pair.house.ann)
    assert flow.status == "ok"
    assert pair.house.served.process.gateway.handlers.parking.count == 0


async def test_a_state_is_worth_nothing_to_others_on_the_other_replica_either(pair: Pair) -> None:
    async with (
        raw_client(pair.house, pair.house.ann) as client,
        raw_client(pair.house, pair.house.boss) as other,
    ):
        asked = await start(client)
        client.http.base_url = other.http.base_url = pair.other.url
        changed = {**answered(asked), "arguments": {"message": "Whom?"}}
        assert error_of(await client.modern("tools/call", changed)) == (400, -32602)
        assert error_of(await other.modern("tools/call", answered(asked))) == (400, -32602)
        assert "accept" in (await client.modern("tools/call", answered(asked))).text


async def test_a_retry_says_by_name_that_the_replica_of_its_call_is_gone(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "TAKEN_WITHIN_S", 0.1)
    async with raw_client(pair.house, pair.house.ann) as client:
        client.http.base_url = pair.other.url
        asked = await start(client)
        await pair.other.stop()
        client.http.base_url = pair.house.served.url
        lost = await client.modern("tools/call", answered(asked))
        assert error_of(lost) == (503, -32603)
        assert lost.json()["error"]["data"]["code"] == "call_lost"


async def retry_slowly(pair: Pair, client: Raw) -> "asyncio.Task[httpx.Response]":
    """Return the retry, on the other replica, of a call that waits at the gate of its server."""
    pair.house.workshop.asks = True
    asked = await start(client, SLOW)
    client.http.base_url = pair.other.url
    retry = asyncio.create_task(client.modern("tools/call", answered(asked, SLOW)))
    await pair.house.workshop.gate.reached.wait()
    return retry


async def test_a_call_that_went_on_is_said_to_run_until_its_end(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "BEAT_S", 0.01)
    monkeypatch.setattr(relay, "SILENT_S", 0.5)
    async with raw_client(pair.house, pair.house.ann) as client:
        retry = await retry_slowly(pair, client)
        done, _ = await asyncio.wait({retry}, timeout=1.0)
        assert not done
        pair.house.workshop.gate.opened.set()
        assert "held" in (await retry).text


async def test_who_leaves_the_other_replica_ends_the_call_that_went_on(pair: Pair) -> None:
    async with raw_client(pair.house, pair.house.ann) as client:
        retry = await retry_slowly(pair, client)
        retry.cancel()
        await asyncio.wait({retry})
        await pair.house.workshop.disconnected.wait()
    async with asyncio.timeout(20):
        while [flow.status for flow in await pair.house.served.flows(pair.house.ann)] != ["cancelled"]:
            continue


async def test_a_block_ends_a_call_that_went_on_for_the_other_replica(pair: Pair) -> None:
    async with raw_client(pair.house, pair.house.ann) as client:
        retry = await retry_slowly(pair, client)
        await pair.house.block(pair.house.ann)
        refused = await retry
    assert (refused.status_code, refused.json()["message"]) == (403, "Please see me.")
    assert {flow.status for flow in await pair.house.served.flows(pair.house.ann)} == {"blocked"}


@pytest.mark.parametrize("pair", [True], ids=["a newest server"], indirect=True)
async def test_where_the_server_keeps_nothing_a_retry_goes_on_without_the_replica_that_is_gone(
    pair: Pair,
) -> None:
    call: dict[str, Any] = {"name": "yard__test_input_required_result_request_state", "arguments": {}}
    async with raw_client(pair.house, pair.house.ann) as client:
        client.http.base_url = pair.other.url
        asked = await start(client, call)
        await pair.other.stop()
        client.http.base_url = pair.house.served.url
        changed = {**answered(asked, call), "arguments": {"other": True}}
        assert error_of(await client.modern("tools/call", changed)) == (400, -32602)
        done = await client.modern("tools/call", answered(asked, call))
        assert done.json()["result"]["resultType"] == "complete"
        assert "state-ok" in done.text
