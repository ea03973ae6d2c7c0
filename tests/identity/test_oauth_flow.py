"""A program connects: documents, consent, code, tokens, rotation, and what ends them."""

import asyncio
from datetime import timedelta

import httpx
import pytest
import time_machine
from sqlalchemy import func, select, update

from omni2.identity.oauth_models import OAuthConsent, OAuthFamily, OAuthToken
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import JournalRow
from tests.identity.oauth_house import OAuthHouse
from tests.support.clients import NO_TLS
from tests.support.oauth import REDIRECT, OAuthClient, asked_at, error_of, good, parameters


async def journal_kinds(house: OAuthHouse) -> list[str]:
    async with house.served.database.read() as session:
        return list(await session.scalars(select(JournalRow.kind).order_by(JournalRow.key)))


async def test_the_documents_lead_a_client_from_the_endpoint_to_the_token_endpoint(house: OAuthHouse) -> None:
    origin = house.served.url
    async with httpx.AsyncClient(base_url=origin, verify=NO_TLS) as client:
        for path in ("", "/mcp", "/mcp/shop"):
            answer = await client.get(f"/.well-known/oauth-protected-resource{path}")
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.json() == {
                "resource": f"{origin}/mcp",
                "authorization_servers": [origin],
                "scopes_supported": ["mcp"],
                "bearer_methods_supported": ["header"],
                "resource_name": "omni2",
            }
        server = (await client.get("/.well-known/oauth-authorization-server")).json()
        preflight = await client.options(
            "/.well-known/oauth-protected-resource/mcp",
            headers={
                "origin": "https://inspector.example.org",
                "access-control-request-headers": "mcp-protocol-version",
            },
        )
        other = await client.get("/.well-known/openid-configuration")
    assert server["issuer"] == origin
    assert server["token_endpoint"] == f"{origin}/oauth/token"
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["authorization_response_iss_parameter_supported"] is True
    assert server["client_id_metadata_document_supported"] is True
    assert "registration_endpoint" not in server
    assert "mcp-protocol-version" in preflight.headers["access-control-allow-headers"]
    assert other.status_code == 404


async def test_who_comes_by_another_name_of_the_machine_finds_that_name_in_the_documents(
    house: OAuthHouse,
) -> None:
    port = house.served.settings.port
    async with httpx.AsyncClient(
        base_url=house.served.url, headers={"host": f"localhost:{port}"}, verify=NO_TLS
    ) as client:
        found = (await client.get("/.well-known/oauth-protected-resource/mcp")).json()
        foreign = await client.get(
            "/.well-known/oauth-protected-resource", headers={"host": "evil.example.org"}
        )
    assert found["resource"] == f"http://localhost:{port}/mcp"
    assert foreign.status_code == 403


async def test_a_program_is_connected_and_its_token_is_the_person_at_mcp_only(house: OAuthHouse) -> None:
    query = house.client.query()
    location = await house.client.authorize(house.ann, query)
    assert location.startswith("/consent?request=q.")
    assert asked_at(location) == query
    answered = await house.client.decide(house.ann, query)
    assert (answered["state"], answered["iss"]) == ("state-1", house.served.url)
    tokens = good(await house.client.exchange(answered["code"]))
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 600, "mcp")
    principal = await house.served.process.authenticator.by_token(tokens["access_token"])
    assert (principal.user_id, principal.method) == (house.ann.user_id, "oauth")
    assert (principal.token_name, principal.scopes) == ("Test client", frozenset({"mcp"}))
    assert await house.api_status(tokens["access_token"]) == (403, "insufficient_scope")
    assert "consent.given" in await journal_kinds(house)


async def test_the_person_is_asked_with_the_names_that_can_be_checked(house: OAuthHouse) -> None:
    query = house.client.query()
    async with house.served.client(house.ann) as browser:
        ask = (await browser.post("/api/oauth/inspect", json={"query": query})).json()["ask"]
        assert (ask["client_name"], ask["client_host"], ask["redirect_host"]) == (
            "Test client",
            "127.0.0.1",
            "127.0.0.1",
        )
        assert (ask["on_machine"], ask["given_at"]) == (True, None)
        await house.client.code(house.ann)
        again = (await browser.post("/api/oauth/inspect", json={"query": query})).json()["ask"]
    assert again["given_at"] is not None  # asked again: any program on the machine could listen there


