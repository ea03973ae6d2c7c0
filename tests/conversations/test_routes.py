"""A person's conversations: list, search, rename, delete, and what was said."""

from httpx import AsyncClient
from pydantic import JsonValue
from sqlalchemy import func, select

from omni2.conversations.models import Conversation, Message, TurnChunk
from omni2.conversations.routes import router
from omni2.conversations.schemas import AssistantData, ToolData, ToolWish, TurnView
from omni2.conversations.steps import (
    begin_turn,
    end_turn,
    insert_chunk,
    insert_conversation,
    insert_message,
    supersede_after,
)
from omni2.kernel.ids import new_id
from tests.support.stage import Person, Stage, every_page, ok

CONVERSATIONS = "/api/conversations"
TURN = TurnView(status="ok", model="demo", input_tokens=12, output_tokens=3, charged_micros=1000)
CALL = ToolData(
    call_id="c1",
    server="shop",
    tool="find_order",
    title="Find an order",
    arguments={"order_id": 1042},
    status="ok",
    preview="Order 1042: shipped",
    duration_ms=12.5,
    text="Order 1042: shipped. " * 1000,
)


async def _start(stage: Stage, person: Person, text: str) -> str:
    conversation_id = new_id()
    await stage.lane.commit(
        [
            insert_conversation(conversation_id, person.user_id, text),
            insert_message(new_id(), conversation_id, ("user", text), {}, None),
        ]
    )
    return conversation_id


async def _say(
    stage: Stage,
    conversation_id: str,
    kind: str,
    text: str,
    data: dict[str, JsonValue] | None = None,
    flow_id: str | None = None,
) -> None:
    await stage.lane.commit([insert_message(new_id(), conversation_id, (kind, text), data or {}, flow_id)])


async def _answer(stage: Stage, conversation_id: str, flow_id: str) -> None:
    wish = ToolWish(call_id="c1", name="shop__find_order", arguments={"order_id": 1042})
    await _say(
        stage, conversation_id, "assistant", "", AssistantData(tool_calls=[wish]).model_dump(), flow_id
    )
    await _say(stage, conversation_id, "tool", "", CALL.model_dump(), flow_id)
    await _say(
        stage, conversation_id, "assistant", "It is shipped.", AssistantData(turn=TURN).model_dump(), flow_id
    )


async def _titles(client: AsyncClient, **query: str | int) -> list[str]:
    return [str(row["title"]) for row in await every_page(client, CONVERSATIONS, **query)]


async def _count(stage: Stage, table: type[Conversation | Message | TurnChunk]) -> int:
    async with stage.database.read() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_the_conversation_last_spoken_in_comes_first(stage: Stage) -> None:
    ann = await stage.person("Ann")
    first = await _start(stage, ann, "one")
    await _start(stage, ann, "two")
    await _start(stage, ann, "three")
    await stage.lane.commit([begin_turn(first, ann.user_id, new_id())])
    async with stage.client(ann, router) as client:
        assert await _titles(client) == ["one", "three", "two"]
        assert await _titles(client, limit=1) == ["one", "three", "two"]


async def test_a_search_finds_titles_and_what_was_said_but_not_what_tools_returned(stage: Stage) -> None:
    ann = await stage.person("Ann")
    talk = await _start(stage, ann, "Where is my parcel?")
    await _answer(stage, talk, new_id())
    await _start(stage, ann, "Something else")
    async with stage.client(ann, router) as client:
        assert await _titles(client, q="PARCEL") == ["Where is my parcel?"]
        assert await _titles(client, q="is shipped") == ["Where is my parcel?"]
        assert await _titles(client, q="Order 1042") == []
        assert await _titles(client, q="nothing like it") == []


async def test_nobody_sees_renames_or_deletes_what_others_said(stage: Stage) -> None:
    ann, boss = await stage.person("Ann"), await stage.person("Boss", "admin")
    talk = await _start(stage, ann, "private")
    async with stage.client(boss, router) as client:
        assert await _titles(client) == []
        unknown = await client.get(f"{CONVERSATIONS}/{new_id()}/messages")
        answers = [
            await client.get(f"{CONVERSATIONS}/{talk}/messages"),
            await client.patch(f"{CONVERSATIONS}/{talk}", json={"title": "mine"}),
            await client.delete(f"{CONVERSATIONS}/{talk}"),
        ]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert all(answer.json() == unknown.json() for answer in answers)
    assert stage.stopped == []
    assert await _count(stage, Message) == 1


async def test_messages_come_in_the_order_said_with_calls_and_the_facts_of_the_turn(stage: Stage) -> None:
    ann = await stage.person("Ann")
    talk, flow_id = await _start(stage, ann, "Where is my order?"), new_id()
    await _answer(stage, talk, flow_id)
    async with stage.client(ann, router) as client:
        whole = await client.get(f"{CONVERSATIONS}/{talk}/messages")
        paged = await every_page(client, f"{CONVERSATIONS}/{talk}/messages", limit=1)
    page = ok(whole)
    assert page["items"] == paged
    assert [item["kind"] for item in paged] == ["user", "assistant", "tool", "assistant"]
    assert [item["turn"] and item["turn"]["charged_micros"] for item in paged] == [None, None, None, 1000]
    assert [item["flow_id"] for item in paged] == [None, flow_id, flow_id, flow_id]
    call = paged[2]["call"]
    assert call["arguments"] == {"order_id": 1042}
    assert (call["server"], call["status"], call["preview"]) == ("shop", "ok", "Order 1042: shipped")
    assert len(whole.text) < len(CALL.text), "the whole result of a tool stays on the server"
    assert page["running"] is None


