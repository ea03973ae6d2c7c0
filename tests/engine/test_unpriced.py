"""A model whose price is not known: shown as unpriced, counted at the fallback price, or refused."""

from pathlib import Path

from tests.support.house import open_house
from tests.support.scripted_model import USAGE

FALLBACK = 7_000_000


async def test_a_model_without_a_price_is_shown_as_unpriced_and_charged_at_the_fallback_price(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=None, fallback_price_micros=FALLBACK) as house:
        frames = await (await house.chat()).ask()
        assert frames[-1]["status"] == "ok"
        complete = (await house.only(frames[0]["flow_id"], "llm_complete")).data.model_dump()
        assert complete["cost_micros"] is None
        check = (await house.only(frames[0]["flow_id"], "usage_check")).data.model_dump()
        assert check["unpriced"] is True
        assert check["reserved_micros"] > 0
        cost = (USAGE.input_tokens + USAGE.output_tokens) * FALLBACK // 1_000_000
        assert [(entry.micros, entry.unpriced) for entry in await house.served.ledger(house.ann)] == [
            (cost, 1)
        ]
        await house.served.require_balanced()


async def test_without_a_fallback_price_an_unpriced_model_is_refused_before_it_is_asked(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path, price=None, fallback_price_micros=0) as house:
        frames = await (await house.chat()).ask()
        assert frames[-1]["status"] == "denied"
        assert house.model.requests == []
        check = await house.only(frames[0]["flow_id"], "usage_check")
        assert (check.verdict, check.data.model_dump()["denied_by"]) == ("denied", "no price")
        head, _ = await house.served.flow(frames[0]["flow_id"])
        assert "has no price" in head.sentence
        await house.served.require_balanced()
