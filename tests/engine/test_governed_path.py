"""The governed path of a chat turn: every step on record, in order, before what it allows happens."""

from typing import Any

from omni2.upstream.ports import ModelDone, TextDelta, ToolWish
from tests.support.house import RULE, House, text_of, types_of
from tests.support.scripted_model import USAGE, Gate, says, wants

OPENING = ["auth_check", "block_check", "mcp_access_check", "tool_filter"]
ASKED = ["usage_check", "llm_thinking", "llm_complete"]


async def test_a_turn_with_a_tool_call_leaves_exactly_these_checkpoints(house: House) -> None:
    house.model.play(wants("shop__echo", text="tea"), says("There is tea."))
    frames = await (await house.chat()).ask("Is there tea?")
    flow_id = frames[0]["flow_id"]
    assert await house.kinds(flow_id) == [
        *(*OPENING, *ASKED, "tool_call", "tool_result", *ASKED),
        *("usage_settled", "done"),
    ]
    assert types_of(frames) == ["thinking", "tool_call", "tool_result", "thinking", "text", "usage", "done"]
    assert text_of(frames) == "There is tea."
    assert frames[-1]["status"] == "ok"
    await house.served.require_balanced()


async def test_the_intent_is_durable_before_the_server_sees_the_call(house: House) -> None:
    seen: list[list[str]] = []

    async def look(name: str, arguments: dict[str, Any]) -> None:
        del name, arguments
        flow = (await house.served.flows(house.ann))[-1]
        seen.append(await house.kinds(flow.flow_id))

    house.workshop.on_call = look
    house.model.play(wants("shop__echo", text="tea"), says("Yes."))
    await (await house.chat()).ask()
    assert seen == [[*OPENING, *ASKED, "tool_call"]]


async def test_a_denied_tool_never_reaches_the_server_and_the_rule_is_in_the_flow(house: House) -> None:
    house.model.play(wants("shop__secret_echo", text="tea"), says("I may not."))
    frames = await (await house.chat()).ask()
    assert house.workshop.calls == []
    call = await house.only(frames[0]["flow_id"], "tool_call")
    assert call.verdict == "denied"
    assert call.data.model_dump()["rule"] == RULE
    result = next(frame for frame in frames if frame["type"] == "tool_result")
    assert (result["status"], result["rule"]) == ("denied", RULE)
    assert frames[-1]["status"] == "ok"
    told = house.model.requests[1].messages[-1]
    assert RULE in told.text


async def test_a_grant_that_is_removed_during_a_turn_counts_from_the_next_call(house: House) -> None:
    gate = Gate()
    house.model.play([gate, *wants("shop__echo", text="tea")], says("I may not."))
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    async with house.served.client(house.boss) as client:
        assert (await client.delete(f"/api/grants/{house.grant_id}")).status_code == 204
    gate.open()
    frames = await chat.turn(accepted["flow_id"])
    assert house.workshop.calls == []
    call = await house.only(accepted["flow_id"], "tool_call")
    assert (call.verdict, call.data.model_dump()["rule"]) == ("denied", "default deny")
    assert frames[-1]["status"] == "ok"


async def test_a_user_who_is_deactivated_during_a_turn_gets_no_further(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("Wait. "), gate, *wants("shop__echo", text="tea")], says("Never."))
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    async with house.served.client(house.boss) as client:
        answer = await client.patch(f"/api/users/{house.ann.user_id}", json={"status": "deactivated"})
    assert answer.status_code == 200
    assert await chat.closed() == 4403
    gate.open()
    await house.served.ended(house.ann, accepted["flow_id"])
    head, checkpoints = await house.served.flow(accepted["flow_id"])
    assert head.status == "cancelled"
    assert checkpoints[-1].kind == "done"
    assert house.workshop.calls == []
    await house.served.require_balanced()


