"""Guards over the whole application: who may call a route, how errors look, where secrets may not appear."""

import json
import random
import re
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import text

from omni2.app.contract import openapi_document
from omni2.app.routers import ROUTERS
from omni2.identity.deps import Require, public
from omni2.kernel.errors import Problem
from omni2.upstream.ports import TextDelta
from tests.support.house import SECRET, House
from tests.support.scripted_model import says, wants

in_front_of_the_store = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

KEY = "sk-planted-provider-key-0123456789abcdef"
PASSWORD = "planted password 4711"
VALUES: tuple[Any, ...] = (
    *(None, "", "x", "\x00", "a" * 5_000, "../../etc/passwd", "%00", "' OR 1=1 --", "\U0001f980"),
    *(-1, 0, 2**63, 1.5, True, [], {}, [[]], {"a": {"b": []}}, "0198c0de-0000-7000-8000-000000000000"),
)
WORDS = ("x", "%00", "..%2f", "a" * 300, "\u00e9", "0198c0de-0000-7000-8000-000000000000", "-1", "*")


def routes() -> Iterator[APIRoute]:
    """Every route of the application's routers."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            yield route


def guards_of(dependant: Dependant) -> list[object]:
    """Return what decides who may call, in the whole tree of dependencies."""
    found = [dependant.call] if isinstance(dependant.call, Require) or dependant.call is public else []
    return found + [guard for part in dependant.dependencies for guard in guards_of(part)]


def test_every_route_declares_who_may_call_it() -> None:
    assert {route.path.replace(":path", "") for route in routes()} == set(openapi_document()["paths"])
    wrong = [
        f"{sorted(route.methods or ())} {route.path}"
        for route in routes()
        if len(guards_of(route.dependant)) != 1
    ]
    assert wrong == []


def test_only_these_routes_are_public() -> None:
    open_to_all = {route.path for route in routes() if guards_of(route.dependant) == [public]}
    assert open_to_all == {
        *("/api/auth/state", "/api/auth/link/inspect", "/api/auth/link/redeem", "/api/auth/login"),
        *("/api/auth/logout", "/api/health", "/api/ready"),
        *("/.well-known/oauth-authorization-server", "/.well-known/oauth-protected-resource"),
        *("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-protected-resource/mcp/{slug}"),
        *("/oauth/authorize", "/oauth/token", "/oauth/revoke", "/oauth/register"),
        *("/.well-known/oauth-client", "/oauth/upstream/callback"),
    }


def operations() -> list[tuple[str, str]]:
    """Every method and path of the contract."""
    return [
        (method.upper(), path)
        for path, methods in openapi_document()["paths"].items()
        for method in methods
        if path != "/api/auth/logout"
    ]


def filled(path: str, dice: random.Random) -> str:
    """Return a path with something in the place of each parameter."""
    while "{" in path:
        head, _, rest = path.partition("{")
        path = head + dice.choice(WORDS) + rest.partition("}")[2]
    return path


def body(dice: random.Random, schema: dict[str, Any]) -> bytes:
    """Return a body: of the right names with foreign values, or no JSON object at all."""
    if dice.random() < 0.2:
        return dice.choice(
            (b"", b"{", b"[]", b"null", b"\xff", b'{"a": NaN}', b'{"a":1,"a":2}', b"[" * 2_000)
        )
    names = [*schema, "unknown"]
    return json.dumps({name: dice.choice(VALUES) for name in names if dice.random() < 0.8}).encode()


def names_of(document: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    """Return the properties that an operation's body has."""
    found = document["paths"][path][method.lower()].get("requestBody", {})
    schema = found.get("content", {}).get("application/json", {}).get("schema", {})
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return document["components"]["schemas"].get(name, {}).get("properties", {})


