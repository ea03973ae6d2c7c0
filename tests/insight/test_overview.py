"""The overview: figures of today, buckets without holes, and what needs a person."""

from datetime import UTC, date, datetime, timedelta

import time_machine
from sqlalchemy import update

from omni2.catalog.models import Tool
from omni2.flows.routes import router as flows
from omni2.insight.counts import server_counts
from omni2.insight.overview import get_overview
from omni2.insight.routes import router
from omni2.insight.schemas import Overview
from omni2.kernel.db import Database
from omni2.kernel.ids import now
from omni2.usage.models import Budget
from tests.insight.servers import add_server
from tests.support.stage import DAILY, Stage, ok, staged

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


async def _overview(stage: Stage) -> Overview:
    async with stage.database.read() as session:
        return await get_overview(session, stage.registry, stage.budgets)


async def test_a_new_installation_shows_zeros_and_every_bucket(stage: Stage) -> None:
    boss = await stage.person("Boss", "admin")
    async with stage.client(boss, router) as client:
        view = ok(await client.get("/api/insight/overview"))
    assert [bucket["count"] for bucket in view["flows_per_hour"]] == [0] * 24
    assert [day["micros"] for day in view["cost_by_day"]] == [0] * 14
    assert (view["cost_today_micros"], view["cost_yesterday_micros"], view["flows_today"]) == (0, 0, 0)
    assert (view["servers"], view["attention"], view["active_count"]) == ([], [], 0)
    assert view["budget_today_micros"] == DAILY


async def test_members_have_no_overview(stage: Stage) -> None:
    ann = await stage.person("Ann")
    async with stage.client(ann, router) as client:
        for path in ("overview", "activity"):
            assert (await client.get(f"/api/insight/{path}")).status_code == 403


async def test_flows_of_today_are_counted_by_how_they_ended(stage: Stage) -> None:
    ann = await stage.person("Ann")
    with time_machine.travel(NOON - timedelta(hours=13), tick=False):
        await stage.call(ann, "shop", "timeout")
    with time_machine.travel(NOON - timedelta(minutes=90), tick=False):
        await stage.call(ann, "shop", "denied")
        await stage.call(ann, "shop", "upstream_error")
    with time_machine.travel(NOON, tick=False):
        await stage.call(ann, "shop")
        view = await _overview(stage)
    assert (view.flows_today, view.denied_today, view.errors_today) == (3, 1, 1)
    hours = {
        bucket.hour.hour: (bucket.count, bucket.failed) for bucket in view.flows_per_hour if bucket.count
    }
    assert hours == {23: (1, 1), 10: (2, 1), 12: (1, 0)}
    assert len(view.flows_per_hour) == 24
    assert view.flows_per_hour[-1].hour == NOON


async def test_the_figures_of_today_open_exactly_the_flows_that_they_count(stage: Stage) -> None:
    boss = await stage.person("Boss", "admin")
    with time_machine.travel(NOON - timedelta(hours=13), tick=False):
        await stage.call(boss, "shop", "denied")
    with time_machine.travel(NOON, tick=False):
        for status in ("ok", "denied", "upstream_error", "unknown"):
            await stage.call(boss, "shop", status)
        view = await _overview(stage)
        async with stage.client(boss, flows) as client:
            for query, figure in (
                ("", view.flows_today),
                ("&status=denied,blocked", view.denied_today),
                ("&status=failed,unknown", view.errors_today),
            ):
                path = f"/api/flows?since={view.day_starts_at:%Y-%m-%dT%H:%M:%SZ}{query}"
                assert len(ok(await client.get(path))["items"]) == figure > 0


async def test_cost_is_by_day_and_yesterdays_ends_at_the_same_time_of_day(stage: Stage) -> None:
    ann = await stage.person("Ann")
    for before, micros in ((0, 1), (23, 20), (25, 300), (24 * 13, 4_000), (24 * 14, 50_000)):
        with time_machine.travel(NOON - timedelta(hours=before), tick=False):
            await stage.spend(ann, micros)
    with time_machine.travel(NOON + timedelta(seconds=1), tick=False):
        view = await _overview(stage)
    assert [day.micros for day in view.cost_by_day] == [4_000, *[0] * 11, 320, 1]
    assert view.cost_by_day[-1].day == NOON.date()
    assert view.cost_today_micros == 1
    assert view.cost_yesterday_micros == 300


async def test_a_day_is_that_of_the_organisation_also_when_the_clocks_change(database: Database) -> None:
    moved = datetime(2026, 3, 29, 22, 30, tzinfo=UTC)
    async with staged(database, "Europe/Berlin") as stage:
        ann = await stage.person("Ann")
        with time_machine.travel(moved - timedelta(hours=1), tick=False):
            await stage.spend(ann, 10)
        with time_machine.travel(moved, tick=False):
            await stage.spend(ann, 7)
            view = await _overview(stage)
    days = [day.day for day in view.cost_by_day]
    assert [day.micros for day in view.cost_by_day[-2:]] == [10, 7]
    assert days[-2:] == [date(2026, 3, 29), date(2026, 3, 30)]
    assert len(days) == 14
    assert view.flows_today == 1


