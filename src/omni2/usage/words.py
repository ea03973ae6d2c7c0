"""Credits in words: the one formatter of amounts in sentences."""

from decimal import ROUND_HALF_UP, Decimal

_SHOWN = Decimal("0.1")
_FINEST = Decimal("0.000001")


def in_credits(micros: int, credit_micros: int) -> str:
    """Return micro-USD as "1,204.0 credits"; a small amount keeps the digits that keep it from being 0."""
    exact = Decimal(micros) / Decimal(credit_micros)
    shown = exact.quantize(_SHOWN, ROUND_HALF_UP)
    if shown == 0 and exact != 0:
        shown = max(exact.quantize(_FINEST, ROUND_HALF_UP), _FINEST).normalize()
    return f"{shown:,f} {'credit' if shown == 1 else 'credits'}"
