"""What a provider or a server says of itself is taken down, never believed beyond what was reserved."""

from pathlib import Path

import pytest

from omni2.catalog.price import Price
from omni2.engine.prompting import CUT, TEXT_LIMIT, upper_bound_tokens
from omni2.flows.checkpoints import LlmComplete
from omni2.kernel.errors import Problem
from omni2.upstream.ports import ModelDone, ModelUsage, TextDelta, ToolMessage, ToolWish
from tests.support.house import House, open_house
from tests.support.scripted_model import says, wants

A_MICRO_A_TOKEN = Price(1_000_000, 1_000_000, 1_000_000, 1_000_000, 0, "set", "test")
LIMIT = 50_000


def claims(*counts: int) -> list[TextDelta | ModelDone]:
    """Return the script of a model whose provider reports these numbers of tokens."""
    return [TextDelta("Hi."), ModelDone("stop", ModelUsage(*counts, estimated=False), None)]


async def complete_of(house: House, flow_id: str) -> tuple[str, LlmComplete]:
    """Return verdict and data of the one answer of a flow."""
    item = await house.only(flow_id, "llm_complete")
    assert isinstance(item.data, LlmComplete)
    return item.verdict, item.data


async def test_usage_above_what_was_reserved_is_told_and_charged_no_further(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=A_MICRO_A_TOKEN) as house:
        await house.budget(house.ann, LIMIT)
        house.model.play(claims(10**12, 10**12, 0, 0, 0))
        frames = await (await house.chat()).ask()
        assert frames[-1]["status"] == "ok"
        check = (await house.only(frames[0]["flow_id"], "usage_check")).data.model_dump()
        verdict, complete = await complete_of(house, frames[0]["flow_id"])
        assert verdict == "warned"
        assert (complete.input_tokens, complete.output_tokens) == (10**12, 10**12)
        assert complete.cost_micros == check["reserved_micros"] <= LIMIT
        assert "more than the" in (complete.detail or "")
        assert f"{2 * 10**12:,}" in (complete.detail or "")
        assert [entry.micros for entry in await house.served.ledger(house.ann)] == [complete.cost_micros]
        head, _ = await house.served.flow(frames[0]["flow_id"])
        assert head.cost_micros == complete.cost_micros
        await house.served.require_balanced()


@pytest.mark.parametrize(
    "counts",
    [(2**70, 5, 0, 0, 0), (10, 2**70, 2**70, 2**70, 2**70), (-5, -(2**70), -1, -1, -1), (10, 5, 2**63, 0, 0)],
    ids=["input", "everything", "negative", "cache"],
)
async def test_numbers_that_no_column_holds_are_cut_and_no_credits_come_back(
    database_url: str, tmp_path: Path, counts: tuple[int, ...]
) -> None:
    async with open_house(database_url, tmp_path, price=A_MICRO_A_TOKEN) as house:
        await house.budget(house.ann, LIMIT)
        house.model.play(claims(*counts))
        frames = await (await house.chat()).ask()
        assert (frames[-1]["type"], frames[-1]["status"]) == ("done", "ok")
        verdict, complete = await complete_of(house, frames[0]["flow_id"])
        assert verdict == "warned"
        assert "that no call has" in (complete.detail or "")
        (entry,) = await house.served.ledger(house.ann)
        assert 0 <= entry.micros <= LIMIT
        async with house.served.client(house.boss) as client:
            assert (await client.get(f"/api/flows/{frames[0]['flow_id']}")).status_code == 200
            assert (await client.get("/api/insight/overview")).status_code == 200
        await house.served.require_balanced()


async def test_a_believable_report_is_charged_as_it_is(database_url: str, tmp_path: Path) -> None:
    async with open_house(database_url, tmp_path, price=A_MICRO_A_TOKEN) as house:
        house.model.play(claims(10, 5, 0, 0, 0))
        frames = await (await house.chat()).ask()
        verdict, complete = await complete_of(house, frames[0]["flow_id"])
        assert (verdict, complete.cost_micros, complete.detail) == ("info", 15, None)


async def test_a_model_that_fails_behind_a_wish_for_a_tool_has_worked_and_is_charged(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=A_MICRO_A_TOKEN) as house:
        wish = ToolWish("c1", "shop__echo", {"text": "x" * 4_000})
        house.model.play([wish, Problem("model_failed", 502, "It broke off.")])
        frames = await (await house.chat()).ask()
        assert frames[-1]["status"] == "failed"
        (entry,) = await house.served.ledger(house.ann)
        assert entry.output_tokens >= 1_000
        assert entry.micros > 1_000
        await house.served.require_balanced()


async def test_an_unpriced_model_that_reports_too_much_harms_no_budget(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=None) as house:
        house.model.play(claims(2**80, 2**80, 0, 0, 0))
        frames = await (await house.chat()).ask()
        assert frames[-1]["status"] == "ok"
        verdict, complete = await complete_of(house, frames[0]["flow_id"])
        assert (verdict, complete.cost_micros) == ("warned", None)
        await house.served.require_balanced()


async def test_a_long_result_reaches_the_model_cut_in_its_turn_as_ever_after(house: House) -> None:
    text = "x" * 200_000
    house.model.play(wants("shop__echo", text=text), says("Long."), says("Still."))
    chat = await house.chat()
    frames = await chat.ask()
    assert frames[-1]["status"] == "ok"
    await chat.ask("And now?", frames[-1]["conversation_id"])
    live, later = (_result_in(house, number) for number in (1, 2))
    assert len(live.text) == TEXT_LIMIT
    assert live.text.endswith(CUT)
    assert live == later
    assert upper_bound_tokens(house.model.requests[1]) < 300_000


def _result_in(house: House, number: int) -> ToolMessage:
    (found,) = [item for item in house.model.requests[number].messages if isinstance(item, ToolMessage)]
    return found
