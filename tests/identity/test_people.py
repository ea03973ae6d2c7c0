"""People: inviting, changing, and the administrator who cannot be locked out."""

import asyncio

from sqlalchemy import select

from omni2.kernel.journal import CONSOLE, JournalRow
from omni2.live.block import BlockOrder
from tests.support.front import ADMIN, PASSWORD, Front

BOB = "bob@example.org"


async def test_an_invited_person_sets_a_password_and_is_in(front: Front) -> None:
    await front.person(ADMIN, "admin")
    async with front.signed_in(ADMIN) as admin, front.browser() as browser:
        created = await admin.post("/api/users", email=BOB, name="Bob  B.", role="auditor")
        assert created["link"].startswith("http://test/setup#")
        assert (created["user"]["status"], created["user"]["name"]) == ("invited", "Bob B.")
        token = created["link"].partition("#")[2]
        assert (await browser.post("/api/auth/link/inspect", token=token))["email"] == BOB
        me = await browser.post("/api/auth/link/redeem", token=token, password=PASSWORD)
        assert (me["role"], me["user"]["status"]) == ("auditor", "active")
        assert await browser.refused("POST", "/api/users", email="c@example.org") == (403, "forbidden")


async def test_an_address_has_one_account_however_it_is_written(front: Front) -> None:
    await front.person(ADMIN, "admin")
    async with front.signed_in(ADMIN) as admin:
        taken = await admin.refused("POST", "/api/users", email="ADA@example.org")
        assert taken == (409, "email_taken")
        bad = await admin.client.post("/api/users", json={"email": "no address", "role": "member"})
        assert bad.status_code == 422


async def test_nobody_who_is_not_signed_in_creates_or_changes_people(front: Front) -> None:
    bob = await front.person(BOB)
    async with front.browser() as browser:
        for method, path in (
            ("POST", "/api/users"),
            ("PATCH", f"/api/users/{bob}"),
            ("POST", f"/api/users/{bob}/link"),
        ):
            assert await browser.refused(method, path, name="x") == (401, "not_signed_in")


async def test_the_last_administrator_can_neither_leave_nor_be_demoted(front: Front) -> None:
    ada = await front.person(ADMIN, "admin")
    eve = await front.person("eve@example.org", "admin")
    await front.invited("new@example.org", "admin")
    await front.blocking.block(eve, BlockOrder("everywhere", "", ""), CONSOLE)
    async with front.signed_in(ADMIN) as admin:
        for change in ({"role": "member"}, {"status": "deactivated"}):
            assert await admin.refused("PATCH", f"/api/users/{ada}", **change) == (409, "last_admin")
        await front.blocking.unblock(eve, CONSOLE)
        assert (await admin.patch(f"/api/users/{ada}", role="member"))["role"] == "member"
        assert await admin.refused("PATCH", f"/api/users/{ada}", role="admin") == (403, "forbidden")


async def test_two_administrators_who_demote_each_other_at_once_leave_one(front: Front) -> None:
    ada = await front.person(ADMIN, "admin")
    eve = await front.person("eve@example.org", "admin")
    async with front.signed_in(ADMIN) as one, front.signed_in("eve@example.org") as two:
        answers = await asyncio.gather(
            one.client.patch(f"/api/users/{eve}", json={"role": "member"}),
            two.client.patch(f"/api/users/{ada}", json={"role": "member"}),
        )
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 200
    assert statuses[1] in {403, 409}


async def test_a_deactivated_person_is_out_at_once_and_comes_back_as_before(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person(BOB)
    async with front.signed_in(ADMIN) as admin, front.signed_in(BOB) as bobs:
        secret = (await bobs.post("/api/tokens", name="cli", scopes=["api"]))["secret"]
        await admin.patch(f"/api/users/{bob}", status="deactivated")
        assert await bobs.refused("GET", "/api/auth/me") == (401, "not_signed_in")
        async with front.browser() as program:
            program.client.headers["authorization"] = f"Bearer {secret}"
            assert await program.refused("GET", "/api/tokens") == (401, "not_signed_in")
            login = {"email": BOB, "password": PASSWORD}
            assert await bobs.refused("POST", "/api/auth/login", **login) == (401, "wrong_credentials")
            assert await admin.refused("POST", f"/api/users/{bob}/link") == (409, "deactivated")
            assert (await admin.patch(f"/api/users/{bob}", status="active"))["status"] == "active"
            await program.get("/api/tokens")
            await bobs.sign_in(BOB)


async def test_another_role_counts_from_the_next_request_on(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person(BOB)
    async with front.signed_in(ADMIN) as admin, front.signed_in(BOB) as bobs:
        assert await bobs.refused("GET", "/api/budgets/default") == (403, "forbidden")
        await admin.patch(f"/api/users/{bob}", role="auditor")
        await bobs.get("/api/budgets/default")


async def test_the_journal_says_in_plain_english_what_was_changed_of_a_person(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person(BOB, name="Bob")
    async with front.signed_in(ADMIN) as admin:
        for change in (
            {"role": "auditor"},
            {"role": "member", "name": "Robert"},
            {"status": "deactivated"},
            {"status": "active"},
        ):
            await admin.client.patch(f"/api/users/{bob}", json=change)
    async with front.database.read() as session:
        told = await session.scalars(
            select(JournalRow.sentence).where(JournalRow.kind == "user.changed").order_by(JournalRow.key)
        )
        assert list(told) == [
            f"Made {BOB} an auditor instead of a member.",
            f"Renamed {BOB} from Bob to Robert. Made {BOB} a member instead of an auditor.",
            f"Deactivated {BOB}.",
            f"Let {BOB} back in.",
        ]
