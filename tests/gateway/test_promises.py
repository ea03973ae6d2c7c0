"""What is promised of the door, proven with real servers behind it that write down what reaches them."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from omni2.identity.oauth_models import OAuthFamily, OAuthToken
from omni2.kernel.ids import now
from omni2.kernel.secrets import digest
from tests.conformance.fixture import app
from tests.support.app import Person, grant
from tests.support.clients import NO_TLS
from tests.support.house import House, open_house
from tests.support.mcp_client import Raw, raw_client
from tests.support.mcp_servers.raw_http import serving
from tests.support.mcp_servers.recording import Catalogued, Recording
from tests.support.mcp_servers.workshop import Workshop
from tests.support.mcp_yard import add_server, serving_sdk
from tests.support.oauth import OAuthClient, trust, vendor

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
YARD_KEY = "planted-key-of-the-yard-0123456789"
ECHO: dict[str, Any] = {"name": "shop__echo", "arguments": {"text": "hello"}}
PLAIN = "echo|files.read|get order|Get_Order|GET_ORDER|a/b|a:b|..|shop__echo|_|-|ab|get_order_12345678"
STRANGE = '\u0444\u0430\u0439\u043b|\u8aad\u3080|e\u0301cole|\u00e9cole|a\u200bb|\U0001f525|"quoted"|<b>|%2e'
NAMES = (*PLAIN.split("|"), *STRANGE.split("|"), "x" * 64, "x" * 65, "x" * 200, "x" * 199 + "y")
SEARCH: dict[str, Any] = {
    "name": "search",
    "title": "Search",
    "description": "Search the wiki.",
    "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}},
    "outputSchema": {"type": "object"},
    "annotations": {"readOnlyHint": True},
}
OTHER: dict[str, Any] = {"name": "other", "description": "d", "inputSchema": {"type": "object"}}
CHANGES: list[tuple[str, Any]] = [
    ("title", "Search all"),
    ("description", "Search the wiki.\u200b"),
    ("inputSchema", {"type": "object", "properties": {"q": {"type": "string", "description": "x"}}}),
    ("outputSchema", {"type": "object", "title": "x"}),
    ("annotations", {"readOnlyHint": False}),
    ("icons", [{"src": "https://elsewhere.example/icon.png"}]),
    ("_meta", {"vendor": 1}),
]


@dataclass
class Program:
    """A house, and a program that its people connect."""

    house: House
    client: OAuthClient


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite_url, tmp_path / "data") as house:
        yield house


@pytest.fixture
async def program(house: House, tmp_path: Path) -> AsyncIterator[Program]:
    async with vendor(tmp_path) as site:
        trust(house.served, site)
        yield Program(house, OAuthClient(house.served, site.publish()))


def jwt(algorithm: str, audience: str, key: bytes = b"") -> str:
    """Return a signed token that claims everything and proves nothing."""
    claims = {"sub": "boss", "aud": audience, "scope": "mcp", "exp": 4_102_444_800}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=")
        for part in ({"alg": algorithm, "typ": "at+jwt"}, claims)
    ]
    signed = hmac.new(key, b".".join(parts), hashlib.sha256).digest() if key else b""
    return b".".join([*parts, base64.urlsafe_b64encode(signed).rstrip(b"=")]).decode()


async def spoil(house: House, token: str, audience: str | None = None) -> str:
    """Let an access token be for another audience, or expired; return it."""
    async with house.served.database.work() as work:
        row = await work.session.get_one(OAuthToken, digest(token))
        if audience is None:
            row.expires_at = now() - timedelta(seconds=1)
            return token
        family = update(OAuthFamily).where(OAuthFamily.family_id == row.family_id)
        await work.session.execute(family.values(audience=audience))
    return token


async def test_twenty_of_twenty_false_tokens_are_refused_at_the_door(program: Program) -> None:
    house, client, url = program.house, program.client, f"{program.house.served.url}/mcp"
    tokens = [await client.connect(house.ann) for _ in range(4)]
    real, *others = [str(pair["access_token"]) for pair in tokens]
    foreign = [
        await spoil(house, others[0], f"{url}/"),
        await spoil(house, others[1], "https://o.example/mcp"),
    ]
    expired = await spoil(house, others[2])
    own, last = house.ann.token, "A" if real[-1] != "A" else "B"
    false = [
        *(
            "omni2_at_" + "A" * 43,
            real[:-1] + last,
            real + "A",
            real.upper(),
            own[:-1],
            own + "A",
            own.upper(),
        ),
        *(jwt("none", url), jwt("HS256", url, b"omni2"), jwt("RS256", url), jwt("ES256", url, b"x" * 32)),
        *(*foreign, expired, str(tokens[0]["refresh_token"]), house.ann.cookie),
    ]
    async with raw_client(house, None) as door:
        answers = [await door.modern("tools/call", ECHO, Authorization=f"Bearer {token}") for token in false]
        for token in (real, own):
            for query in (f"?access_token={token}", f"?token={token}"):
                door.path = f"/mcp{query}"
                answers.append(await door.modern("tools/call", ECHO))
        assert [answer.status_code for answer in answers] == [401] * 20
        assert house.workshop.calls == []
        door.path = "/mcp"
        for token in (real, own):
            fine = await door.modern("tools/call", ECHO, Authorization=f"Bearer {token}")
            assert "echo: hello" in fine.text


@pytest.mark.parametrize("newest", [False, True], ids=["an older server", "a newest server"])
async def test_a_callers_token_never_reaches_a_server(program: Program, *, newest: bool) -> None:
    house, recording = program.house, Recording(app())
    own = str((await program.client.connect(house.ann))["access_token"])
    async with serving_sdk(recording, newest=newest) as url:
        await add_yard(house, url)
        for token in (house.ann.token, own):
            async with raw_client(house, Person(house.ann.user, "", token)) as client:
                client.headers |= {
                    "Cookie": f"omni2={token}",
                    "X-Api-Key": token,
                    "Proxy-Authorization": token,
                }
                meta = {"authorization": token, "x-token": {"bearer": token}, "traceparent": "00-1-2-03"}
                await use_everything(client, meta)
    seen = b"\n".join(recording.seen)
    assert seen.count(b"tools/call") >= 4
    for secret in (house.ann.token, own, digest(own), digest(house.ann.token), house.ann.cookie):
        assert secret.encode() not in seen
    named = {
        line for part in recording.seen for line in part.lower().split(b"\n") if b"authorization" in line
    }
    assert named == {f"authorization: bearer {YARD_KEY}".encode()}


async def add_yard(house: House, url: str) -> None:
    """Add the server `yard`, with a key of its own, granted to everybody."""
    body = {"slug": "yard", "title": "Yard", "transport": "http", "url": f"{url}/mcp", "bearer": YARD_KEY}
    async with house.served.client(house.boss) as client:
        answer = await client.post("/api/servers", json={**body, "allow_private": True})
    assert answer.status_code == 201, answer.text
    await grant(house.served.database, "yard", ["*"], [], "the yard for all")
    await house.served.process.mirror.refresh()


async def use_everything(client: Raw, meta: dict[str, Any]) -> None:
    """Call, get, read and complete, in a session and without one."""
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("tools/call", {"name": "yard__test_simple_text", "arguments": {}}),
        ("prompts/get", {"name": "yard__test_simple_prompt"}),
        ("resources/read", {"uri": "test://static-text"}),
    )
    for method, params in asked:
        assert "result" in (await client.modern(method, {**params, "_meta": meta})).json(), method
    await client.initialize()
    for method, params in asked:
        assert "result" in (await client.call(method, {**params, "_meta": meta})).json(), method


async def test_lists_of_two_people_interleaved_on_one_connection_are_exact_for_each(house: House) -> None:
    async with house.served.client(house.boss) as admin:
        own = {"subject": "user", "user_id": house.ann.user_id, "server": "shop", "name": "not for Ann"}
        given = await admin.post("/api/grants", json={**own, "allow": [], "deny": ["hold", "fail"]})
    assert given.status_code == 201, given.text
    expected = {"ann": ["shop__echo"], "boss": ["shop__echo", "shop__fail", "shop__hold"]}
    people = {"ann": house.ann, "boss": house.boss}
    one = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(base_url=house.served.url, timeout=20, limits=one, verify=NO_TLS) as http:
        doors = {
            name: Raw(http, headers={"Authorization": f"Bearer {who.token}"}) for name, who in people.items()
        }
        for number in range(40):
            name = ("ann", "boss", "boss", "ann", "ann")[number % 5]
            answer = await doors[name].modern("tools/list")
            assert [tool["name"] for tool in answer.json()["result"]["tools"]] == expected[name]
        for door in doors.values():
            await door.initialize()
        for number in range(40):
            name = ("ann", "boss", "boss", "ann", "ann")[number % 5]
            answer = await doors[name].call("tools/list")
            assert [tool["name"] for tool in answer.json()["result"]["tools"]] == expected[name]
        refused = await doors["ann"].call("tools/call", {"name": "shop__hold", "arguments": {}})
        assert refused.json()["result"]["isError"]
    assert house.workshop.calls == []


@pytest.mark.parametrize(("field", "value"), CHANGES, ids=[field for field, _ in CHANGES])
async def test_a_changed_tool_is_not_called_before_somebody_approved_it(
    house: House, field: str, value: Any
) -> None:
    wiki = Catalogued(definitions=[SEARCH, OTHER])
    call: dict[str, Any] = {"name": "wiki__search", "arguments": {"q": "tea"}}
    async with serving(wiki) as url, raw_client(house, house.ann) as client:
        server_id = await add_server(house, "wiki", url)
        await grant(house.served.database, "wiki", ["*"], [], "the wiki for all")
        await house.served.process.mirror.refresh()
        assert "echo: " in (await client.modern("tools/call", call)).text
        wiki.definitions = [{**SEARCH, field: value}, OTHER]
        async with house.served.client(house.boss) as admin:
            await admin.post(f"/api/servers/{server_id}/refresh")
            assert "wiki__search" not in (await client.modern("tools/list")).text
            refused = (await client.modern("tools/call", call)).json()["result"]
            assert "definition changed" in refused["content"][0]["text"]
            assert len(wiki.calls) == 1
            path = f"/api/servers/{server_id}/tools/search"
            sha256 = (await admin.get(f"{path}/definition")).json()["sha256"]
            await admin.post(f"{path}/approve", json={"sha256": sha256})
        assert "echo: " in (await client.modern("tools/call", call)).text
    assert len(wiki.calls) == 2


async def test_whatever_servers_call_their_tools_each_is_called_and_none_for_another(house: House) -> None:
    schema = {"type": "object", "properties": {"text": {"type": "string"}}}
    tools = [{"name": name, "description": "d", "inputSchema": schema} for name in NAMES]
    shops = {slug: Catalogued(definitions=tools) for slug in ("left", "left-2", "r")}
    async with AsyncExitStack() as stack:
        for slug, server in shops.items():
            await add_server(house, slug, await stack.enter_async_context(serving(server)))
        await grant(house.served.database, "*", ["*"], [], "all for all")
        await house.served.process.mirror.refresh()
        client = await stack.enter_async_context(raw_client(house, house.ann))
        listed = (await client.modern("tools/list")).json()["result"]["tools"]
        called = [tool["name"] for tool in listed if not tool["name"].startswith("shop__")]
        assert len(set(called)) == len(NAMES) * len(shops)
        assert all(re.fullmatch("[A-Za-z0-9_-]{1,64}", name) for name in called)
        await call_each(client, called)
        assert {slug: sorted(names_of(server)) for slug, server in shops.items()} == dict.fromkeys(
            shops, sorted(NAMES)
        )
        for slug, server in shops.items():
            server.calls.clear()
            client.path = f"/mcp/{slug}"
            own = [tool["name"] for tool in (await client.modern("tools/list")).json()["result"]["tools"]]
            await call_each(client, own)
            assert sorted(names_of(server)) == sorted(NAMES)


async def call_each(client: Raw, names: list[str]) -> None:
    """Call tools by the names that a list gave."""
    for name in names:
        answer = await client.modern("tools/call", {"name": name, "arguments": {"text": "x"}})
        assert "echo: x" in answer.text, (name, answer.text)


def names_of(server: Workshop) -> list[str]:
    """Return by which names a server was called."""
    return [name for name, _ in server.calls]
