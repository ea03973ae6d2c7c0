"""Comparing: two accesses by their rules, two people by what they may do and did, a flow's neighbours."""

from datetime import UTC, datetime, timedelta

import pytest

from omni2.access.models import AccessSnapshot, Grant
from omni2.access.schemas import SnapshotServer, SnapshotTool, SnapshotView
from omni2.identity.epochs import bump
from omni2.insight.compare import compare_access
from omni2.insight.compare_routes import router
from omni2.kernel.ids import new_id, now
from omni2.kernel.jsons import dumps
from tests.insight.servers import add_server
from tests.support.stage import Person, Stage, ok

A_ID, B_ID = "a" * 64, "b" * 64


def _view(access_id: str, *tools: tuple[str, bool, str], server: str = "shop") -> SnapshotView:
    return SnapshotView(
        access_id=access_id,
        servers=[SnapshotServer(server=server, decision="allowed", rule="members may shop")],
        tools=[
            SnapshotTool(server=server, tool=tool, allowed=allowed, rule=rule)
            for tool, allowed, rule in tools
        ],
    )


def test_the_difference_names_what_one_side_alone_may_use_and_the_rule_of_each() -> None:
    a = _view(A_ID, ("find", True, "members"), ("burn", False, "no deletes"), ("stock", True, "members"))
    b = _view(B_ID, ("find", True, "members"), ("burn", True, "editors"), ("stock", False, "no figures"))
    difference = compare_access(a, b, ("Ann", "Bob"))
    assert difference.sentence == (
        'Ann alone may use shop.stock, by rule "members"; Bob may not, by rule "no figures". '
        'Bob alone may use shop.burn, by rule "editors"; Ann may not, by rule "no deletes".'
    )
    assert (difference.only_a, difference.only_b, difference.both, difference.total) == (1, 1, 1, 2)


def test_another_rule_with_the_same_decision_is_a_change_that_comes_last() -> None:
    a = _view(A_ID, ("find", True, "members"), ("stock", True, "members"))
    b = _view(B_ID, ("find", True, "editors"), ("stock", False, "default deny"))
    difference = compare_access(a, b, ("Ann", "Bob"))
    assert [change.name for change in difference.changes] == ["stock", "find"]
    same = compare_access(a, _view(B_ID, ("find", True, "x"), ("stock", True, "x")), ("Ann", "Bob"))
    assert same.sentence == "Ann and Bob may use the same."


def test_what_one_side_does_not_know_at_all_is_a_change() -> None:
    difference = compare_access(_view(A_ID), _view(B_ID, ("new", True, "members")), ("A", "B"))
    assert [(change.a, change.b is not None) for change in difference.changes] == [(None, True)]
    assert difference.sentence == 'B alone may use shop.new, by rule "members"; A may not.'


def test_ten_thousand_tools_are_counted_and_the_first_changes_shown() -> None:
    a = _view(A_ID, *((f"t{n}", True, "all") for n in range(10_000)))
    b = _view(B_ID, *((f"t{n}", n % 2 == 0, "even") for n in range(10_000)))
    difference = compare_access(a, b, ("A", "B"))
    assert (difference.only_a, difference.both, difference.total) == (5_000, 5_000, 10_000)
    assert len(difference.changes) == 500
    assert difference.changes[0].b is not None
    assert difference.changes[0].b.decision == "denied"


async def test_two_stored_accesses_are_compared_for_who_may_read_all_flows_only(stage: Stage) -> None:
    boss, ann = await stage.person("Boss", "admin"), await stage.person("Ann")
    async with stage.database.work() as work:
        for view in (_view(A_ID, ("find", True, "members")), _view(B_ID, ("find", False, "no"))):
            body = dumps(view.model_dump(exclude={"access_id", "prompts", "resources"}))
            work.session.add(AccessSnapshot(access_id=view.access_id, body=body, created_at=now()))
    path = f"/api/insight/compare/access?a={A_ID}&b={B_ID}"
    async with stage.client(boss, router) as client:
        assert ok(await client.get(path))["sentence"].startswith("The first alone may use shop.find")
        assert (await client.get(path.replace(B_ID, "c" * 64))).status_code == 404
        assert (await client.get(path.replace(B_ID, "x"))).status_code == 422
    async with stage.client(ann, router) as client:
        assert (await client.get(path)).status_code == 403


