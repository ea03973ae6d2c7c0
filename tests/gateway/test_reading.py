"""What the gateway refuses to read, and how it says so; asked before who sends it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from omni2.gateway.wire import SUPPORTED
from tests.support.clients import NO_TLS
from tests.support.house import House, open_house
from tests.support.mcp_client import MODERN, VERSION_KEY, Raw, error_of, raw_client

PING: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
UNREADABLE = {
    "nothing": b"",
    "no JSON": b"{",
    "a duplicate key": b'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
    "a duplicate key inside": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1,"a":2}}',
    "NaN": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":NaN}}',
    "infinity": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":Infinity}}',
    "a number without end": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":1e999}}',
    "an id without end": b'{"jsonrpc":"2.0","id":' + b"9" * 400 + b',"method":"ping"}',
    "half a character": b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"\\ud800"}}',
    "no Unicode": b'{"jsonrpc":"2.0","id":1,"method":"\xff"}',
    "no bottom": b'{"a":' * 10_000,
}
MALFORMED: dict[str, Any] = {
    "a batch": [PING],
    "an empty batch": [],
    "a string": "ping",
    "no version": {"id": 1, "method": "ping"},
    "an old version": {**PING, "jsonrpc": "1.0"},
    "a null id": {**PING, "id": None},
    "a boolean id": {**PING, "id": True},
    "a fraction as id": {**PING, "id": 1.5},
    "an object as id": {**PING, "id": {}},
    "a long id": {**PING, "id": "x" * 300},
    "a number as method": {**PING, "method": 7},
    "a list as params": {**PING, "params": []},
    "nothing to do": {"jsonrpc": "2.0", "id": 1},
    "result and error": {"jsonrpc": "2.0", "id": 1, "result": {}, "error": {}},
}


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite_url, tmp_path / "data") as house:
        yield house


@pytest.fixture
async def stranger(house: House) -> AsyncIterator[Raw]:
    async with raw_client(house, None) as client:
        yield client


async def test_what_is_not_strict_json_is_a_parse_error(stranger: Raw) -> None:
    answers = {name: await stranger.post(body) for name, body in UNREADABLE.items()}
    assert {name: error_of(answer) for name, answer in answers.items()} == dict.fromkeys(
        UNREADABLE, (400, -32700)
    )
    assert all(answer.json()["id"] is None for answer in answers.values())


async def test_what_is_not_one_message_is_an_invalid_request(stranger: Raw) -> None:
    answers = {name: await stranger.post(body) for name, body in MALFORMED.items()}
    assert {name: error_of(answer) for name, answer in answers.items()} == dict.fromkeys(
        MALFORMED, (400, -32600)
    )


async def test_a_body_must_be_json_of_at_most_four_mebibytes(house: House, stranger: Raw) -> None:
    assert (await stranger.post(PING, **{"Content-Type": "text/plain"})).status_code == 415
    assert (await stranger.post(PING, Accept="text/html")).status_code == 406
    assert (await stranger.post({**PING, "params": {"a": "x" * 70_000}})).status_code == 401
    async with raw_client(house, house.ann) as known:
        assert (await known.post({**PING, "params": {"a": "x" * 5_000_000}})).status_code == 413
        accepted = await known.call("initialize", {"a": "x" * 3_900_000, **INITIALIZE})
        assert accepted.status_code == 200


async def test_another_site_is_refused_whatever_it_brings(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        for verb in ("GET", "POST", "DELETE"):
            headers = {**client.headers, "Origin": "http://evil.example.org"}
            answer = await client.http.request(verb, "/mcp", headers=headers, json=PING)
            assert (answer.status_code, answer.json()["code"]) == (403, "origin_refused")
        rebound = await client.call("initialize", INITIALIZE, Host="evil.example.org")
        assert (rebound.status_code, rebound.json()["code"]) == (403, "host_refused")
        ours = await client.call("initialize", INITIALIZE, Origin=house.served.url)
        assert ours.status_code == 200


async def test_verbs_and_addresses_that_do_not_exist_are_refused(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        assert (await client.http.put("/mcp", headers=client.headers)).status_code == 405
        assert (await client.http.get("/mcp/a/b", headers=client.headers)).status_code == 404
        assert (await client.http.get("/mcp", headers=client.headers)).status_code == 400
        modern = {**client.headers, "MCP-Protocol-Version": MODERN}
        assert (await client.http.get("/mcp", headers=modern)).status_code == 405
        client.path = "/mcp/nothing"
        assert error_of(await client.call("initialize", INITIALIZE)) == (404, -32600)
        assert error_of(await client.modern("tools/list")) == (404, -32600)


async def test_an_unknown_revision_is_refused_with_those_that_are_spoken(stranger: Raw) -> None:
    old = await stranger.call("ping", **{"MCP-Protocol-Version": "2024-11-05"})
    new = {"_meta": {VERSION_KEY: "2099-01-01"}}
    future = await stranger.modern("tools/list", new, **{"MCP-Protocol-Version": "2099-01-01"})
    for answer in (old, future):
        assert error_of(answer) == (400, -32022)
        assert answer.json()["error"]["data"]["supported"] == [*SUPPORTED]


async def test_headers_of_the_newest_revision_equal_its_body_before_anybody_is_asked_who_they_are(
    stranger: Raw,
) -> None:
    call: dict[str, Any] = {"name": "shop__echo", "arguments": {}}
    wrong: list[dict[str, str | None]] = [
        {"MCP-Protocol-Version": None},
        {"MCP-Protocol-Version": "2025-11-25"},
        {"Mcp-Method": None},
        {"Mcp-Method": "tools/list"},
        {"Mcp-Name": None},
        {"Mcp-Name": "shop__secret_echo"},
        {"Mcp-Name": "=?base64?####?="},
    ]
    for headers in wrong:
        assert error_of(await stranger.modern("tools/call", call, **headers)) == (400, -32020), headers
    packed = await stranger.modern("tools/call", call, **{"Mcp-Name": "=?base64?c2hvcF9fZWNobw==?="})
    assert packed.status_code == 401
    bare = await stranger.call(
        "tools/list", {}, **{"MCP-Protocol-Version": MODERN, "Mcp-Method": "tools/list"}
    )
    assert error_of(bare) == (400, -32602)


async def test_a_header_that_stands_twice_is_refused(house: House, stranger: Raw) -> None:
    headers = [
        ("Content-Type", "application/json"),
        ("MCP-Protocol-Version", "2025-11-25"),
        ("MCP-Protocol-Version", MODERN),
    ]
    async with httpx.AsyncClient(base_url=house.served.url, verify=NO_TLS) as http:
        answer = await http.post("/mcp", json=PING, headers=headers)
    assert error_of(answer) == (400, -32020)


INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "raw", "version": "7"},
}
