"""Access tokens: shown once, bounded by what made them, refused from the moment they are revoked."""

from pydantic import JsonValue
from sqlalchemy import select, update

from omni2.identity.credentials import create_token
from omni2.identity.models import AccessToken
from omni2.identity.people import find_user
from omni2.identity.schemas import TokenCreate
from omni2.kernel.ids import now
from omni2.kernel.journal import CONSOLE
from tests.support.front import Browser, Front

BOB = "bob@example.org"


def bearing(browser: Browser, secret: str) -> Browser:
    browser.client.headers["authorization"] = f"Bearer {secret}"
    return browser


async def test_a_token_opens_the_api_until_it_is_revoked(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as bob, front.browser() as client:
        made = await bob.post("/api/tokens", name="cli", scopes=["mcp", "api"], expires_in_days=30)
        assert made["secret"].startswith("omni2_")
        program = bearing(client, made["secret"])
        listed = (await program.get("/api/tokens"))["items"]
        assert [(item["name"], item["scopes"]) for item in listed] == [("cli", ["mcp", "api"])]
        assert made["secret"] not in str(listed)
        await bob.delete(f"/api/tokens/{made['token']['token_id']}")
        assert await program.refused("GET", "/api/tokens") == (401, "not_signed_in")
        assert (await bob.get("/api/tokens"))["items"] == []


async def test_the_secret_is_stored_nowhere(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as bob:
        secret = (await bob.post("/api/tokens", name="cli", scopes=["api"]))["secret"]
    async with front.database.read() as session:
        token = (await session.scalars(select(AccessToken))).one()
    assert secret not in {token.token_hash, token.name}
    assert len(token.token_hash) == 64


async def test_a_token_without_the_scope_does_not_open_the_api(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as bob, front.browser() as client:
        program = bearing(client, (await bob.post("/api/tokens", name="ide", scopes=["mcp"]))["secret"])
        assert await program.refused("GET", "/api/tokens") == (403, "insufficient_scope")


async def test_a_token_makes_no_token_that_opens_more_than_it_does(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as bob, front.browser() as client:
        program = bearing(client, (await bob.post("/api/tokens", name="cli", scopes=["api"]))["secret"])
        refused = await program.refused("POST", "/api/tokens", name="more", scopes=["api", "mcp"])
        assert refused == (422, "invalid_request")
        await program.post("/api/tokens", name="same", scopes=["api"])


async def test_an_expired_token_is_refused_also_when_it_was_just_used(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as bob, front.browser() as client:
        program = bearing(client, (await bob.post("/api/tokens", name="cli", scopes=["api"]))["secret"])
        async with front.database.work() as work:
            await work.session.execute(update(AccessToken).values(expires_at=now()))
        assert await program.refused("GET", "/api/tokens") == (401, "not_signed_in")


async def test_nobody_revokes_the_token_of_another(front: Front) -> None:
    await front.person(BOB)
    await front.person("eve@example.org")
    async with front.signed_in(BOB) as bob, front.signed_in("eve@example.org") as eve:
        token_id = (await bob.post("/api/tokens", name="cli", scopes=["api"]))["token"]["token_id"]
        assert await eve.refused("DELETE", f"/api/tokens/{token_id}") == (404, "not_found")


async def test_use_is_noted_aside_from_the_request(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as bob, front.browser() as client:
        program = bearing(client, (await bob.post("/api/tokens", name="cli", scopes=["api"]))["secret"])
        assert (await program.get("/api/tokens"))["items"][0]["last_used_at"] is None
        await front.authenticator.write_seen()
        assert (await program.get("/api/tokens"))["items"][0]["last_used_at"] is not None


async def test_a_token_made_for_an_invited_person_works_before_there_is_a_password(front: Front) -> None:
    await front.invited(BOB)
    async with front.database.read() as session:
        user = await find_user(session, BOB)
    assert user is not None
    body = TokenCreate(name="script", scopes=["api"], expires_in_days=None)
    _, secret = await create_token(front.database, user, body, CONSOLE)
    async with front.browser() as client:
        listed = (await bearing(client, secret).get("/api/tokens"))["items"]
        assert [item["name"] for item in listed] == ["script"]


async def test_a_token_makes_no_token_that_outlives_it(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as bob, front.browser() as client:
        made = await bob.post("/api/tokens", name="cli", scopes=["api"], expires_in_days=3)
        program = bearing(client, made["secret"])
        for days in ({}, {"expires_in_days": 4}, {"expires_in_days": 3650}):
            refused = await program.refused("POST", "/api/tokens", name="more", scopes=["api"], **days)
            assert refused == (422, "invalid_request")
        await program.post("/api/tokens", name="shorter", scopes=["api"], expires_in_days=2)


async def test_a_token_limited_to_servers_is_known_as_such_and_gives_no_more_on(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as bob, front.browser() as client:
        made = await bob.post("/api/tokens", name="ide", scopes=["mcp", "api"], servers=["wiki", "shop"])
        assert made["token"]["servers"] == ["shop", "wiki"]
        principal = await front.authenticator.by_token(made["secret"])
        assert principal.servers == frozenset({"shop", "wiki"})
        program = bearing(client, made["secret"])
        beyond: list[JsonValue] = [None, ["shop", "mail"]]
        for servers in beyond:
            refused = await program.refused("POST", "/api/tokens", name="x", scopes=["mcp"], servers=servers)
            assert refused == (422, "invalid_request")
        await program.post("/api/tokens", name="x", scopes=["mcp"], servers=["shop"])
        assert await bob.refused("POST", "/api/tokens", name="x", scopes=["mcp"], servers=["no slug"]) == (
            422,
            "validation",
        )