async def test_servers_carry_the_calls_and_the_failures_of_today(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await add_server(stage, "shop")
    for status in ("ok", "ok", "tool_error", "timeout", "upstream_error", "denied"):
        await stage.call(ann, "shop", status)
    (server,) = (await _overview(stage)).servers
    assert (server.slug, server.tool_count, server.calls_today, server.errors_today) == ("shop", 1, 5, 2)


async def test_latencies_are_the_median_and_the_95th_percentile_of_what_was_called(stage: Stage) -> None:
    ann = await stage.person("Ann")
    since = now()
    for duration_ms in range(1, 21):
        await stage.call(ann, "shop", duration_ms=float(duration_ms))
    await stage.call(ann, "wiki", duration_ms=7.0)
    async with stage.database.read() as session:
        counts = await server_counts(session, since)
        later = await server_counts(session, now() + timedelta(seconds=1))
    assert (counts["shop"].p50_ms, counts["shop"].p95_ms) == (10.0, 19.0)
    assert (counts["wiki"].calls_today, counts["wiki"].p50_ms, counts["wiki"].p95_ms) == (1, 7.0, 7.0)
    assert later == {}


async def test_what_needs_a_person_is_said_in_words(stage: Stage) -> None:
    ann, bob = await stage.person("Ann"), await stage.person("Bob")
    server_id = await add_server(stage, "shop", "down", "It did not answer within 5 s.")
    await add_server(stage, "old", "disabled")
    async with stage.database.work() as work:
        work.session.add(Budget(user_id=ann.user_id, limit_micros=3_000))
    await stage.spend(ann, 3_000)
    await stage.spend(bob, 2_000, unpriced=True)
    view = await _overview(stage)
    assert [item.code for item in view.attention] == ["server_down", "user_at_limit", "model_unpriced"]
    assert [item.sentence for item in view.attention] == [
        "Shop is down: It did not answer within 5 s.",
        "ann@example.org has used all 3.0 credits of today.",
        "gpt-x has no price: 1 call today without a cost.",
    ]
    assert [item.href for item in view.attention] == [
        f"/admin/servers/{server_id}",
        f"/admin/people/{ann.user_id}",
        "/admin/models",
    ]
    assert view.unpriced_calls_today == 1
    assert view.budget_today_micros == 3_000 + DAILY


async def test_changed_definitions_wait_for_a_person_until_they_are_rejected(stage: Stage) -> None:
    first, second = await add_server(stage, "shop"), await add_server(stage, "wiki")
    held = update(Tool).where(Tool.name == "echo").values(held_sha256="0" * 64, held_at=now())
    async with stage.database.work() as work:
        await work.session.execute(held.where(Tool.server_id == first))
    (item,) = (await _overview(stage)).attention
    assert (item.code, item.href) == ("tool_held", f"/admin/servers/{first}")
    assert item.sentence.startswith("1 changed tool definition of Shop waits for you;")
    async with stage.database.work() as work:
        await work.session.execute(held.where(Tool.server_id == second))
    (item,) = (await _overview(stage)).attention
    assert item.href == "/admin/servers"
    assert item.sentence.startswith("2 changed tool definitions of 2 servers wait for you;")
    async with stage.database.work() as work:
        await work.session.execute(update(Tool).values(rejected_at=now()))
    assert (await _overview(stage)).attention == []


async def test_a_limit_of_nothing_is_not_told_as_if_it_had_been_used(stage: Stage) -> None:
    ann = await stage.person("Ann")
    async with stage.database.work() as work:
        work.session.add(Budget(user_id=ann.user_id, limit_micros=0))
    await stage.spend(ann, 0)
    (item,) = (await _overview(stage)).attention
    assert item.sentence == "ann@example.org has a limit of 0 credits a day and can ask nothing."


async def test_a_limit_that_was_raised_needs_nobody_any_more(stage: Stage) -> None:
    ann = await stage.person("Ann")
    await stage.spend(ann, DAILY)
    assert [item.code for item in (await _overview(stage)).attention] == ["user_at_limit"]
    async with stage.database.work() as work:
        work.session.add(Budget(user_id=ann.user_id, limit_micros=2 * DAILY))
    assert (await _overview(stage)).attention == []


async def test_active_are_the_connected_and_those_seen_a_moment_ago(stage: Stage) -> None:
    ann = await stage.person("Ann", seen_at=now() - timedelta(hours=2))
    await stage.person("Bob", seen_at=now() - timedelta(minutes=1))
    await stage.person("Old", seen_at=now() - timedelta(hours=2))
    async with stage.flow(ann, "a question"), stage.connected(ann):
        view = await _overview(stage)
    assert [(user.name, user.state, user.turns_today) for user in view.active_users] == [
        ("Ann", "idle", 1),
        ("Bob", "offline", 0),
    ]
    assert view.active_count == 2
