"""Everybody's conversations, as those who look after others find and read them."""

from dataclasses import replace
from typing import Any

import pytest
from httpx import AsyncClient
from pydantic import JsonValue

from omni2.conversations.history import words_of
from omni2.conversations.schemas import AssistantData, MessageRange, ToolData
from omni2.conversations.steps import insert_conversation, insert_message
from omni2.flows.checkpoints import FlowStatus, ToolCall
from omni2.flows.phase import Entry
from omni2.flows.queries import HIDDEN, sight_of
from omni2.insight.conversation_routes import router
from omni2.insight.conversations import TalkFilter, list_talks, read_talk
from omni2.kernel.ids import new_id
from tests.support.lanes import catch_up
from tests.support.stage import Person, Stage, every_page, ok

TALKS = "/api/insight/conversations"
CALL = ToolData(
    call_id="c", server="shop", tool="find", arguments={"id": 7}, status="ok", preview="found", text="found"
)


async def _turn(
    stage: Stage, person: Person, talk: str, said: tuple[str, str], status: FlowStatus = "ok"
) -> str:
    """Record a question and its answer, with a call of a tool in between."""
    question, answer = said
    async with stage.flow(person, question, conversation_id=talk) as flow:
        await flow.write(Entry(ToolCall(server="shop", tool="find", call_id="c", arguments={})))
        flow.totals.cost_micros, flow.totals.tool_calls, flow.totals.servers = 1_000, 1, ["shop"]
        await flow.end(status)
    spoken: list[tuple[str, str, dict[str, JsonValue]]] = [
        ("user", question, {}),
        ("tool", "", CALL.model_dump()),
        ("assistant", answer, AssistantData().model_dump()),
    ]
    messages = [
        insert_message(new_id(), talk, (kind, text), data, flow.flow_id) for kind, text, data in spoken
    ]
    conversation = insert_conversation(talk, person.user_id, question, again=True)
    await stage.lane.commit([conversation, *messages])
    return flow.flow_id


async def _first(client: AsyncClient, **query: Any) -> list[str]:
    return [row["first_message"] for row in await every_page(client, TALKS, **query)]


@pytest.fixture
async def talks(stage: Stage) -> tuple[Person, Person, list[str]]:
    """Three conversations: one of two turns, which was spoken in last, one denied, one of the reader."""
    ann, boss = await stage.person("Ann Lee"), await stage.person("Boss", "admin")
    ids = [new_id() for _ in range(3)]
    await _turn(stage, ann, ids[0], ("Where is my parcel?", "On its way to Oslo."))
    await _turn(stage, ann, ids[1], ("Drop the table", "No."), "denied")
    await _turn(stage, boss, ids[2], ("What is new?", "Nothing."))
    await _turn(stage, ann, ids[0], ("And the invoice?", "It is paid."))
    await catch_up(stage.database, words_of)
    return ann, boss, ids


async def test_conversations_are_found_by_what_happened_in_them(
    stage: Stage, talks: tuple[Person, Person, list[str]]
) -> None:
    _, boss, _ = talks
    async with stage.client(boss, router) as client:
        for limit in (1, 2, 30):
            everything = await _first(client, limit=limit)
            assert everything == ["Where is my parcel?", "What is new?", "Drop the table"], limit
        assert await _first(client, q="invoice") == ["Where is my parcel?"]
        assert await _first(client, q="way to oslo") == ["Where is my parcel?"]
        assert await _first(client, user="lee", limit=1) == ["Where is my parcel?", "Drop the table"]
        assert await _first(client, user="nobody") == []
        assert await _first(client, status="denied") == ["Drop the table"]
        assert await _first(client, server="shop", q="nothing.") == ["What is new?"]
        assert await _first(client, since="2099-01-01T00:00:00Z") == []
        row = ok(await client.get(TALKS, params={"limit": 1}))["items"][0]
    assert (row["turns"], row["tool_calls"], row["cost_micros"], row["servers"]) == (2, 2, 2_000, ["shop"])
    assert (row["user_email"], row["status"], row["troubled"], row["deleted"]) == (
        "ann@example.org", "ok", 0, False,
    )  # fmt: skip


async def test_a_transcript_names_the_flow_of_each_turn(
    stage: Stage, talks: tuple[Person, Person, list[str]]
) -> None:
    ann, boss, ids = talks
    async with stage.client(boss, router) as client, stage.client(ann, router) as other:
        items = await every_page(client, f"{TALKS}/{ids[0]}/messages", limit=2)
        assert (await other.get(f"{TALKS}/{ids[0]}/messages")).status_code == 403
        assert (await client.get(f"{TALKS}/{new_id()}/messages")).status_code == 404
    assert [item["kind"] for item in items] == ["user", "tool", "assistant"] * 2
    assert len({item["flow_id"] for item in items}) == 2
    assert items[1]["call"]["arguments"] == {"id": 7}


async def test_words_that_a_reader_may_not_see_are_hidden_and_not_searched(
    stage: Stage, talks: tuple[Person, Person, list[str]]
) -> None:
    _, boss, ids = talks
    blind = replace(sight_of(boss.principal), content=False)
    async with stage.database.read() as session:
        page = await list_talks(session, blind, TalkFilter())
        assert [row.first_message for row in page.items] == [HIDDEN, "What is new?", HIDDEN]
        assert (await list_talks(session, blind, TalkFilter(q="parcel"))).items == []
        said = (await read_talk(session, blind, ids[0], MessageRange())).items
    assert {item.text for item in said} == {HIDDEN, ""}
    calls = [item.call for item in said if item.call is not None]
    assert {(str(call.arguments), call.preview) for call in calls} == {(HIDDEN, HIDDEN)}
