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

from tests.support.app import Served, serving_app
from tests.support.house import House
from tests.support.mcp_client import error_of, raw_client
from tests.support.mcp_yard import open_yard

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
KEY = SecretStr("the same on every replica")
ELICIT: dict[str, Any] = {"name": "yard__test_elicitation", "arguments": {"message": "Who?"}}


@dataclass
class Pair:
    """A house, and another replica of it."""

    house: House
    other: Served


@pytest.fixture
async def pair(postgres_url: str, bus_url: str, tmp_path: Path) -> AsyncIterator[Pair]:
    shared: dict[str, Any] = {"bus_url": SecretStr(bus_url), "secret_key": KEY}
    async with (
        open_yard(postgres_url, tmp_path / "one", **shared) as house,
        serving_app(postgres_url, tmp_path / "two", **shared) as other,
    ):
        yield Pair(house, other)


async def test_an_answer_reaches_the_call_on_the_other_replica(pair: Pair) -> None:
    async with raw_client(pair.house, pair.house.ann) as client, httpx.AsyncClient() as elsewhere:
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
    async with raw_client(house, house.ann) as client, httpx.AsyncClient() as elsewhere:
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
    async with raw_client(pair.house, pair.house.ann) as client, httpx.AsyncClient() as elsewhere:
        await client.initialize()
        assert (await client.call("ping")).status_code == 200
        ended = await elsewhere.delete(f"{pair.other.url}/mcp", headers=client.headers)
        assert ended.status_code == 204
        async with asyncio.timeout(20):
            while (await client.call("ping")).status_code != 404:
                continue
