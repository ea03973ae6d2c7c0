"""Credits in words: what people read, never a micro-USD and never a small amount as nothing."""

import pytest

from omni2.usage.words import in_credits


@pytest.mark.parametrize(
    ("micros", "credit_micros", "words"),
    [
        (5_000, 1_000, "5.0 credits"),
        (1_234_567, 1_000, "1,234.6 credits"),
        (1_000, 1_000, "1.0 credit"),
        (0, 1_000, "0.0 credits"),
        (20, 1_000, "0.02 credits"),
        (1, 3, "0.3 credits"),
        (1, 10**9, "0.000001 credits"),
        (10**15, 1, "1,000,000,000,000,000.0 credits"),
    ],
)
def test_an_amount_reads_as_credits(micros: int, credit_micros: int, words: str) -> None:
    assert in_credits(micros, credit_micros) == words
