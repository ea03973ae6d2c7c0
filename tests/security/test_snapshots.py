"""Snapshots of access: a member reads those of their own flows, and learns of no others."""

from sqlalchemy import select

from omni2.access.models import AccessSnapshot
from tests.support.app import grant
from tests.support.house import House


async def snapshots_of(house: House) -> list[str]:
    async with house.served.database.read() as session:
        return list(await session.scalars(select(AccessSnapshot.access_id)))


async def test_a_member_resolves_the_snapshots_of_own_flows_alone(house: House) -> None:
    await (await house.chat()).ask()
    (own,) = await snapshots_of(house)
    await grant(house.served.database, "shop", ["*"], ["echo"], "no echo")
    await house.served.process.mirror.refresh()
    await (await house.chat(house.boss)).ask()
    (foreign,) = set(await snapshots_of(house)) - {own}
    async with house.served.client(house.ann) as client:
        assert (await client.get(f"/api/access-snapshots/{own}")).json()["access_id"] == own
        refused = await client.get(f"/api/access-snapshots/{foreign}")
        unknown = await client.get(f"/api/access-snapshots/{'0' * 64}")
        pattern = await client.get("/api/access-snapshots/%25")
    for answer in (refused, unknown, pattern):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert refused.json()["detail"] == unknown.json()["detail"]
    async with house.served.client(house.boss) as client:
        for access_id in (own, foreign):
            assert (await client.get(f"/api/access-snapshots/{access_id}")).status_code == 200
    async with house.served.client(await house.served.person("Audrey", "auditor")) as client:
        assert (await client.get(f"/api/access-snapshots/{own}")).status_code == 200