async def test_a_consent_is_repeated_only_where_the_document_vouches_for_the_address(
    house: OAuthHouse,
) -> None:
    callback = house.site.origin + "/callback"
    client = OAuthClient(house.served, house.site.publish("/web.json", redirect_uris=[callback]), callback)
    async with house.served.client(house.ann) as browser:
        first = await browser.post("/api/oauth/inspect", json={"query": client.query()})
        await client.code(house.ann)
        second = await browser.post("/api/oauth/inspect", json={"query": client.query()})
        insisting = {"query": client.query(prompt="consent")}
        third = await browser.post("/api/oauth/inspect", json=insisting)
    assert (first.json()["redirect"], second.json()["ask"], third.json()["redirect"]) == (None, None, None)
    good(await client.exchange(parameters(second.json()["redirect"])["code"]))


async def test_a_person_who_says_no_sends_the_client_an_error_and_nothing_else(house: OAuthHouse) -> None:
    answered = await house.client.decide(house.ann, house.client.query(), allow=False)
    assert (answered["error"], answered["state"], answered["iss"]) == (
        "access_denied",
        "state-1",
        house.served.url,
    )
    assert "code" not in answered


async def test_a_stranger_is_sent_to_sign_in_and_comes_back(house: OAuthHouse) -> None:
    query = house.client.query()
    location = await house.client.authorize(None, query)
    assert location.startswith("/login?next=")
    assert asked_at(parameters(location)["next"]) == query
    assert house.site.asked == []  # strangers make us fetch nothing


