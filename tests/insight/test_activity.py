"""The latest activities: journal and flows in one list, in plain words."""

import pytest
from httpx import AsyncClient

from omni2.flows.queries import HIDDEN, Sight
from omni2.flows.steps import insert_call
from omni2.insight.activity import list_activity, spoken
from omni2.insight.routes import router
from omni2.insight.schemas import ActivityFilter
from omni2.kernel.errors import Problem
from omni2.kernel.journal import CONSOLE, Actor, write_journal
from tests.support.stage import Person, Stage, every_page, ok

ACTIVITY = "/api/insight/activity"


async def _note(stage: Stage, actor: Actor, kind: str, sentence: str) -> None:
    async with stage.database.work() as work:
        write_journal(work, actor, kind, sentence, data={"kind": kind})


async def _busy_day(stage: Stage, boss: Person, ann: Person) -> None:
    await _note(stage, ann.principal.actor, "user.signed_in", f"{ann.email} signed in.")
    async with stage.flow(ann, "Where is my order?"):
        pass
    await stage.call(ann, "shop")
    with pytest.raises(Problem):
        async with stage.flow(ann, "Delete everything"):
            raise Problem("denied", 403, "No rule allows shop.delete.")
    await _note(stage, boss.principal.actor, "grant.created", "Added a grant: everyone on shop.")
    await _note(stage, boss.principal.actor, "user.blocked", f"Blocked {ann.email} (chat): too loud")
    await _note(stage, CONSOLE, "server.created", "Added the server Wiki (wiki).")


async def _sentences(client: AsyncClient, **query: str | int) -> list[str]:
    page = ok(await client.get(ACTIVITY, params=query))
    return [item["sentence"] for item in page["items"]]


async def test_activities_are_a_union_newest_first_in_plain_words(stage: Stage) -> None:
    boss, ann = await stage.person("Boss", "admin"), await stage.person("Ann")
    await _busy_day(stage, boss, ann)
    async with stage.client(boss, router) as client:
        items = ok(await client.get(ACTIVITY, params={"limit": 7}))["items"]
    assert [(item["type"], item["verdict"], item["user_email"], item["sentence"]) for item in items] == [
        ("config", "info", None, "command line added the server Wiki (wiki)."),
        ("block", "info", boss.email, f"{boss.email} blocked {ann.email} (chat): too loud"),
        ("config", "info", boss.email, f"{boss.email} added a grant: everyone on shop."),
        (
            "denial",
            "denied",
            ann.email,
            f'{ann.email} asked "Delete everything". Denied: No rule allows shop.delete.',
        ),
        ("tool_call", "passed", ann.email, f"{ann.email} called shop.echo."),
        ("message", "passed", ann.email, f'{ann.email} asked "Where is my order?".'),
        ("sign_in", "info", ann.email, f"{ann.email} signed in."),
    ]
    assert [item["flow_id"] is not None for item in items] == [False, False, False, True, True, True, False]


async def test_activities_are_filtered_by_user_and_type(stage: Stage) -> None:
    boss, ann = await stage.person("Boss", "admin"), await stage.person("Ann")
    await _busy_day(stage, boss, ann)
    async with stage.client(boss, router) as client:
        for kind, words in (
            ("sign_in", "signed in."),
            ("message", 'order?".'),
            ("tool_call", "called shop.echo."),
            ("denial", "shop.delete."),
        ):
            (sentence,) = await _sentences(client, type=kind, user=ann.user_id)
            assert sentence.endswith(words)
            assert await _sentences(client, type=kind, user=boss.user_id) == []
        assert len(await _sentences(client, type="block")) == 1
        assert len(await _sentences(client, user=boss.user_id, type="config")) >= 1
        assert await _sentences(client, user="nobody") == []
        assert (await client.get(ACTIVITY, params={"type": "gossip"})).status_code == 422


async def test_a_tool_called_in_a_chat_is_told_besides_the_question(stage: Stage) -> None:
    boss, ann = await stage.person("Boss", "admin"), await stage.person("Ann")
    async with stage.flow(ann, "Where is my order?") as flow:
        await flow.write(steps=[insert_call(flow.opening, ("shop", "find_order"), "upstream_error", 12.4)])
    async with stage.client(boss, router) as client:
        items = ok(await client.get(ACTIVITY, params={"type": "tool_call", "user": ann.user_id}))["items"]
    assert [(item["sentence"], item["verdict"], item["flow_id"]) for item in items] == [
        (f"{ann.email} called shop.find_order (upstream error), 12 ms.", "failed", flow.flow_id)
    ]


async def test_only_the_latest_thirty_are_told(stage: Stage) -> None:
    boss = await stage.person("Boss", "admin")
    for number in range(35):
        await _note(stage, boss.principal.actor, "server.changed", f"Changed {number}.")
    async with stage.client(boss, router) as client:
        sentences = await _sentences(client)
    assert len(sentences) == 30
    assert sentences[0] == "boss@example.org changed 34."


async def test_titles_of_foreign_flows_stay_hidden_here_too(stage: Stage) -> None:
    ann, eve = await stage.person("Ann"), await stage.person("Eve")
    async with stage.flow(ann, "my secret"):
        pass
    async with stage.database.read() as session:
        sight = Sight(eve.user_id, all_flows=True, content=False)
        items = (await list_activity(session, sight, ActivityFilter(type="message"))).items
    assert [item.sentence for item in items] == [f'ann@example.org asked "{HIDDEN}".']


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("a@b.c signed in.", "a@b.c signed in."),
        ("Changed the role.", "a@b.c changed the role."),
        ("shop.find is now disabled.", "a@b.c: shop.find is now disabled."),
    ],
)
def test_a_sentence_of_the_journal_gets_its_subject(sentence: str, told: str) -> None:
    assert spoken("a@b.c", sentence) == told


async def test_the_journal_is_paged_newest_first_and_filtered_by_kind(stage: Stage) -> None:
    boss, ann = await stage.person("Boss", "admin"), await stage.person("Ann")
    await _busy_day(stage, boss, ann)
    async with stage.client(boss, router) as client:
        rows = await every_page(client, "/api/journal", limit=2)
        (block,) = await every_page(client, "/api/journal", kind="user.blocked")
        assert await every_page(client, "/api/journal", kind="user") == []
    kinds = [row["kind"] for row in rows]
    assert kinds[:3] == ["server.created", "user.blocked", "grant.created"]
    assert len({row["journal_id"] for row in rows}) == len(rows)
    assert (block["actor_email"], block["data"]) == (boss.email, {"kind": "user.blocked"})
    assert rows[0]["actor_email"] is None
    assert rows[0]["actor_id"] is None


async def test_the_journal_is_for_admins_and_auditors(stage: Stage) -> None:
    ann, eve = await stage.person("Ann"), await stage.person("Eve", "auditor")
    async with stage.client(ann, router) as client:
        assert (await client.get("/api/journal")).status_code == 403
    async with stage.client(eve, router) as client:
        assert (await client.get("/api/journal")).status_code == 200
