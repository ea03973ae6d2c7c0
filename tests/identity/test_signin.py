"""Signing in: what it gives, what it refuses, and what strangers learn and leave behind."""

import pytest
from sqlalchemy import select

from omni2.identity import signin
from omni2.identity.models import Attempt
from omni2.identity.passwords import DECOY, Passwords
from omni2.identity.people import renew_link
from omni2.kernel.db import Database
from omni2.kernel.journal import CONSOLE, JournalRow
from omni2.live.block import BlockOrder
from tests.support.front import PASSWORD, Front, fronted

BOB = "bob@example.org"
ORDER = BlockOrder("everywhere", "internal reason", "Call the office.")


async def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(front: Front) -> None:
    await front.person(BOB)
    async with front.browser() as browser:
        body = {"email": " BOB@example.org", "password": PASSWORD}
        response = await browser.client.post("/api/auth/login", json=body)
        parts = {part.strip().lower() for part in response.headers["set-cookie"].split(";")}
        assert {"httponly", "samesite=lax", "path=/", "max-age=1209600"} <= parts
        assert response.json()["remaining_micros"] == 500_000
        await browser.client.post("/api/auth/logout")
        assert await browser.refused("GET", "/api/auth/me") == (401, "not_signed_in")


async def test_with_tls_the_cookie_is_bound_to_the_host(database: Database) -> None:
    async with fronted(database, origin="https://omni2.example.org") as front:
        await front.person(BOB)
        async with front.browser(base="https://omni2.example.org") as browser:
            response = await browser.client.post("/api/auth/login", json={"email": BOB, "password": PASSWORD})
            cookie = response.headers["set-cookie"]
            assert cookie.startswith("__Host-omni2=")
            assert "Secure" in cookie
            await browser.get("/api/auth/me")


