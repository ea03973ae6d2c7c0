"""Models that lie, and people who stop early: nobody gets credits for it, and no call is lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from omni2.catalog.price import Price
from omni2.engine import turns
from omni2.upstream.ports import ModelDone, TextDelta, ToolWish
from tests.support.house import House, open_house
from tests.support.scripted_model import USAGE, Gate, says

TOKENS = Price(1_000_000, 1_000_000, 0, 0, 0, "set", "test")


@pytest.mark.parametrize("figure", [-5_000, 10**30])
async def test_no_usage_that_a_model_reports_gives_credits_back_or_breaks_the_books(
    database_url: str, tmp_path: Path, figure: int
) -> None:
    async with open_house(database_url, tmp_path, price=TOKENS) as house:
        usage = replace(USAGE, output_tokens=figure, reasoning_tokens=figure)
        house.model.play([TextDelta("Hm."), ModelDone("stop", usage, 1.0)])
        assert (await (await house.chat()).ask())[-1]["status"] == "ok"
        (entry,) = await house.served.ledger(house.ann)
        assert entry.micros >= 0
        await house.served.require_balanced()


async def test_who_stops_before_the_first_word_pays_for_the_question(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=TOKENS) as house:
        gate = Gate()
        house.model.play([gate])
        chat = await house.chat()
        accepted = await chat.say("x" * 20_000)
        await gate.reached.wait()
        await chat.send(type="stop", flow_id=accepted["flow_id"])
        assert (await chat.turn(accepted["flow_id"]))[-1]["status"] == "cancelled"
        (entry,) = await house.served.ledger(house.ann)
        assert entry.micros >= 5_000
        await house.served.require_balanced()


async def test_a_model_that_does_not_stop_writing_is_cut_off(house: House) -> None:
    gate = Gate()
    house.model.play([*([TextDelta("x" * 60_000)] * 20), gate])
    last = (await (await house.chat()).ask())[-1]
    assert (last["status"], last["code"]) == ("failed", "model_failed")
    assert not gate.reached.is_set()


async def test_calls_under_one_id_are_told_apart(house: House) -> None:
    wish = ToolWish("same", "shop__echo", {"text": "hi"})
    done = ModelDone("tool_calls", USAGE, 1.0)
    house.model.play([wish, wish, done], [wish, done], says("Done."))
    flow_id = (await (await house.chat()).ask())[0]["flow_id"]
    _, checkpoints = await house.served.flow(flow_id)
    facts = [item.data.model_dump() for item in checkpoints]
    called = [fact["call_id"] for fact in facts if fact["kind"] == "tool_call"]
    returned = [fact["call_id"] for fact in facts if fact["kind"] == "tool_result"]
    assert len(set(called)) == 3
    assert sorted(called) == sorted(returned)


async def test_a_model_that_wants_a_thousand_calls_at_once_gets_none(house: House) -> None:
    house.model.play([ToolWish(f"call_{number}", "shop__echo", {"text": "hi"}) for number in range(1_000)])
    frames = await (await house.chat()).ask()
    assert frames[-1]["code"] == "too_many_calls"
    assert [frame for frame in frames if frame["type"] == "tool_call"] == []


async def test_the_answers_of_one_person_at_once_are_bounded_and_those_of_others_go_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "TURNS_LIMIT", 2)
    gates = (Gate(), Gate())
    house.model.play(*([gate] for gate in gates))
    chat = await house.chat()
    running = [await chat.say() for _ in gates]
    await chat.send(type="say", id="third", text="And this?")
    assert (await chat.wait_for("refused"))["code"] == "too_many_turns"
    assert (await (await house.chat(house.boss)).ask())[-1]["status"] == "ok"
    for gate, accepted in zip(gates, running, strict=True):
        gate.open()
        await chat.turn(accepted["flow_id"])
    assert len(await house.served.flows(house.ann)) == 2
    assert (await (await house.chat()).ask())[-1]["status"] == "ok"
