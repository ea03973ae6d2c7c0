"""One-time links: who may use them, how often, and what they leave behind."""

import asyncio
from datetime import timedelta

from sqlalchemy import select, update

from omni2.identity.links import first_admin_link
from omni2.identity.models import Link, User
from omni2.kernel.ids import now
from omni2.kernel.journal import CONSOLE
from omni2.live.block import BlockOrder
from tests.support.front import ADMIN, PASSWORD, Front


async def test_the_first_link_makes_an_administrator_who_is_signed_in(front: Front) -> None:
    token = await front.first_link()
    async with front.browser() as browser:
        assert (await browser.get("/api/auth/state"))["setup_required"] is True
        view = await browser.post("/api/auth/link/inspect", token=token)
        assert (view["purpose"], view["email"]) == ("first_admin", None)
        me = await browser.post(
            "/api/auth/link/redeem", token=token, email=" Ada@Example.org ", name="Ada", password=PASSWORD
        )
        assert (me["role"], me["user"]["email"], me["user"]["name"]) == ("admin", ADMIN, "Ada")
        assert "users.manage" in me["permissions"]
        state = await browser.get("/api/auth/state")
        assert (state["setup_required"], state["signed_in"], state["version"]) == (False, True, "9.9.9")
        assert (await browser.get("/api/auth/me"))["user"]["email"] == ADMIN


async def test_a_first_link_stops_working_once_anybody_exists(front: Front) -> None:
    token = await front.first_link()
    await front.person("bob@example.org")
    assert await first_admin_link(front.database) is None
    async with front.browser() as browser:
        assert await browser.refused("POST", "/api/auth/link/inspect", token=token) == (404, "link_invalid")
        body = {"token": token, "email": ADMIN, "password": PASSWORD}
        assert await browser.refused("POST", "/api/auth/link/redeem", **body) == (404, "link_invalid")


async def test_printing_a_first_link_again_ends_the_older_one(front: Front) -> None:
    older, newer = await front.first_link(), await front.first_link()
    async with front.browser() as browser:
        assert await browser.refused("POST", "/api/auth/link/inspect", token=older) == (404, "link_invalid")
        await browser.post("/api/auth/link/inspect", token=newer)


async def test_of_many_who_redeem_a_link_at_once_exactly_one_succeeds(front: Front) -> None:
    token = await front.first_link()

    async def redeem(number: int) -> int:
        async with front.browser() as browser:
            body = {"token": token, "email": f"a{number}@example.org", "password": PASSWORD}
            return (await browser.client.post("/api/auth/link/redeem", json=body)).status_code

    assert sorted(await asyncio.gather(*map(redeem, range(6)))) == [200, 404, 404, 404, 404, 404]
    async with front.database.read() as session:
        assert len((await session.scalars(select(User))).all()) == 1


async def test_a_link_past_its_end_does_not_work(front: Front) -> None:
    _, token = await front.invited("bob@example.org")
    async with front.database.work() as work:
        await work.session.execute(update(Link).values(expires_at=now() - timedelta(seconds=1)))
    async with front.browser() as browser:
        body = {"token": token, "password": PASSWORD}
        assert await browser.refused("POST", "/api/auth/link/redeem", **body) == (404, "link_invalid")


async def test_a_refused_password_does_not_use_the_link_up(front: Front) -> None:
    _, token = await front.invited("bob@example.org")
    async with front.browser() as browser:
        weak = await browser.client.post("/api/auth/link/redeem", json={"token": token, "password": "short"})
        assert (weak.status_code, weak.json()["code"], weak.json()["field"]) == (
            422,
            "password_weak",
            "password",
        )
        me = await browser.post("/api/auth/link/redeem", token=token, password=PASSWORD)
        assert (me["user"]["status"], me["role"]) == ("active", "member")
        assert await browser.refused("POST", "/api/auth/link/inspect", token=token) == (404, "link_invalid")


async def test_a_reset_link_ends_all_sessions_and_replaces_the_link_before_it(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person("bob@example.org")
    async with front.signed_in(ADMIN) as admin, front.signed_in("bob@example.org") as bobs:
        first = (await admin.post(f"/api/users/{bob}/link"))["link"].partition("#")[2]
        second = (await admin.post(f"/api/users/{bob}/link"))["link"].partition("#")[2]
        assert await bobs.refused("POST", "/api/auth/link/inspect", token=first) == (404, "link_invalid")
        async with front.browser() as other:
            assert (await other.post("/api/auth/link/inspect", token=second))["purpose"] == "reset"
            await other.post("/api/auth/link/redeem", token=second, password="another good password")
            assert (await other.get("/api/auth/me"))["user"]["user_id"] == bob
        assert await bobs.refused("GET", "/api/auth/me") == (401, "not_signed_in")


async def test_a_reset_link_ends_sessions_and_tokens_when_it_is_made_and_when_it_is_used(
    front: Front,
) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person("bob@example.org")
    async with front.signed_in(ADMIN) as admin, front.signed_in("bob@example.org") as bobs:
        secret = (await bobs.post("/api/tokens", name="laptop", scopes=["api"]))["secret"]
        made = await admin.post(f"/api/users/{bob}/link")
        assert (made["sessions_ended"], made["tokens_revoked"]) == (1, ["laptop"])
        assert await bobs.refused("GET", "/api/auth/me") == (401, "not_signed_in")
        async with front.browser() as program, front.browser() as other:
            program.client.headers["authorization"] = f"Bearer {secret}"
            assert await program.refused("GET", "/api/tokens") == (401, "not_signed_in")
            await bobs.sign_in("bob@example.org")
            later = (await bobs.post("/api/tokens", name="later", scopes=["api"]))["secret"]
            token = made["link"].partition("#")[2]
            await other.post("/api/auth/link/redeem", token=token, password="another good password")
            program.client.headers["authorization"] = f"Bearer {later}"
            assert await program.refused("GET", "/api/tokens") == (401, "not_signed_in")
            assert await bobs.refused("GET", "/api/auth/me") == (401, "not_signed_in")
            assert (await other.get("/api/tokens"))["items"] == []


async def test_another_invitation_ends_nothing(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob, _ = await front.invited("bob@example.org")
    async with front.signed_in(ADMIN) as admin:
        made = await admin.post(f"/api/users/{bob}/link")
        assert (made["sessions_ended"], made["tokens_revoked"]) == (0, [])
        await admin.get("/api/auth/me")


async def test_a_link_of_who_was_deactivated_works_no_more_once_they_are_back(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob, invitation = await front.invited("bob@example.org")
    eve = await front.person("eve@example.org")
    async with front.signed_in(ADMIN) as admin, front.browser() as browser:
        reset = (await admin.post(f"/api/users/{eve}/link"))["link"].partition("#")[2]
        for person in (bob, eve):
            await admin.patch(f"/api/users/{person}", status="deactivated")
            await admin.patch(f"/api/users/{person}", status="active")
        for token in (invitation, reset):
            body = {"token": token, "password": "another good password"}
            assert await browser.refused("POST", "/api/auth/link/redeem", **body) == (404, "link_invalid")


async def test_a_blocked_person_hears_why_and_keeps_the_link(front: Front) -> None:
    bob, token = await front.invited("bob@example.org")
    await front.blocking.block(bob, BlockOrder("everywhere", "audit", "Call the office."), CONSOLE)
    async with front.browser() as browser:
        body = {"token": token, "password": PASSWORD}
        assert await browser.refused("POST", "/api/auth/link/redeem", **body) == (403, "blocked")
        await front.blocking.unblock(bob, CONSOLE)
        await browser.post("/api/auth/link/redeem", **body)
