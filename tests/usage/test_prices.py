"""Prices: from the offline list or set, costs exact and rounded up, unknown ones never zero."""

from decimal import Decimal
from fractions import Fraction

from genai_prices import Usage, calc_price
from hypothesis import given
from hypothesis import strategies as st

from omni2.catalog.price import Price, PriceTier, price_from_json
from omni2.usage.prices import cost_micros, demo_price, list_price, set_price

TOKENS = st.integers(0, 2_000_000)
RATES = st.integers(0, 100_000_000)


def test_a_listed_model_has_its_price_and_says_where_it_is_from() -> None:
    price = list_price("openai", "gpt-5-mini")
    assert price is not None
    assert (price.input_micros_per_mtok, price.output_micros_per_mtok) == (250_000, 2_000_000)
    assert price.source == "list"
    assert price.version.startswith("genai-prices ")


def test_an_unknown_model_and_a_local_server_have_no_price() -> None:
    assert list_price("openai", "no-such-model") is None
    assert list_price("openai_compatible", "gpt-5-mini", "http://127.0.0.1:11434/v1") is None
    assert list_price("openai_compatible", "llama3") is None
    assert cost_micros(None, 1_000, 1_000, first_of_message=True) is None


def test_the_demo_model_costs_one_credit_a_message_however_often_it_is_asked() -> None:
    price = demo_price(1_000)
    calls = [cost_micros(price, 500, 20, first_of_message=number == 0) for number in range(4)]
    assert calls == [1_000, 0, 0, 0]


def test_a_set_price_counts_cached_input_as_input() -> None:
    price = set_price(1_000_000, 2_000_000, 7)
    assert cost_micros(price, 10, 5, 4, 3, first_of_message=True) == 10 + 10 + 7
    assert price.source == "set"


def test_a_cost_is_rounded_up_to_the_next_micro_dollar() -> None:
    price = set_price(1, 0)
    assert [
        cost_micros(price, tokens, 0, first_of_message=True) for tokens in (0, 1, 1_000_000, 1_000_001)
    ] == [
        0,
        1,
        1,
        2,
    ]


def test_a_long_input_is_charged_at_the_rates_of_its_tier() -> None:
    price = Price(
        100, 100, 100, 100, 0, "list", "v", (PriceTier(10, 200, 300, 200, 200), PriceTier(20, 900, 900, 0, 0))
    )
    assert cost_micros(price, 1_000_000, 0, first_of_message=True) == 900
    assert cost_micros(price, 10, 1_000_000, first_of_message=True) == 101
    assert cost_micros(price, 11, 1_000_000, first_of_message=True) == 301


@given(TOKENS, TOKENS, TOKENS, TOKENS)
def test_listed_costs_are_those_of_the_list_to_the_micro(
    read: int, write: int, plain: int, output: int
) -> None:
    usage = Usage(
        input_tokens=read + write + plain,
        cache_read_tokens=read,
        cache_write_tokens=write,
        output_tokens=output,
    )
    for model in ("claude-sonnet-4-5", "claude-haiku-5-5"):
        listed = calc_price(usage, model, provider_id="anthropic").total_price * Decimal(1_000_000)
        price = list_price("anthropic", model)
        cost = cost_micros(price, read + write + plain, output, read, write, first_of_message=True)
        assert cost is not None
        assert 0 <= Fraction(cost) - Fraction(listed) < 1


@given(RATES, RATES, TOKENS, TOKENS)
def test_a_larger_usage_never_costs_less(input_rate: int, output_rate: int, tokens: int, more: int) -> None:
    price = set_price(input_rate, output_rate)
    small = cost_micros(price, tokens, tokens, first_of_message=True)
    large = cost_micros(price, tokens + more, tokens + more, first_of_message=True)
    assert small is not None
    assert large is not None
    assert small <= large


def test_a_price_survives_being_stored() -> None:
    for price in (demo_price(5), set_price(1, 2), list_price("anthropic", "claude-haiku-5-5")):
        assert price is not None
        assert price_from_json(price.to_json()) == price