async def test_the_end_of_a_session_reaches_its_copies(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as browser, front.browser() as thief:
        thief.client.cookies.update(browser.client.cookies)
        await thief.get("/api/auth/me")
        await browser.post("/api/auth/logout")
        assert await thief.refused("GET", "/api/auth/me") == (401, "not_signed_in")


async def test_who_is_not_known_takes_as_long_to_refuse_as_a_wrong_password() -> None:
    passwords = Passwords(1)
    shape = [part if "=" in part else len(part) for part in (await passwords.hash(PASSWORD)).split("$")]
    assert [part if "=" in part else len(part) for part in DECOY.split("$")] == shape
    assert not await passwords.verify(PASSWORD, None)
    passwords.close()


async def test_a_stranger_cannot_tell_an_unknown_address_from_a_wrong_password(front: Front) -> None:
    await front.person(BOB)
    await front.invited("invited@example.org")
    answers: list[dict[str, object]] = []
    for email in (BOB, "nobody@example.org", "not an address", "invited@example.org"):
        async with front.browser() as browser:
            response = await browser.client.post(
                "/api/auth/login", json={"email": email, "password": "wrong password"}
            )
            assert response.status_code == 401
            answers.append(response.json())
    assert all(answer == answers[0] for answer in answers)
    assert answers[0]["code"] == "wrong_credentials"


async def test_failures_are_counted_by_account_and_hour_and_never_journaled(front: Front) -> None:
    bob = await front.person(BOB)
    async with front.browser() as browser:
        for email in (BOB, "x@example.org", "y@example.org", BOB):
            await browser.refused("POST", "/api/auth/login", email=email, password="wrong password")
    async with front.database.read() as session:
        rows = (await session.scalars(select(Attempt))).all()
        journal = (await session.scalars(select(JournalRow.kind))).all()
    assert {row.bucket: row.n for row in rows} == {bob: 2, "unknown": 2}
    assert "user.signed_in" not in journal


async def test_a_sign_in_is_journaled_without_anything_secret(front: Front) -> None:
    await front.person(BOB)
    async with front.signed_in(BOB) as browser:
        cookie = browser.client.cookies["omni2"]
    async with front.database.read() as session:
        row = (await session.scalars(select(JournalRow).where(JournalRow.kind == "user.signed_in"))).one()
    assert row.data == {"client": "Test/1", "address": "10.0.0.1"}
    assert cookie not in f"{row.sentence}{row.data}"


async def test_guessing_is_slowed_for_one_address_and_not_for_the_owner(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omni2.identity.throttle.uptime", lambda: 1_000.0)
    await front.person(BOB)
    async with front.browser("10.6.6.6") as stranger, front.browser("10.0.0.1") as owner:
        for _ in range(5):
            await stranger.refused("POST", "/api/auth/login", email=BOB, password="wrong password")
        response = await stranger.client.post("/api/auth/login", json={"email": BOB, "password": PASSWORD})
        assert (response.status_code, response.json()["code"]) == (429, "throttled")
        assert 0 < response.json()["retry_after_ms"] <= 60_000
        await owner.sign_in(BOB)


async def test_a_blocked_person_hears_the_words_only_with_the_right_password(front: Front) -> None:
    bob = await front.person(BOB)
    await front.blocking.block(bob, ORDER, CONSOLE)
    async with front.browser() as browser:
        wrong = {"email": BOB, "password": "wrong password"}
        assert await browser.refused("POST", "/api/auth/login", **wrong) == (401, "wrong_credentials")
        response = await browser.client.post("/api/auth/login", json={"email": BOB, "password": PASSWORD})
        assert (response.status_code, response.json()["code"]) == (403, "blocked")
        assert response.json()["message"] == "Call the office."
        assert "internal" not in response.text


async def test_a_browser_that_comes_back_hears_why_while_the_block_stands(front: Front) -> None:
    bob = await front.person(BOB)
    async with front.signed_in(BOB) as browser:
        await front.blocking.block(bob, ORDER, CONSOLE)
        response = await browser.client.get("/api/auth/me")
        assert (response.status_code, response.json()["code"]) == (403, "blocked")
        assert response.json()["message"] == "Call the office."
        assert (await browser.get("/api/auth/state"))["signed_in"] is True
        await front.blocking.unblock(bob, CONSOLE)
        assert await browser.refused("GET", "/api/auth/me") == (401, "not_signed_in")
        await browser.sign_in(BOB)


async def test_a_block_of_one_door_hides_its_reason_from_its_subject(front: Front) -> None:
    bob = await front.person(BOB)
    async with front.signed_in(BOB) as browser:
        await front.blocking.block(bob, BlockOrder("mcp", "internal reason", "No MCP."), CONSOLE)
        block = (await browser.get("/api/auth/me"))["user"]["blocked"]
        assert (block["scope"], block["message"], block["reason"]) == ("mcp", "No MCP.", "")


@pytest.mark.parametrize(
    "body",
    [
        {"email": BOB, "password": PASSWORD, "admin": True},
        {"email": BOB, "password": 12345},
        {"email": BOB, "password": "x" * 2000},
        {"email": "b" * 400, "password": PASSWORD},
    ],
)
async def test_a_body_that_is_not_as_agreed_is_refused(front: Front, body: dict[str, object]) -> None:
    async with front.browser() as browser:
        assert (await browser.client.post("/api/auth/login", json=body)).status_code == 422


async def test_a_new_password_ends_all_other_sessions_and_links_and_needs_the_old_one(front: Front) -> None:
    bob = await front.person(BOB)
    link, _ = await renew_link(front.database, front.mirror, bob, CONSOLE)
    async with front.signed_in(BOB) as one, front.signed_in(BOB) as two:
        wrong = {"current": "not the password", "new": "another good password"}
        assert await one.refused("POST", "/api/auth/password", **wrong) == (422, "wrong_credentials")
        weak = {"current": PASSWORD, "new": "aaaaaaaaaaaaaaa"}
        assert await one.refused("POST", "/api/auth/password", **weak) == (422, "password_weak")
        await one.post("/api/auth/password", current=PASSWORD, new="another good password")
        await one.get("/api/auth/me")
        assert await two.refused("GET", "/api/auth/me") == (401, "not_signed_in")
        inspected = await two.refused("POST", "/api/auth/link/inspect", token=link.token)
        assert inspected == (404, "link_invalid")
        await two.sign_in(BOB, "another good password")


async def test_sessions_are_listed_and_ended_by_their_owner_alone(front: Front) -> None:
    await front.person(BOB)
    await front.person("eve@example.org")
    async with front.signed_in(BOB) as one, front.signed_in(BOB, "10.0.0.2") as two:
        items = (await one.get("/api/auth/sessions"))["items"]
        assert sorted((item["address"], item["current"]) for item in items) == [
            ("10.0.0.1", True),
            ("10.0.0.2", False),
        ]
        other = next(item["session_id"] for item in items if not item["current"])
        async with front.signed_in("eve@example.org") as eve:
            assert await eve.refused("DELETE", f"/api/auth/sessions/{other}") == (404, "not_found")
        await one.delete(f"/api/auth/sessions/{other}")
        assert await two.refused("GET", "/api/auth/me") == (401, "not_signed_in")
        await two.sign_in(BOB)
        await one.delete("/api/auth/sessions")
        assert await two.refused("GET", "/api/auth/me") == (401, "not_signed_in")
        await one.get("/api/auth/me")


async def test_who_signs_in_again_and_again_keeps_so_many_sessions(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signin, "SESSIONS_LIMIT", 3)
    await front.person("bob@example.org")
    async with front.signed_in("bob@example.org") as first:
        for _ in range(3):
            async with front.signed_in("bob@example.org") as last:
                assert len((await last.get("/api/auth/sessions"))["items"]) <= 3
        assert await first.refused("GET", "/api/auth/me") == (401, "not_signed_in")
