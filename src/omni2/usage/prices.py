"""What models cost: the offline price list, prices that an admin set, and the exact cost of one call."""

from datetime import datetime
from decimal import ROUND_CEILING, Decimal
from itertools import chain

from genai_prices import __version__ as list_version
from genai_prices import data_snapshot
from genai_prices.types import ModelPrice, TieredPrices

from omni2.catalog.price import Price, PriceTier
from omni2.kernel.ids import now

MTOK = 1_000_000
_LISTED = {"openai": "openai", "anthropic": "anthropic", "google": "google"}
_Rates = tuple[int, int, int, int]


def list_price(provider: str, model: str, base_url: str | None = None) -> Price | None:
    """Return the listed price of a model now, or None. Asks no network: the table ships with a package."""
    try:
        listed = _find(provider, model, base_url)
    except LookupError:
        return None
    if listed is None or listed.input_mtok is None or listed.output_mtok is None:
        return None
    tiers = tuple(PriceTier(start, *_rates(listed, start)) for start in _starts(listed))
    return Price(*_rates(listed, None), 0, "list", f"genai-prices {list_version}", tiers)


def demo_price(credit_micros: int) -> Price:
    """Return the price of the demo model: one credit a message."""
    return Price(0, 0, 0, 0, credit_micros, "demo", "demo")


def set_price(input_micros_per_mtok: int, output_micros_per_mtok: int, per_message_micros: int = 0) -> Price:
    """Return a price as an admin sets it; cached input costs what input does."""
    rates = (input_micros_per_mtok, output_micros_per_mtok, input_micros_per_mtok, input_micros_per_mtok)
    return Price(*rates, per_message_micros, "set", f"set {_stamp(now())}")


def fallback_price(micros_per_mtok: int) -> Price:
    """Return at what price a model without one is reserved and charged (micro-USD a million tokens)."""
    return Price(micros_per_mtok, micros_per_mtok, micros_per_mtok, micros_per_mtok, 0, "set", "fallback")


def cost_micros(
    price: Price | None,
    input_tokens: int,
    output_tokens: int,
    cache_read_tokens: int = 0,
    cache_write_tokens: int = 0,
    *,
    first_of_message: bool,
) -> int | None:
    """Return what one model call costs, in whole micro-USD rounded up, or None when the model has no price.

    `input_tokens` counts the cached ones too. The price of a message is charged on the first call only.
    """
    if price is None:
        return None
    plain = max(0, input_tokens - cache_read_tokens - cache_write_tokens)
    rates = _rates_for(price, input_tokens)
    counts = (plain, output_tokens, cache_read_tokens, cache_write_tokens)
    total = sum(count * rate for count, rate in zip(counts, rates, strict=True))
    return -(-total // MTOK) + (price.per_message_micros if first_of_message else 0)


def _rates_for(price: Price, input_tokens: int) -> _Rates:
    reached = [tier for tier in price.tiers if input_tokens > tier.above_tokens]
    rates = max(reached, key=lambda tier: tier.above_tokens) if reached else price
    return (
        rates.input_micros_per_mtok,
        rates.output_micros_per_mtok,
        rates.cache_read_micros_per_mtok,
        rates.cache_write_micros_per_mtok,
    )


def _find(provider: str, model: str, base_url: str | None) -> ModelPrice | None:
    table = data_snapshot.get_snapshot()
    if provider in _LISTED and not base_url:
        _, found = table.find_provider_model(model, None, _LISTED[provider], None)
    elif base_url:
        _, found = table.find_provider_model(model, None, None, base_url)
    else:
        return None
    return found.get_prices(now())


def _starts(listed: ModelPrice) -> list[int]:
    units = (listed.input_mtok, listed.output_mtok, listed.cache_read_mtok, listed.cache_write_mtok)
    tiers = chain.from_iterable(unit.tiers for unit in units if isinstance(unit, TieredPrices))
    return sorted({tier.start for tier in tiers})


def _rates(listed: ModelPrice, start: int | None) -> _Rates:
    plain = _micros(listed.input_mtok, start)
    return (
        plain,
        _micros(listed.output_mtok, start),
        plain if listed.cache_read_mtok is None else _micros(listed.cache_read_mtok, start),
        plain if listed.cache_write_mtok is None else _micros(listed.cache_write_mtok, start),
    )


def _micros(unit: Decimal | TieredPrices | None, start: int | None) -> int:
    if isinstance(unit, TieredPrices):
        reached = [tier.price for tier in unit.tiers if start is not None and tier.start <= start]
        unit = reached[-1] if reached else unit.base
    return int(((unit or Decimal(0)) * MTOK).to_integral_value(ROUND_CEILING))


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
