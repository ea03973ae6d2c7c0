"""Budgets cannot be overrun: exact under concurrency, refunded when cut short, lowered to what fits."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from omni2.catalog.price import Price
from omni2.upstream.ports import ModelDone, ModelUsage, TextDelta
from tests.support.app import CREDIT
from tests.support.clients import ChatClient, Frame
from tests.support.house import House, open_house
from tests.support.scripted_model import Gate, says

MESSAGES, PAID, SOCKETS = 200, 10, 4
A_MICRO_A_TOKEN = Price(1_000_000, 1_000_000, 0, 0, 0, "set", "test")


async def ask_all(chats: list[ChatClient], conversation_id: str | None) -> list[Frame]:
    """Send all messages at once over these sockets; return the last frame of every turn."""

    async def ask(chat: ChatClient, number: int) -> Frame:
        return (await chat.ask(f"Question {number}", conversation_id))[-1]

    return await asyncio.gather(*(ask(chats[n % len(chats)], n) for n in range(MESSAGES)))


@pytest.mark.parametrize("together", [True, False], ids=["one conversation", "many conversations"])
async def test_of_200_messages_at_once_exactly_those_run_that_are_paid_for(
    house: House, *, together: bool
) -> None:
    chats = [await house.chat() for _ in range(SOCKETS)]
    spent, conversation_id = 0, None
    if together:
        conversation_id = (await chats[0].ask())[-1]["conversation_id"]
        spent = 1
    await house.budget(house.ann, (spent + PAID) * CREDIT)
    ends = await ask_all(chats, conversation_id)
    assert Counter(end["status"] for end in ends) == {"ok": PAID, "denied": MESSAGES - PAID}
    assert {end["code"] for end in ends if end["status"] == "denied"} == {"budget_exhausted"}
    assert len(house.model.requests) == spent + PAID
    flows = await house.served.flows(house.ann)
    assert Counter(flow.status for flow in flows) == {"ok": spent + PAID, "denied": MESSAGES - PAID}
    ledger = await house.served.ledger(house.ann)
    assert sum(entry.micros for entry in ledger) == (spent + PAID) * CREDIT
    await house.served.require_balanced()


async def test_a_denied_message_says_what_is_left_and_when_there_is_more(house: House) -> None:
    await house.budget(house.ann, CREDIT - 1)
    frames = await (await house.chat()).ask()
    assert [frame["type"] for frame in frames] == ["usage", "done"]
    assert "Not enough credits" in frames[-1]["detail"]
    check = await house.only(frames[0]["flow_id"], "usage_check")
    assert check.verdict == "denied"
    data = check.data.model_dump()
    assert (data["denied_by"], data["reserved_micros"]) == ("daily credits", 0)
    assert data["budgets"][0]["remaining_micros"] == CREDIT - 1


async def test_what_is_stopped_is_charged_for_what_came_and_the_rest_is_given_back(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=A_MICRO_A_TOKEN) as house:
        gate = Gate()
        house.model.play([TextDelta("x" * 4_000), gate])
        chat = await house.chat()
        accepted = await chat.say()
        await gate.reached.wait()
        await chat.send(type="stop", flow_id=accepted["flow_id"])
        await chat.turn(accepted["flow_id"])
        (entry,) = await house.served.ledger(house.ann)
        check = (await house.only(accepted["flow_id"], "usage_check")).data.model_dump()
        assert 1_000 <= entry.micros < check["reserved_micros"]
        settled = (await house.only(accepted["flow_id"], "usage_settled")).data.model_dump()
        assert settled["charged_micros"] == entry.micros
        assert settled["refunded_micros"] == check["reserved_micros"] - entry.micros
        await house.served.require_balanced()


async def test_the_output_is_limited_to_what_the_credits_allow(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, tmp_path, price=A_MICRO_A_TOKEN) as house:
        chat = await house.chat()
        frames = await chat.ask()
        check = (await house.only(frames[0]["flow_id"], "usage_check")).data.model_dump()
        most = house.served.settings.max_output_tokens
        bound = check["reserved_micros"] - most
        used = sum(entry.micros for entry in await house.served.ledger(house.ann))
        await house.budget(house.ann, used + bound + 300)
        await chat.ask()
        assert house.model.requests[-1].max_output_tokens == 300
        used = sum(entry.micros for entry in await house.served.ledger(house.ann))
        await house.budget(house.ann, used + bound + 255)
        last = (await chat.ask())[-1]
        assert (last["status"], last["code"]) == ("denied", "budget_exhausted")
        assert len(house.model.requests) == 2
        await house.served.require_balanced()


async def test_a_model_that_uses_all_it_was_given_never_passes_the_limit(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=A_MICRO_A_TOKEN) as house:
        await house.budget(house.ann, 9_000)
        usage = ModelUsage(10, 4096, 0, 0, 0, estimated=False)
        house.model.otherwise = [TextDelta("x"), ModelDone("length", usage, None)]
        chats = [await house.chat() for _ in range(SOCKETS)]
        ends = await asyncio.gather(*(chats[n % SOCKETS].ask() for n in range(20)))
        assert {end[-1]["status"] for end in ends} == {"ok", "denied"}
        used = sum(entry.micros for entry in await house.served.ledger(house.ann))
        assert used <= 9_000
        await house.served.require_balanced()


async def test_a_limit_that_is_raised_counts_from_the_next_message(house: House) -> None:
    house.model.otherwise = says("Yes.")
    await house.budget(house.ann, 0)
    chat = await house.chat()
    assert (await chat.ask())[-1]["code"] == "budget_exhausted"
    await house.budget(house.ann, CREDIT)
    assert (await chat.ask())[-1]["status"] == "ok"
    assert (await chat.ask())[-1]["code"] == "budget_exhausted"
