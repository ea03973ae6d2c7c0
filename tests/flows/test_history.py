"""Finding flows by the query language, before and after the index has come by; counts and kept queries."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from httpx import AsyncClient
from sqlalchemy import delete, select

from omni2.flows import counting, scanning
from omni2.flows.checkpoints import ErrorStep, FlowStatus, LlmComplete, ToolCall, ToolResult
from omni2.flows.indexer import Indexer, forget
from omni2.flows.models import FlowDoc, FlowHead, FlowPosting, FlowTerm
from omni2.flows.phase import Entry
from omni2.flows.queries import list_flows, sight_of
from omni2.flows.routes import router
from omni2.flows.schemas import FlowFilter
from omni2.kernel.ids import new_id, now
from tests.support.lanes import catch_up, writer_of
from tests.support.stage import Person, Stage, every_page, ok

FLOWS = "/api/flows"


async def _work(
    stage: Stage,
    person: Person,
    title: str,
    tool: tuple[str, str] = ("wiki", "search"),
    status: FlowStatus = "ok",
    cost_micros: int = 0,
) -> str:
    """Record a turn with one call and an answer of a model."""
    async with stage.flow(person, title) as flow:
        server, name = tool
        asked = "Rechnung \u00c4PFEL" if name == "search" else name
        call = ToolCall(server=server, tool=name, call_id="c", arguments={"words": [asked, 1042]})
        await flow.write(Entry(call))
        result = ToolResult(server=server, tool=name, call_id="c", status="ok", size_bytes=2, preview="found")
        spoken = LlmComplete(
            model="Gpt-X", input_tokens=900, output_tokens=200, cost_micros=cost_micros,
            price_version=None, finish_reason="stop", first_token_ms=1.0,
        )  # fmt: skip
        flow.totals.cost_micros, flow.totals.model = cost_micros, "Gpt-X"
        flow.totals.input_tokens, flow.totals.tool_calls, flow.totals.servers = 900, 1, [server]
        failed = [Entry(ErrorStep(code="budget_spent", detail="Nothing is left of today."), "denied")]
        await flow.end(status, Entry(result), Entry(spoken), *(failed if status == "denied" else []))
    return flow.flow_id


async def _history(stage: Stage) -> tuple[Person, Person]:
    ann, boss = await stage.person("Ann Lee"), await stage.person("Boss", "admin")
    await _work(stage, ann, "Find the invoice")
    await _work(stage, ann, "Drop a page", ("wiki", "delete_page"), "denied")
    await _work(stage, boss, "Dear question", ("shop", "get_order"), cost_micros=25_000)
    await _work(stage, boss, "Cheap question", ("shop", "get_stock"), cost_micros=900)
    return ann, boss


CASES: dict[str, set[str]] = {
    "": {"Find the invoice", "Drop a page", "Dear question", "Cheap question"},
    "user:ann@example.org": {"Find the invoice", "Drop a page"},
    "user:lee": {"Find the invoice", "Drop a page"},
    "user:nobody": set(),
    "-user:ann": {"Dear question", "Cheap question"},
    "status:denied,failed": {"Drop a page"},
    "server:wiki": {"Find the invoice", "Drop a page"},
    "server:w*,shop -tool:delete_*": {"Find the invoice", "Dear question", "Cheap question"},
    "server:nowhere": set(),
    "tool:get_*": {"Dear question", "Cheap question"},
    "tool:shop.get_order": {"Dear question"},
    "tool:get_order,search": {"Dear question", "Find the invoice"},
    "-server:wiki": {"Dear question", "Cheap question"},
    "cost:>0.01": {"Dear question"},
    "cost:>0 cost:<0.01": {"Cheap question"},
    "model:gpt*": {"Find the invoice", "Drop a page", "Dear question", "Cheap question"},
    "model:other": set(),
    "kind:error": {"Drop a page"},
    "-kind:error server:wiki": {"Find the invoice"},
    "kind:llm_complete user:ann": {"Find the invoice", "Drop a page"},
    "error:budget_spent": {"Drop a page"},
    'text:"nothing is left"': {"Drop a page"},
    "text:\u00e4pfel": {"Find the invoice"},
    "text:1042 server:shop": {"Dear question", "Cheap question"},
    "text:zz": set(),
    "question -dear": {"Cheap question"},
    "ann invoice": {"Find the invoice"},
    "tokens:>800 steps:>3 calls:1": {"Find the invoice", "Drop a page", "Dear question", "Cheap question"},
    "duration:>1h": set(),
    "since:1h until:now": {"Find the invoice", "Drop a page", "Dear question", "Cheap question"},
    "since:2099-01-01": set(),
    "until:2001-01-01": set(),
    "source:mcp": set(),
}


async def _found(client: AsyncClient, q: str, limit: int = 50) -> list[str]:
    return [str(row["title"]) for row in await every_page(client, FLOWS, q=q, limit=limit)]


@pytest.mark.parametrize("indexed", [False, True], ids=["fresh", "indexed"])
async def test_a_query_finds_what_it_says_before_and_after_the_index_has_come_by(
    stage: Stage, *, indexed: bool
) -> None:
    _, boss = await _history(stage)
    if indexed:
        assert await catch_up(stage.database) == 4
    async with stage.client(boss, router) as client:
        for q, expected in CASES.items():
            found = await _found(client, q)
            assert set(found) == expected, q
            assert len(found) == len(expected), q
            counts = ok(await client.get(f"{FLOWS}/counts", params={"q": q}))
            if indexed or q:
                assert (counts["count"], counts["capped"]) == (len(expected), False), q


async def test_pages_of_fresh_and_indexed_flows_are_one_list(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "FIRST_PIECE", 2)
    boss = await stage.person("Boss", "admin")
    for number in range(5):
        await _work(stage, boss, f"old {number}")
    async with stage.flow(boss, "wiki of long ago") as running:
        await running.write(Entry(ToolCall(server="wiki", tool="search", call_id="c", arguments={})))
        assert await catch_up(stage.database) == 6
        for number in range(5):
            await _work(stage, boss, f"new {number}")
        expected = [
            *(f"new {number}" for number in (4, 3, 2, 1, 0)),
            "wiki of long ago",
            *(f"old {number}" for number in (4, 3, 2, 1, 0)),
        ]
        async with stage.client(boss, router) as client:
            for limit in (1, 2, 3, 50):
                assert await _found(client, "server:wiki", limit) == expected
                assert await _found(client, "text:wiki", limit) == expected
    assert await catch_up(stage.database) == 6
    async with stage.client(boss, router) as client:
        assert await _found(client, "server:wiki", 3) == expected
        assert await _found(client, "status:running") == []


async def test_what_takes_too_long_is_told_and_goes_on_where_it_stopped(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "FIRST_PIECE", 2)
    monkeypatch.setattr(scanning, "GROWTH", 1)
    monkeypatch.setattr(scanning, "BUDGET_S", -1.0)
    boss = await stage.person("Boss", "admin")
    rare = await _work(stage, boss, "rare", cost_micros=100)
    for number in range(5):
        await _work(stage, boss, f"common {number}")
    async with stage.client(boss, router) as client:
        page = ok(await client.get(FLOWS, params={"q": "cost:>0.00005", "limit": 1}))
        assert page["items"] == []
        assert page["searched_to"] is not None
        rows = await every_page(client, FLOWS, q="cost:>0.00005", limit=1)
    assert [row["flow_id"] for row in rows] == [rare]


async def test_a_count_that_takes_too_long_stops_and_says_how_far_it_looked(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "LARGEST_FIRST_PIECE", 2)
    monkeypatch.setattr(counting, "COUNT_BUDGET_S", -1.0)
    boss = await stage.person("Boss", "admin")
    for number in range(5):
        await _work(stage, boss, f"common {number}")
    async with stage.client(boss, router) as client:
        counts = ok(await client.get(f"{FLOWS}/counts", params={"q": "since:1h"}))
        assert (counts["count"], counts["capped"]) == (2, False)
        monkeypatch.setattr(counting, "COUNT_BUDGET_S", 60.0)
        whole = ok(await client.get(f"{FLOWS}/counts", params={"q": "since:1h"}))
    assert (whole["count"], whole["searched_to"]) == (5, None)
    assert counts["searched_to"] is not None


async def test_a_page_tells_when_the_index_is_behind(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "FRESH_LIMIT", 2)
    boss = await stage.person("Boss", "admin")
    for number in range(3):
        await _work(stage, boss, f"fresh {number}")
    async with stage.client(boss, router) as client:
        page = ok(await client.get(FLOWS, params={"q": "server:wiki"}))
        assert (len(page["items"]), page["behind"]) == (2, True)
        assert ok(await client.get(FLOWS, params={"q": "status:ok"}))["behind"] is False
        await catch_up(stage.database)
        page = ok(await client.get(FLOWS, params={"q": "server:wiki"}))
        assert (len(page["items"]), page["behind"]) == (3, False)


async def test_hidden_words_are_not_searched_and_a_member_finds_their_own_only(stage: Stage) -> None:
    ann, boss = await _history(stage)
    blind = replace(sight_of(boss.principal), content=False)
    for _ in range(2):
        async with stage.database.read() as session:
            for q, count in {"text:invoice": 0, "invoice": 0, "text:dear": 1, "server:wiki": 2}.items():
                rows = (await list_flows(session, blind, FlowFilter(q=q))).items
                assert len(rows) == count, q
            for q in ("text:question", "user:boss", "server:shop", "boss"):
                own = await list_flows(session, sight_of(ann.principal), FlowFilter(q=q))
                assert own.items == [], q
        await catch_up(stage.database)
    async with stage.client(ann, router) as client:
        assert ok(await client.get(f"{FLOWS}/terms", params={"name": "server"}))["items"] == []
        counts = ok(await client.get(f"{FLOWS}/counts"))
    assert counts["count"] == 2
    assert [facet["value"] for facet in counts["user"]] == ["ann@example.org"]


async def test_counts_tell_by_what_a_query_could_be_narrowed(stage: Stage) -> None:
    _, boss = await _history(stage)
    await catch_up(stage.database)
    async with stage.client(boss, router) as client:
        for q in ("", "since:1h"):
            counts = ok(await client.get(f"{FLOWS}/counts", params={"q": q}))
            found = {
                name: {facet["value"]: facet["count"] for facet in counts[name]}
                for name in ("status", "source", "server", "user")
            }
            assert found == {
                "status": {"ok": 3, "denied": 1},
                "source": {"chat": 4},
                "server": {"wiki": 2, "shop": 2},
                "user": {"ann@example.org": 2, "boss@example.org": 2},
            }
        tools = ok(await client.get(f"{FLOWS}/terms", params={"name": "tool", "q": "GET"}))
    assert [item["value"] for item in tools["items"]] == ["shop.get_order", "shop.get_stock"]


async def test_a_malformed_query_is_refused_with_its_place(stage: Stage) -> None:
    boss = await stage.person("Boss", "admin")
    async with stage.client(boss, router) as client:
        for path in (FLOWS, f"{FLOWS}/counts"):
            refused = await client.get(path, params={"q": "late foo:bar"})
            assert refused.status_code == 422
            assert (refused.json()["code"], refused.json()["position"]) == ("query_malformed", 5)
        assert (await client.get(FLOWS, params={"zone": "Mars/Base"})).status_code == 422


@contextmanager
def _later(seconds: float) -> Iterator[None]:
    with time_machine.travel(now() + timedelta(seconds=seconds)):
        yield


async def test_the_index_takes_each_flow_once_and_late_ones_too(stage: Stage) -> None:
    ann = await stage.person("Ann")
    async with stage.flow(ann, "one that runs"):
        await _work(stage, ann, "first")
        assert await catch_up(stage.database) == 2
        with _later(60):
            assert await catch_up(stage.database) == 0
            await _work(stage, ann, "second")
            assert await catch_up(stage.database) == 1
    assert await catch_up(stage.database) == 1
    async with stage.database.read() as session:
        assert len((await session.scalars(select(FlowDoc.key))).all()) == 3
        terms = await session.execute(select(FlowTerm.value, FlowTerm.flows).where(FlowTerm.name == "server"))
        assert dict(terms.all()) == {"wiki": 2}


async def test_two_processes_that_index_at_once_take_each_flow_once(stage: Stage) -> None:
    ann = await stage.person("Ann")
    for number in range(5):
        await _work(stage, ann, f"number {number}")
    both = [Indexer(stage.database, writer_of(stage.database)) for _ in range(2)]
    for one in both:
        await one.open()
    assert sum(await asyncio.gather(*(one.take(50) for one in both))) == 5
    for one in both:
        await one.aclose()
    async with stage.database.read() as session:
        assert len((await session.scalars(select(FlowDoc.key))).all()) == 5
        terms = await session.execute(select(FlowTerm.value, FlowTerm.flows).where(FlowTerm.name == "server"))
        assert dict(terms.all()) == {"wiki": 5}


async def test_what_is_forgotten_is_found_no_more(stage: Stage) -> None:
    _, boss = await _history(stage)
    await catch_up(stage.database)
    async with stage.database.work() as work:
        keys = (await work.session.scalars(select(FlowHead.key).where(FlowHead.status == "denied"))).all()
        await forget(work.session, keys)
        await work.session.execute(delete(FlowHead).where(FlowHead.key.in_(keys)))
    async with stage.client(boss, router) as client:
        assert await _found(client, "text:drop") == []
        counts = ok(await client.get(f"{FLOWS}/counts"))
    assert counts["count"] == 3
    assert {facet["value"]: facet["count"] for facet in counts["server"]} == {"shop": 2, "wiki": 1}
    async with stage.database.read() as session:
        assert (await session.scalars(select(FlowPosting.key).where(FlowPosting.key.in_(keys)))).all() == []


async def test_kept_queries_are_ones_own_and_replaced_by_name(stage: Stage) -> None:
    ann, boss = await stage.person("Ann"), await stage.person("Boss", "admin")
    views = f"{FLOWS}/views"
    async with stage.client(boss, router) as client, stage.client(ann, router) as other:
        first = ok(await client.put(views, json={"name": "Mine", "query": "status:denied"}))
        again = ok(await client.put(views, json={"name": "Mine", "query": "user:ann"}))
        assert again["view_id"] == first["view_id"]
        refused = await client.put(views, json={"name": "Odd", "query": "foo:bar"})
        assert (refused.status_code, refused.json()["code"]) == (422, "query_malformed")
        items = ok(await client.get(views))["items"]
        assert [(item["name"], item["query"]) for item in items] == [("Mine", "user:ann")]
        assert ok(await other.get(views))["items"] == []
        assert (await other.delete(f"{views}/{first['view_id']}")).status_code == 404
        assert (await client.delete(f"{views}/{first['view_id']}")).status_code == 204
        assert (await client.delete(f"{views}/{new_id()}")).status_code == 404
        assert ok(await client.get(views))["items"] == []