async def test_after_signing_out_a_running_turn_calls_no_further_tool(house: House) -> None:
    gate = Gate()
    house.model.play([gate, *wants("shop__echo", text="tea")], says("Never."))
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    async with house.served.client(house.ann) as client:
        assert (await client.post("/api/auth/logout")).status_code == 204
    assert await chat.closed() == 4401
    gate.open()
    await house.served.ended(house.ann, accepted["flow_id"])
    head, checkpoints = await house.served.flow(accepted["flow_id"])
    assert head.status == "denied"
    assert [item.kind for item in checkpoints][-3:] == ["error", "usage_settled", "done"]
    assert house.workshop.calls == []


async def test_a_role_that_changes_during_a_turn_counts_from_the_next_call(house: House) -> None:
    gate = Gate()
    house.model.play([gate, *wants("shop__fail")], says("No."))
    async with house.served.client(house.boss) as client:
        only_members = {
            "subject": "role",
            "role": "auditor",
            "server": "shop",
            "deny": ["fail"],
            "name": "no",
        }
        assert (await client.post("/api/grants", json=only_members)).status_code in {200, 201}
        chat = await house.chat()
        accepted = await chat.say()
        await gate.reached.wait()
        answer = await client.patch(f"/api/users/{house.ann.user_id}", json={"role": "auditor"})
        assert answer.status_code == 200
    gate.open()
    await chat.turn(accepted["flow_id"])
    assert (await house.only(accepted["flow_id"], "tool_call")).data.model_dump()["rule"] == "no"
    assert house.workshop.calls == []


async def test_a_tool_of_an_unknown_server_is_denied_and_told(house: House) -> None:
    house.model.play(wants("nowhere__dig"), says("No such tool."))
    frames = await (await house.chat()).ask()
    call = await house.only(frames[0]["flow_id"], "tool_call")
    assert (call.verdict, call.data.model_dump()["server"]) == ("denied", "nowhere")
    assert frames[-1]["status"] == "ok"


async def test_arguments_that_cannot_be_read_are_told_to_the_model_and_never_sent(house: House) -> None:
    wish = ToolWish("call_1", "shop__echo", {}, invalid="not JSON")
    house.model.play([wish, ModelDone("tool_calls", USAGE, None)], says("Sorry."))
    frames = await (await house.chat()).ask()
    assert house.workshop.calls == []
    call = await house.only(frames[0]["flow_id"], "tool_call")
    assert (call.verdict, frames[2]["status"]) == ("failed", "tool_error")
    assert "not JSON" in house.model.requests[1].messages[-1].text


async def test_parallel_calls_are_each_on_record_and_answered_in_the_order_asked(house: House) -> None:
    wishes = [ToolWish(f"call_{n}", "shop__echo", {"text": str(n)}) for n in range(5)]
    house.model.play([*wishes, ModelDone("tool_calls", USAGE, None)], says("Done."))
    frames = await (await house.chat()).ask()
    kinds = await house.kinds(frames[0]["flow_id"])
    assert (kinds.count("tool_call"), kinds.count("tool_result")) == (5, 5)
    told = house.model.requests[1].messages[-5:]
    assert [message.text for message in told] == [f"echo: {n}" for n in range(5)]
    types_of(frames)


async def test_a_failing_tool_is_an_answer_and_not_the_end(house: House) -> None:
    house.model.play(wants("shop__fail"), says("It failed."))
    frames = await (await house.chat()).ask()
    assert frames[2]["status"] == "tool_error"
    assert frames[-1]["status"] == "ok"


async def test_a_model_that_never_stops_calling_tools_is_stopped(house: House) -> None:
    rounds = house.served.settings.max_iterations
    house.model.play(*(wants("shop__echo", f"c{n}", text="again") for n in range(rounds)))
    frames = await (await house.chat()).ask()
    assert (frames[-1]["status"], frames[-1]["code"]) == ("failed", "too_many_steps")
    assert len(house.workshop.calls) == rounds
    await house.served.require_balanced()
