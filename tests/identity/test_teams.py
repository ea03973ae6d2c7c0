"""Teams: made, renamed, found and deleted; who belongs to them; and what the journal says of it."""

from sqlalchemy import delete, select

from omni2.identity.models import User
from omni2.identity.team_models import TeamMember
from omni2.kernel.journal import JournalRow
from tests.support.front import ADMIN, Front

BOB = "bob@example.org"
NOBODY = "0198c0de-0000-7000-8000-000000000000"


async def test_a_team_is_made_renamed_found_and_deleted_and_each_change_is_on_record(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person(BOB)
    async with front.signed_in(ADMIN) as admin:
        team = await admin.post("/api/teams", name="  Stra\u00dfe \n support ")
        path = f"/api/teams/{team['team_id']}"
        assert team["name"] == "Stra\u00dfe support"
        await admin.post("/api/teams", name="Alpha")
        assert await admin.refused("POST", "/api/teams", name="STRASSE SUPPORT") == (409, "team_exists")
        assert await admin.refused("PATCH", path, name="alpha") == (409, "team_exists")
        assert (await admin.patch(path, name="Helpdesk"))["name"] == "Helpdesk"
        assert (await admin.patch(path, name="helpDesk"))["name"] == "helpDesk"
        for _ in range(2):
            await admin.put(f"{path}/members/{bob}")
        assert [row["email"] for row in (await admin.get(path))["members"]] == [BOB]
        first = await admin.get("/api/teams", limit="1")
        assert [(row["name"], row["member_count"]) for row in first["items"]] == [("Alpha", 0)]
        rest = await admin.get("/api/teams", after=first["next"])
        assert [(row["name"], row["member_count"]) for row in rest["items"]] == [("helpDesk", 1)]
        for wanted, names in (
            ({"q": "PDES"}, ["helpDesk"]),
            ({"q": "%"}, []),
            ({"member": bob}, ["helpDesk"]),
        ):
            assert [row["name"] for row in (await admin.get("/api/teams", **wanted))["items"]] == names
        await admin.delete(f"{path}/members/{bob}")
        await admin.put(f"{path}/members/{bob}")
        await admin.delete(path)
        assert await admin.refused("GET", path) == (404, "not_found")
    async with front.database.read() as session:
        told = await session.scalars(
            select(JournalRow.sentence).where(JournalRow.kind.startswith("team.")).order_by(JournalRow.key)
        )
        assert list(told) == [
            "Made the team Stra\u00dfe support.",
            "Made the team Alpha.",
            "Renamed the team Stra\u00dfe support to Helpdesk.",
            "Renamed the team Helpdesk to helpDesk.",
            f"Added {BOB} to the team helpDesk.",
            f"Removed {BOB} from the team helpDesk.",
            f"Added {BOB} to the team helpDesk.",
            "Deleted the team helpDesk, which had 1 member.",
        ]
        assert (await session.scalars(select(TeamMember))).all() == []


async def test_members_and_auditors_change_no_team_and_what_does_not_exist_is_said(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person(BOB)
    await front.person("eve@example.org", "auditor")
    async with front.signed_in(ADMIN) as admin:
        team = f"/api/teams/{(await admin.post('/api/teams', name='Support'))['team_id']}"
        await admin.put(f"{team}/members/{bob}")
        unknown = (404, "not_found")
        assert await admin.refused("PUT", f"{team}/members/{NOBODY}") == unknown
        assert await admin.refused("PUT", f"/api/teams/{NOBODY}/members/{bob}") == unknown
        assert await admin.refused("DELETE", f"/api/teams/{NOBODY}") == unknown
        assert await admin.refused("PATCH", f"/api/teams/{NOBODY}", name="x") == unknown
        ada = (await admin.get("/api/auth/me"))["user"]["user_id"]
        assert await admin.refused("DELETE", f"{team}/members/{ada}") == (404, "not_a_member")
        for name in ("", " \t ", "x" * 101):
            assert (await admin.refused("POST", "/api/teams", name=name))[0] == 422
    changes = (
        ("POST", "/api/teams"),
        ("PATCH", team),
        ("DELETE", team),
        ("PUT", f"{team}/members/{bob}"),
        ("DELETE", f"{team}/members/{bob}"),
    )
    for email in (BOB, "eve@example.org"):
        async with front.signed_in(email) as other:
            for method, path in changes:
                assert await other.refused(method, path, name="x") == (403, "forbidden")
            if email == BOB:
                assert await other.refused("GET", "/api/teams") == (403, "forbidden")
                assert await other.refused("GET", team) == (403, "forbidden")
            else:
                assert (await other.get(team))["members"][0]["email"] == BOB


async def test_a_membership_goes_with_the_person(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob = await front.person(BOB)
    async with front.signed_in(ADMIN) as admin:
        team = f"/api/teams/{(await admin.post('/api/teams', name='Support'))['team_id']}"
        await admin.put(f"{team}/members/{bob}")
        async with front.database.work() as work:
            await work.session.execute(delete(User).where(User.user_id == bob))
        assert (await admin.get(team))["members"] == []
