"""The routes of budgets: who may, what they show, and that changes are on the journal."""

from sqlalchemy import select

from omni2.kernel.journal import JournalRow
from tests.support.front import ADMIN, Front

BOB = "bob@example.org"


async def test_an_own_limit_replaces_the_default_until_it_is_taken_away(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person(BOB)
    path = f"/api/users/{bob}/budget"
    async with front.signed_in(ADMIN) as admin:
        view = await admin.get(path)
        assert (view["limit_micros"], view["default_limit_micros"], view["remaining_micros"]) == (
            None,
            500_000,
            500_000,
        )
        assert (view["period"], view["resets_at"][-1]) == ("day", "Z")
        assert (await admin.put(path, limit_micros=7))["remaining_micros"] == 7
        assert await admin.put("/api/budgets/default", limit_micros=9) == {"limit_micros": 9}
        assert (await admin.get(path))["remaining_micros"] == 7
        assert (await admin.put(path, limit_micros=None))["remaining_micros"] == 9
        assert await admin.get("/api/budgets/default") == {"limit_micros": 9}
    async with front.signed_in(BOB) as bobs:
        assert (await bobs.get("/api/auth/me"))["remaining_micros"] == 9
    async with front.database.read() as session:
        rows = await session.scalars(select(JournalRow).where(JournalRow.kind == "budget.changed"))
        assert [(row.actor_name, row.subject_id, row.sentence) for row in rows] == [
            (ADMIN, bob, f"Set the budget of {BOB} to 0.007 credits a day."),
            (ADMIN, None, "Set the default budget to 0.009 credits a day."),
            (ADMIN, bob, f"Set the budget of {BOB} to the default."),
        ]


async def test_a_limit_is_a_whole_amount_of_somebody_who_exists(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person(BOB)
    async with front.signed_in(ADMIN) as admin:
        for limit in (-1, 1.5, "7", True, 10**16):
            response = await admin.client.put(f"/api/users/{bob}/budget", json={"limit_micros": limit})
            assert response.status_code == 422, limit
        assert await admin.refused("PUT", "/api/users/nobody/budget", limit_micros=1) == (404, "not_found")


async def test_members_neither_read_nor_set_budgets_and_auditors_only_read(front: Front) -> None:
    bob = await front.person(BOB)
    await front.person("aud@example.org", "auditor")
    path = f"/api/users/{bob}/budget"
    async with front.signed_in(BOB) as bobs, front.signed_in("aud@example.org") as auditor:
        assert await bobs.refused("GET", path) == (403, "forbidden")
        await auditor.get(path)
        for who in (bobs, auditor):
            assert await who.refused("PUT", path, limit_micros=1) == (403, "forbidden")
            assert await who.refused("PUT", "/api/budgets/default", limit_micros=1) == (403, "forbidden")
