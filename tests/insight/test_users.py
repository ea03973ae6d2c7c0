"""Finding people: by part of a name or e-mail, the recently active first, with presence and credits."""

from datetime import timedelta

from httpx import AsyncClient

from omni2.identity.models import Block
from omni2.insight.routes import router
from omni2.kernel.ids import new_id, now
from omni2.usage.models import Budget
from tests.support.stage import DAILY, Person, Stage, every_page, ok


async def _names(client: AsyncClient, **query: str | int) -> list[str]:
    return [str(row["name"]) for row in await every_page(client, "/api/users", **query)]


async def _limit(stage: Stage, person: Person, micros: int) -> None:
    async with stage.database.work() as work:
        work.session.add(Budget(user_id=person.user_id, limit_micros=micros))


async def test_people_are_found_by_any_part_of_name_or_email_in_any_case(stage: Stage) -> None:
    boss = await stage.person("Boss", "admin")
    await stage.person("Özlem Çelik")
    await stage.person("Robert O'Neil 100%")
    async with stage.client(boss, router) as client:
        assert await _names(client, q="öZLEM") == ["Özlem Çelik"]
        assert await _names(client, q="BERT O'N") == ["Robert O'Neil 100%"]
        assert await _names(client, q="robert@exam") == ["Robert O'Neil 100%"]
        assert await _names(client, q=" 100% ") == ["Robert O'Neil 100%"]


async def test_an_unknown_name_finds_nobody(stage: Stage) -> None:
    boss = await stage.person("Boss", "admin")
    async with stage.client(boss, router) as client:
        for unknown in ("User 17", "_", "%", "\\", "' OR 1=1 --"):
            assert await _names(client, q=unknown) == []


async def test_the_empty_search_gives_those_seen_last_first_and_then_all(stage: Stage) -> None:
    boss = await stage.person("Boss", "admin", seen_at=now() + timedelta(minutes=1))
    for number in range(3):
        await stage.person(f"Seen{number}", seen_at=now() - timedelta(hours=number))
    gone = await stage.person("Gone", seen_at=now())
    await stage.change(gone, status="deactivated")
    await stage.person("Never")
    async with stage.client(boss, router) as client:
        for limit in (1, 2, 50):
            names = await _names(client, limit=limit)
            assert names == ["Boss", "Seen0", "Seen1", "Seen2", "Never", "Gone"]


async def test_a_row_tells_presence_and_what_is_left_of_the_credits(stage: Stage) -> None:
    boss, ann = await stage.person("Boss", "admin"), await stage.person("Ann")
    await _limit(stage, ann, 9_000)
    await stage.spend(ann, 2_500)
    async with stage.client(boss, router) as client, stage.connected(ann), stage.connected(ann):
        row = ok(await client.get(f"/api/users/{ann.user_id}"))
        (listed,) = await every_page(client, "/api/users", q="ann@")
        other = ok(await client.get(f"/api/users/{boss.user_id}"))
    assert listed == row
    assert (row["sockets"], row["state"], row["remaining_micros"], row["limit_micros"]) == (
        2,
        "idle",
        6_500,
        9_000,
    )
    assert (other["sockets"], other["state"], other["remaining_micros"]) == (0, "offline", DAILY)


async def test_a_row_shows_the_block_that_stands_and_none_that_has_passed(stage: Stage) -> None:
    boss, ann, bob = [await stage.person(name, "admin") for name in ("Boss", "Ann", "Bob")]
    for person, until in ((ann, None), (bob, now() - timedelta(minutes=1))):
        async with stage.database.work() as work:
            work.session.add(
                Block(
                    block_id=new_id(),
                    user_id=person.user_id,
                    scope="everywhere",
                    reason="left the team",
                    message="Ask your lead.",
                    since=now() - timedelta(hours=1),
                    until=until,
                    blocked_by=boss.email,
                )
            )
    async with stage.client(boss, router) as client:
        blocked = ok(await client.get(f"/api/users/{ann.user_id}"))["blocked"]
        passed = ok(await client.get(f"/api/users/{bob.user_id}"))["blocked"]
    assert (blocked["by"], blocked["reason"], blocked["lifted_at"]) == (
        "boss@example.org",
        "left the team",
        None,
    )
    assert passed is None


async def test_only_those_who_may_read_people_find_them(stage: Stage) -> None:
    ann, eve = await stage.person("Ann"), await stage.person("Eve", "auditor")
    async with stage.client(ann, router) as client:
        assert (await client.get("/api/users")).status_code == 403
        assert (await client.get(f"/api/users/{ann.user_id}")).status_code == 403
    async with stage.client(eve, router) as client:
        assert len(await _names(client)) == 2
        assert (await client.get(f"/api/users/{new_id()}")).status_code == 404
        assert (await client.get("/api/users?after=WzEsMl0")).status_code == 200
        assert (await client.get("/api/users?after=WyJhIiwyXQ")).status_code == 422
