"""One's own usage: every day has a place, and nobody sees what others spent."""

from omni2.insight.routes import router
from tests.support.stage import Stage, ok


async def test_a_person_sees_their_own_days_models_and_servers_and_nobody_elses(stage: Stage) -> None:
    ann, bob = await stage.person("Ann"), await stage.person("Bob")
    await stage.spend(ann, 700)
    await stage.spend(ann, 300, unpriced=True)
    await stage.spend(bob, 9_000)
    async with stage.client(ann, router) as client:
        view = ok(await client.get("/api/insight/usage/own"))
    assert len(view["by_day"]) == 30
    assert [day["micros"] for day in view["by_day"]][-1] == 1_000
    assert sum(day["micros"] for day in view["by_day"]) == 1_000
    assert sum(line["micros"] for line in view["lines"]) == 1_000
    assert sum(line["unpriced"] for line in view["lines"]) == 1


async def test_who_used_nothing_sees_zeros(stage: Stage) -> None:
    ann = await stage.person("Ann")
    async with stage.client(ann, router) as client:
        view = ok(await client.get("/api/insight/usage/own"))
    assert {day["micros"] for day in view["by_day"]} == {0}
    assert view["lines"] == []