async def test_two_people_differ_in_grants_and_in_what_they_did(stage: Stage) -> None:
    boss, ann, bob = await stage.person("Boss", "admin"), await stage.person("Ann"), await stage.person("Bob")
    await add_server(stage, "shop")
    await _grant(stage, ann, "stock keepers")
    since = now() - timedelta(minutes=1)
    await stage.call(ann, "shop")
    await stage.call(ann, "shop", "timeout")
    await stage.call(bob, "shop", "denied")
    pair = {"a": ann.user_id, "b": bob.user_id, "since": since.isoformat()}
    async with stage.client(boss, router) as client:
        view = ok(await client.get("/api/insight/compare/people", params=pair))
        early = {**pair, "since": "2020-01-01T00:00:00Z", "until": "2020-01-02T00:00:00Z"}
        nothing = ok(await client.get("/api/insight/compare/people", params=early))
    assert view["sentences"] == [
        'Ann alone may use shop.echo, by rule "stock keepers"; Bob may not, by rule "default deny"; '
        "and 1 more.",
        "Ann made 2 flows, 0 of them refused; Bob made 1 flow, 1 of them refused.",
    ]
    assert view["a"]["by_status"] == {"ok": 1, "failed": 1}
    assert view["a"]["tools"] == [{"server": "shop", "tool": "echo", "calls": 2, "not_ok": 1}]
    assert view["a"]["tool_calls"] == 2
    assert (nothing["a"]["flows"], nothing["a"]["duration_ms"], nothing["b"]["tools"]) == (0, None, [])


PEOPLE = (("Boss", "admin"), ("Ann", "member"), ("Bob", "member"))


@pytest.mark.parametrize(
    ("change", "status"), [({"a": "nobody"}, 404), ({"until": "2020-01-01T00:00:00Z"}, 422)]
)
async def test_unknown_people_and_a_time_that_ends_before_it_begins_are_refused(
    stage: Stage, change: dict[str, str], status: int
) -> None:
    boss = await stage.person("Boss", "admin")
    since = datetime(2026, 1, 1, tzinfo=UTC).isoformat()
    pair = {"a": boss.user_id, "b": boss.user_id, "since": since, **change}
    async with stage.client(boss, router) as client:
        assert (await client.get("/api/insight/compare/people", params=pair)).status_code == status


async def test_the_neighbours_of_a_flow_are_the_same_persons(stage: Stage) -> None:
    ann, bob = await stage.person("Ann"), await stage.person("Bob")
    first = await stage.call(ann, "shop")
    await stage.call(bob, "shop")
    second = await stage.call(ann, "wiki")
    third = await stage.call(ann, "time")
    async with stage.client(ann, router) as client:
        found = ok(await client.get(f"/api/insight/flows/{second}/neighbours"))
        assert (found["previous"]["flow_id"], found["next"]["flow_id"]) == (first, third)
        found = ok(await client.get(f"/api/insight/flows/{third}/neighbours"))
        assert (found["previous"]["flow_id"], found["next"]) == (second, None)
    async with stage.client(bob, router) as client:
        assert (await client.get(f"/api/insight/flows/{second}/neighbours")).status_code == 404


async def _grant(stage: Stage, person: Person, name: str) -> None:
    async with stage.database.work() as work:
        row = Grant(grant_id=new_id(), name=name, subject="user", role=None, user_id=person.user_id)
        row.server, row.allow, row.deny, row.created_at, row.created_by = "shop", ["*"], [], now(), "test"
        work.session.add(row)
        await bump(work, "grants")