async def test_whatever_is_asked_no_answer_is_a_500_and_every_error_has_a_code(house: House) -> None:
    dice, document = random.Random(4711), openapi_document()
    wrong: list[str] = []
    async with house.served.client(house.boss) as client:
        for method, path in operations() * 3:
            where = filled(path, dice)
            query = {name: dice.choice(WORDS) for name in ("limit", "after", "q", "user", "scope", "status")}
            content = None if method == "GET" else body(dice, names_of(document, path, method))
            headers = {"content-type": dice.choice(("application/json", "application/json", "text/plain"))}
            answer = await client.request(
                *(method, where),
                params=query if dice.random() < 0.7 else None,
                content=content,
                headers=headers,
            )
            if answer.status_code < 400 or (answer.status_code == 502 and "code" in answer.json()):
                continue
            kind = answer.headers.get("content-type", "")
            told: dict[str, Any] = answer.json() if "json" in kind else {}
            if path.startswith("/oauth/") and "error" in told:  # as the standards of OAuth have it
                kind, told = kind.replace("/json", "/problem+json"), {"code": told.get("error")}
            if answer.status_code >= 500 or kind != "application/problem+json" or not told.get("code"):
                wrong.append(f"{method} {where} {content!r}: {answer.status_code} {kind} {answer.text[:200]}")
    assert wrong == []


@in_front_of_the_store
async def test_a_stranger_gets_401_from_every_route_that_is_not_public(house: House) -> None:
    public_paths = {route.path for route in routes() if guards_of(route.dependant) == [public]}
    wrong: list[str] = []
    async with house.served.client() as client:
        for method, path in operations():
            where = re.sub(r"\{\w+\}", "0198c0de-0000-7000-8000-000000000000", path)
            answer = await client.request(method, where, json={})
            if path not in public_paths and (answer.status_code, answer.json()["code"]) != (
                401,
                "not_signed_in",
            ):
                wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


@pytest.mark.parametrize("known", [True, False])
@in_front_of_the_store
async def test_an_address_with_a_nul_character_is_refused_before_anybody_is_asked_for(
    house: House, *, known: bool
) -> None:
    async with house.served.client(house.boss if known else None) as client:
        for method, path in operations():
            for where in (f"{path}?after=%00", re.sub(r"\{\w+\}", "a%00b", path)):
                if "%00" in where:
                    answer = await client.request(method, where, json={})
                    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request"), where


async def stored_text(house: House) -> str:
    """Return everything that flows and journal hold, as text."""
    async with house.served.database.read() as session:
        rows = [
            str(row)
            for table in ("flows", "flow_records", "journal", "messages", "turn_chunks", "calls")
            for row in await session.execute(text(f"SELECT * FROM {table}"))
        ]
    return "\n".join(rows)


async def test_planted_secrets_appear_nowhere(house: House) -> None:
    with structlog.testing.capture_logs() as logs:
        async with house.served.client(house.boss) as client:
            model = {"provider": "openai_compatible", "name": "m", "base_url": "http://127.0.0.1:9/v1"}
            answers = [
                await client.post("/api/models?force=true", json={**model, "key": KEY}),
                await client.post("/api/models/test", json={**model, "key": KEY}),
                await client.post("/api/auth/login", json={"email": "ann@example.org", "password": PASSWORD}),
                await client.post("/api/auth/login", json={"email": PASSWORD, "password": [PASSWORD]}),
                await client.patch(f"/api/servers/{house.server_id}", json={"bearer": [SECRET]}),
            ]
            house.model.play(
                wants(
                    "shop__echo", text="x", password=PASSWORD, api_key=KEY, authorization=f"Bearer {SECRET}"
                ),
                [TextDelta("So."), Problem("model_failed", 502, "The model does not answer.")],
            )
            house.model.otherwise = says("Done.")
            chat = await house.chat()
            await chat.ask("What is there?")
            for method, path in operations():
                if method == "GET":
                    answers.append(await client.get(path.replace("{server_id}", house.server_id)))
        said = [answer.text for answer in answers]
        said += [str(answer.headers) for answer in answers]
    everything = "\n".join([*said, str(logs), await stored_text(house), json.dumps(openapi_document())])
    for secret in (KEY, SECRET, PASSWORD, house.ann.token, house.ann.cookie, house.boss.token):
        assert secret not in everything