async def test_an_answer_that_was_made_anew_hides_the_one_before(stage: Stage) -> None:
    ann = await stage.person("Ann")
    talk = await _start(stage, ann, "Tell me a joke")
    async with stage.database.read() as session:
        key = await session.scalar(select(Message.key))
    await _say(stage, talk, "assistant", "a bad one", AssistantData(turn=TURN).model_dump())
    await stage.lane.commit([supersede_after(talk, key or 0)])
    await _say(stage, talk, "assistant", "a good one", AssistantData(turn=TURN).model_dump())
    async with stage.client(ann, router) as client:
        items = await every_page(client, f"{CONVERSATIONS}/{talk}/messages")
        assert await _titles(client, q="bad one") == []
    assert [item["text"] for item in items] == ["Tell me a joke", "a good one"]


async def test_a_running_turn_is_told_with_the_last_stored_frame(stage: Stage) -> None:
    ann, flow_id = await stage.person("Ann"), new_id()
    talk = await _start(stage, ann, "Count to three")
    await stage.lane.commit([begin_turn(talk, ann.user_id, flow_id)])
    async with stage.client(ann, router) as client:
        before = ok(await client.get(f"{CONVERSATIONS}/{talk}/messages"))
        await stage.lane.commit([insert_chunk(flow_id, 1, ["a", "b"]), insert_chunk(flow_id, 3, ["c"])])
        during = ok(await client.get(f"{CONVERSATIONS}/{talk}/messages"))
        listed = ok(await client.get(CONVERSATIONS))
        await stage.lane.commit([end_turn(talk, flow_id)])
        after = ok(await client.get(f"{CONVERSATIONS}/{talk}/messages"))
    assert before["running"] == {"flow_id": flow_id, "last_n": 0}
    assert during["running"] == {"flow_id": flow_id, "last_n": 3}
    assert listed["items"][0]["running_flow_id"] == flow_id
    assert after["running"] is None


async def test_a_new_title_changes_nothing_else(stage: Stage) -> None:
    ann = await stage.person("Ann")
    older = await _start(stage, ann, "older")
    await _start(stage, ann, "newer")
    async with stage.client(ann, router) as client:
        renamed = ok(await client.patch(f"{CONVERSATIONS}/{older}", json={"title": "  Oldest of all  "}))
        assert await _titles(client) == ["newer", "Oldest of all"]
        for title in ("", "   ", "x" * 201, "a\x00b", 7):
            refused = await client.patch(f"{CONVERSATIONS}/{older}", json={"title": title})
            assert refused.status_code == 422
    assert renamed["title"] == "Oldest of all"


async def test_what_runs_is_stopped_before_a_conversation_is_deleted_with_all_of_it(stage: Stage) -> None:
    ann, flow_id = await stage.person("Ann"), new_id()
    talk, kept = await _start(stage, ann, "Forget this"), await _start(stage, ann, "Keep this")
    await _answer(stage, talk, new_id())
    await stage.lane.commit([begin_turn(talk, ann.user_id, flow_id), insert_chunk(flow_id, 1, ["a"])])

    async def stop(conversation_id: str) -> None:
        """What a stopped turn leaves behind is there before the deletion, and goes with it."""
        await stage.lane.commit([insert_chunk(flow_id, 2, ["b"]), end_turn(conversation_id, flow_id)])
        await _answer(stage, conversation_id, flow_id)

    stage.on_stop = stop
    async with stage.client(ann, router) as client:
        deleted = await client.delete(f"{CONVERSATIONS}/{talk}")
        again = await client.delete(f"{CONVERSATIONS}/{talk}")
        assert await _titles(client) == ["Keep this"]
    assert (deleted.status_code, again.status_code) == (204, 404)
    assert stage.stopped == [talk]
    assert await _count(stage, TurnChunk) == 0
    assert await _count(stage, Message) == 1
    async with stage.client(ann, router) as client:
        assert len(await every_page(client, f"{CONVERSATIONS}/{kept}/messages")) == 1


async def test_a_turn_that_runs_elsewhere_leaves_no_frames_behind(stage: Stage) -> None:
    ann, flow_id = await stage.person("Ann"), new_id()
    talk = await _start(stage, ann, "Forget this")
    await stage.lane.commit([begin_turn(talk, ann.user_id, flow_id), insert_chunk(flow_id, 1, ["a"])])
    async with stage.client(ann, router) as client:
        assert (await client.delete(f"{CONVERSATIONS}/{talk}")).status_code == 204
    assert await _count(stage, TurnChunk) == 0
