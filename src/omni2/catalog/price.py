"""What a model costs: integer micro-USD for each million tokens, and where the figures come from."""

from dataclasses import asdict, dataclass
from typing import Literal, cast

from pydantic import JsonValue, TypeAdapter

PriceSource = Literal["demo", "list", "set"]


@dataclass(frozen=True, slots=True)
class PriceTier:
    """The rates of a whole call whose input is longer than `above_tokens`."""

    above_tokens: int
    input_micros_per_mtok: int
    output_micros_per_mtok: int
    cache_read_micros_per_mtok: int
    cache_write_micros_per_mtok: int


@dataclass(frozen=True, slots=True)
class Price:
    """A price. `version` names the table that it was taken from, or the time when it was set."""

    input_micros_per_mtok: int
    output_micros_per_mtok: int
    cache_read_micros_per_mtok: int
    cache_write_micros_per_mtok: int
    per_message_micros: int
    source: PriceSource
    version: str
    tiers: tuple[PriceTier, ...] = ()

    def to_json(self) -> JsonValue:
        """Return the stored form."""
        return cast("JsonValue", asdict(self))


_STORED = TypeAdapter[Price | None](Price | None)


def price_from_json(value: JsonValue) -> Price | None:
    """Return the price of a stored form, or None for none."""
    return _STORED.validate_python(value)
