"""Reading flows: pages, filters, and what each reader may see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from httpx import AsyncClient

from omni2.flows.checkpoints import LlmThinking
from omni2.flows.phase import Entry
from omni2.flows.queries import HIDDEN, Sight, get_flow, list_checkpoints, list_flows
from omni2.flows.routes import router
from omni2.flows.schemas import CheckpointRange, FlowFilter
from omni2.identity.models import User
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id
from tests.support.stage import Person, Stage, every_page, ok

THINKING = LlmThinking(provider="demo", model="demo", iteration=1, messages=1, tools_offered=0)


async def _ask(stage: Stage, person: Person, *titles: str) -> list[str]:
    ids: list[str] = []
    for title in titles:
        async with stage.flow(person, title) as flow:
            ids.append(flow.flow_id)
    return ids


async def _titles(client: AsyncClient, **query: str | int) -> list[str]:
    return [str(row["title"]) for row in await every_page(client, "/api/flows", **query)]


async def test_pages_are_newest_first_and_lose_no_flow(stage: Stage) -> None:
    ann = await stage.person("Ann")
    ids = await _ask(stage, ann, *(f"question {number}" for number in range(7)))
    async with stage.client(ann, router) as client:
        rows = await every_page(client, "/api/flows", limit=3)
    assert [row["flow_id"] for row in rows] == ids[::-1]


async def test_a_row_tells_who_what_and_what_came_of_it(stage: Stage) -> None:
    ann = await stage.person("Ann Lee", "admin")
    flow_id = await stage.call(ann, "shop")
    async with stage.client(ann, router) as client:
        row = ok(await client.get(f"/api/flows/{flow_id}"))
    assert row["started_at"].endswith("Z")
    assert row["ended_at"].endswith("Z")
    assert (row["user_email"], row["user_name"], row["title"]) == ("ann@example.org", "Ann Lee", "shop.echo")
    assert (row["status"], row["steps"], row["tool_calls"]) == ("ok", 4, 1)
    assert (row["servers"], row["source"]) == (["shop"], "mcp")


async def test_a_member_sees_their_own_flows_only(stage: Stage) -> None:
    ann, bob = await stage.person("Ann"), await stage.person("Bob")
    (foreign,) = await _ask(stage, ann, "mine")
    await _ask(stage, bob, "his")
    async with stage.client(bob, router) as client:
        assert await _titles(client) == ["his"]
        assert await _titles(client, user=ann.user_id) == []
        assert await _titles(client, q="ann@") == []
        known = await client.get(f"/api/flows/{foreign}")
        unknown = await client.get(f"/api/flows/{new_id()}")
        steps = await client.get(f"/api/flows/{foreign}/checkpoints")
    assert known.status_code == unknown.status_code == steps.status_code == 404
    assert known.json() == unknown.json() == steps.json()


async def test_an_auditor_sees_everybodys_flows_with_their_content(stage: Stage) -> None:
    ann, eve = await stage.person("Ann"), await stage.person("Eve", "auditor")
    flow_id = await stage.call(ann, "shop")
    async with stage.client(eve, router) as client:
        assert await _titles(client) == ["shop.echo"]
        steps = await every_page(client, f"/api/flows/{flow_id}/checkpoints")
    assert [step["kind"] for step in steps] == ["auth_check", "tool_call", "tool_result", "done"]
    assert steps[1]["data"]["arguments"] == {"text": "a secret plan"}


async def test_filters_narrow_and_combine(stage: Stage) -> None:
    ann, boss = await stage.person("Ann"), await stage.person("Boss", "admin")
    talk = new_id()
    async with stage.flow(ann, "in a conversation", conversation_id=talk):
        pass
    await stage.call(ann, "shop", "denied")
    await _ask(stage, boss, "something else")
    async with stage.client(boss, router) as client:
        assert await _titles(client, conversation=talk) == ["in a conversation"]
        assert await _titles(client, status="denied") == ["shop.echo"]
        assert await _titles(client, source="mcp", user=ann.user_id) == ["shop.echo"]
        assert await _titles(client, source="mcp", user=boss.user_id) == []
        assert await _titles(client, user="nobody") == []


async def test_several_outcomes_may_be_asked_for_repeated_or_with_commas(stage: Stage) -> None:
    ann, boss = await stage.person("Ann"), await stage.person("Boss", "admin")
    await stage.call(ann, "wiki")
    denied = await stage.call(ann, "shop", "denied")
    failed = await stage.call(ann, "time", "timeout")
    async with stage.client(boss, router) as client:
        for query in (
            "status=denied,failed",
            "status=failed&status=denied",
            "status=denied,failed&status=ok",
        ):
            rows = ok(await client.get(f"/api/flows?{query}"))["items"]
            found = [row["flow_id"] for row in rows if row["status"] != "ok"]
            assert found == [failed, denied]
            assert (len(rows) == 3) is query.endswith("ok")


async def test_flows_are_listed_since_a_moment_in_any_zone(stage: Stage) -> None:
    ann = await stage.person("Ann")
    midnight = datetime(2026, 3, 10, tzinfo=UTC)
    for minutes in (-1, 0, 1):
        with time_machine.travel(midnight + timedelta(minutes=minutes), tick=False):
            await _ask(stage, ann, str(minutes))
    async with stage.client(ann, router) as client:
        assert sorted(await _titles(client, since="2026-03-10T00:00:00Z")) == ["0", "1"]
        assert sorted(await _titles(client, since="2026-03-10T01:00:00+01:00")) == ["0", "1"]
        assert await _titles(client, since="9999-12-31T23:59:59-12:00") == []


async def test_a_search_finds_words_of_the_title_the_email_and_the_beginning_of_an_id(stage: Stage) -> None:
    ann, boss = await stage.person("Ann"), await stage.person("Boss", "admin")
    (first,) = await _ask(stage, ann, "Where is my 100% ORDER_7?")
    await _ask(stage, boss, "Wo ist die ÄPFEL-Liste?")
    async with stage.client(boss, router) as client:
        assert await _titles(client, q="order") == ["Where is my 100% ORDER_7?"]
        assert await _titles(client, q="100%") == ["Where is my 100% ORDER_7?"]
        assert await _titles(client, q="order-7") == []
        assert await _titles(client, q="äpfel") == ["Wo ist die ÄPFEL-Liste?"]
        assert await _titles(client, q="ANN@EX") == ["Where is my 100% ORDER_7?"]
        assert await _titles(client, q=first) == ["Where is my 100% ORDER_7?"]
        assert await _titles(client, q="nobody knows") == []


async def test_a_running_flow_counts_the_steps_that_are_on_record(stage: Stage) -> None:
    ann = await stage.person("Ann")
    async with stage.flow(ann, "still thinking") as flow:
        await flow.write(Entry(THINKING), Entry(THINKING))
        async with stage.client(ann, router) as client:
            row = ok(await client.get(f"/api/flows/{flow.flow_id}"))
            assert (row["status"], row["steps"], row["ended_at"]) == ("running", 3, None)
            assert await _titles(client, status="running") == ["still thinking"]
    async with stage.client(ann, router) as client:
        assert ok(await client.get(f"/api/flows/{flow.flow_id}"))["steps"] == 4


async def test_checkpoints_come_in_order_without_holes_whatever_the_page_size(stage: Stage) -> None:
    ann = await stage.person("Ann")
    async with stage.flow(ann, "a long one") as flow:
        for size in (3, 1, 4):
            await flow.write(*[Entry(THINKING)] * size)
    async with stage.client(ann, router) as client:
        for limit in (1, 2, 3, 10, 11):
            steps = await every_page(client, f"/api/flows/{flow.flow_id}/checkpoints", limit=limit)
            assert [step["seq"] for step in steps] == list(range(1, 11))
        tail = ok(await client.get(f"/api/flows/{flow.flow_id}/checkpoints", params={"after": 8}))
    assert [step["seq"] for step in tail["items"]] == [9, 10]
    assert tail["next"] is None


async def test_content_of_foreign_flows_is_hidden_from_who_may_not_read_it(stage: Stage) -> None:
    ann, eve = await stage.person("Ann"), await stage.person("Eve")
    flow_id = await stage.call(ann, "shop")
    await _ask(stage, eve, "my own words")
    blind = Sight(eve.user_id, all_flows=True, content=False)
    async with stage.database.read() as session:
        rows = (await list_flows(session, blind, FlowFilter())).items
        assert [row.title for row in rows] == ["my own words", HIDDEN]
        assert (await get_flow(session, blind, flow_id)).title == HIDDEN
        found = await list_flows(session, blind, FlowFilter(q="echo"))
        assert found.items == []
        steps = (await list_checkpoints(session, blind, flow_id, CheckpointRange())).items
        whole = await list_checkpoints(session, replace(blind, content=True), flow_id, CheckpointRange())
    shown = "".join(step.model_dump_json() for step in steps)
    assert "secret plan" not in shown
    assert '"preview":"plan"' not in shown
    assert shown.count(HIDDEN) == 2
    assert [step.seq for step in steps] == [step.seq for step in whole.items]


async def test_the_flows_of_a_deleted_user_stay(stage: Stage) -> None:
    ann, boss = await stage.person("Ann"), await stage.person("Boss", "admin")
    await _ask(stage, ann, "before I left")
    async with stage.database.work() as work:
        await work.session.delete(await work.session.get_one(User, ann.user_id))
    async with stage.client(boss, router) as client:
        (row,) = await every_page(client, "/api/flows")
    assert (row["title"], row["user_email"]) == ("before I left", "(deleted user)")


NONSENSE = [
    "status=nonsense",
    "status=",
    "status=denied,",
    "status=denied,nonsense",
    "since=yesterday",
    "since=2026-03-10T00:00:00",
    "limit=0",
    "limit=100000",
    "after=x",
    "usr=ann",
    "q=%00",
    "after=WyJhIl0",
]


async def test_what_makes_no_sense_is_refused_and_never_means_everything(
    stage: Stage, subtests: pytest.Subtests
) -> None:
    boss = await stage.person("Boss", "admin")
    async with stage.client(boss, router) as client:
        for query in NONSENSE:
            with subtests.test(query=query):
                assert (await client.get(f"/api/flows?{query}")).status_code == 422


async def test_an_id_out_of_all_bounds_is_an_unknown_one(stage: Stage) -> None:
    boss = await stage.person("Boss", "admin")
    sight = Sight(boss.user_id, all_flows=True, content=True)
    async with stage.database.read() as session:
        with pytest.raises(Problem) as caught:
            await get_flow(session, sight, "'; DROP TABLE flows; --")
    assert caught.value.status == 404