async def test_an_access_token_connects_no_program(house: OAuthHouse) -> None:
    headers = {"authorization": f"Bearer {house.ann.token}"}
    async with httpx.AsyncClient(base_url=house.served.url, headers=headers, verify=NO_TLS) as program:
        answer = await program.post("/api/oauth/decide", json={"query": house.client.query(), "allow": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "session_needed")


async def test_another_site_cannot_decide_in_a_persons_name(house: OAuthHouse) -> None:
    body = {"query": house.client.query(), "allow": True}
    async with house.served.client(house.ann) as browser:
        cross = await browser.post(
            "/api/oauth/decide", json=body, headers={"origin": "https://evil.example.org"}
        )
        plain = await browser.post("/api/oauth/decide", json=body, headers={"x-omni2": ""})
        form = await browser.post("/api/oauth/decide", data={"query": "x"})
    assert cross.json()["code"] == "origin_refused"
    assert plain.status_code in {200, 403}
    assert form.status_code == 415


async def test_refresh_tokens_rotate_and_the_family_lives_on(house: OAuthHouse) -> None:
    tokens = await house.client.connect(house.ann)
    for _ in range(3):
        fresh = good(await house.client.refresh(tokens["refresh_token"]))
        assert fresh["refresh_token"] != tokens["refresh_token"]
        assert await house.works(fresh["access_token"])
        tokens = fresh


async def test_a_refresh_token_used_again_later_ends_the_family(house: OAuthHouse) -> None:
    first = await house.client.connect(house.ann)
    second = good(await house.client.refresh(first["refresh_token"]))
    async with house.served.database.work() as work:
        await work.session.execute(update(OAuthFamily).values(rotated_at=now() - timedelta(seconds=60)))
    assert error_of(await house.client.refresh(first["refresh_token"])) == (400, "invalid_grant")
    assert not await house.works(second["access_token"])
    assert not await house.works(first["access_token"])
    assert error_of(await house.client.refresh(second["refresh_token"])) == (400, "invalid_grant")
    assert "consent.reuse_detected" in await journal_kinds(house)


async def test_an_answer_that_got_lost_can_be_asked_for_again_at_once(house: OAuthHouse) -> None:
    tokens = await house.client.connect(house.ann)
    lost = good(await house.client.refresh(tokens["refresh_token"]))
    again = good(await house.client.refresh(tokens["refresh_token"]))
    later = good(await house.client.refresh(again["refresh_token"]))
    assert await house.works(later["access_token"])
    async with house.served.database.work() as work:
        await work.session.execute(update(OAuthFamily).values(rotated_at=now() - timedelta(seconds=60)))
    assert error_of(await house.client.refresh(lost["refresh_token"])) == (400, "invalid_grant")
    assert not await house.works(later["access_token"])


async def test_of_requests_side_by_side_with_one_code_one_gets_tokens_and_the_others_end_them(
    house: OAuthHouse,
) -> None:
    code = await house.client.code(house.ann)
    answers = await asyncio.gather(*(house.client.exchange(code) for _ in range(4)))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert not await house.works(won[0].json()["access_token"])


async def test_what_ends_a_person_ends_the_tokens_of_programs(house: OAuthHouse) -> None:
    tokens = await house.client.connect(house.ann)
    assert await house.works(tokens["access_token"])
    async with house.served.client(house.boss) as boss:
        where = f"/api/users/{house.ann.user_id}"
        block = {"scope": "mcp", "reason": "drill", "message": "Please see me."}
        assert (await boss.put(f"{where}/block", json=block)).status_code == 200
        refused = await house.client.refresh(tokens["refresh_token"])
        assert error_of(refused) == (403, "access_denied")
        assert refused.json()["error_description"] == "Please see me."
        assert (await boss.delete(f"{where}/block")).status_code == 200
        tokens = good(await house.client.refresh(tokens["refresh_token"]))
        assert await house.works(tokens["access_token"])
        assert (await boss.patch(where, json={"status": "deactivated"})).status_code == 200
    assert (await house.api_status(tokens["access_token"]))[0] in {401, 403}
    assert error_of(await house.client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_a_password_reset_disconnects_all_programs(house: OAuthHouse) -> None:
    tokens = await house.client.connect(house.ann)
    async with house.served.client(house.boss) as boss:
        answer = await boss.post(f"/api/users/{house.ann.user_id}/link", json={})
    assert "Test client" in answer.json()["tokens_revoked"], answer.text
    assert not await house.works(tokens["access_token"])
    assert error_of(await house.client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")


async def test_a_person_sees_connected_programs_and_disconnects_one(house: OAuthHouse) -> None:
    tokens = await house.client.connect(house.ann)
    assert await house.works(tokens["access_token"])
    await house.served.process.authenticator.write_seen()
    async with house.served.client(house.ann) as browser, house.served.client(house.boss) as other:
        listed = (await browser.get("/api/oauth/consents")).json()["items"]
        assert [(item["client_name"], item["redirect_host"]) for item in listed] == [
            ("Test client", "127.0.0.1")
        ]
        assert listed[0]["last_used_at"] is not None
        where = f"/api/oauth/consents/{listed[0]['consent_id']}"
        assert (await other.delete(where)).status_code == 404
        assert (await browser.delete(where)).status_code == 204
        assert (await browser.get("/api/oauth/consents")).json()["items"] == []
    assert not await house.works(tokens["access_token"])
    assert "consent.revoked" in await journal_kinds(house)


@pytest.mark.parametrize("which", ["access_token", "refresh_token"])
async def test_a_client_gives_a_token_back(house: OAuthHouse, which: str) -> None:
    tokens = await house.client.connect(house.ann)
    assert await house.works(tokens["access_token"])
    async with httpx.AsyncClient(base_url=house.served.url, verify=NO_TLS) as program:
        unknown = await program.post("/oauth/revoke", data={"token": "omni2_rt_unknown"})
        foreign = {"token": tokens[which], "client_id": "another"}
        assert (await program.post("/oauth/revoke", data=foreign)).status_code == 200
        assert await house.works(tokens["access_token"])
        answer = await program.post("/oauth/revoke", data={"token": tokens[which]})
    assert (unknown.status_code, answer.status_code) == (200, 200)
    assert not await house.works(tokens["access_token"])
    refreshed = await house.client.refresh(tokens["refresh_token"])
    assert refreshed.status_code == (400 if which == "refresh_token" else 200)


async def test_access_tokens_live_ten_minutes_and_leave_no_rows(house: OAuthHouse) -> None:
    tokens = await house.client.connect(house.ann)
    assert await house.works(tokens["access_token"])
    authenticator = house.served.process.authenticator
    with time_machine.travel(now() + timedelta(minutes=9), tick=True):
        assert await authenticator.by_token(tokens["access_token"])
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        with pytest.raises(Problem, match="not_signed_in"):
            await authenticator.by_token(tokens["access_token"])
        tokens = good(await house.client.refresh(tokens["refresh_token"]))
    async with house.served.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(OAuthToken)) == 1
        assert await session.scalar(select(func.count()).select_from(OAuthFamily)) == 1
        assert await session.scalar(select(func.count()).select_from(OAuthConsent)) == 1


async def test_secrets_are_stored_as_hashes_only(house: OAuthHouse) -> None:
    code = await house.client.code(house.ann)
    tokens = good(await house.client.exchange(code))
    async with house.served.database.read() as session:
        stored = [
            str(tuple(row))
            for table in (OAuthToken, OAuthFamily, OAuthConsent, JournalRow)
            for row in await session.execute(select(*table.__table__.columns))
        ]
    for secret in (code, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in "\n".join(stored)
    assert REDIRECT in "\n".join(stored)


async def test_what_nobody_used_for_a_month_is_forgotten(house: OAuthHouse) -> None:
    tokens = await house.client.connect(house.ann)
    with time_machine.travel(now() + timedelta(days=31), tick=True):
        assert error_of(await house.client.refresh(tokens["refresh_token"])) == (400, "invalid_grant")
    async with house.served.database.work() as work:
        await work.session.execute(update(OAuthFamily).values(expires_at=now() - timedelta(days=1)))
    await house.client.connect(house.ann)
    async with house.served.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(OAuthFamily)) == 1
