"""What is left of a person's credits, as identity asks for it and usage answers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Allowance:
    """Micro-USD left and allowed in the current period; None where nothing limits."""

    remaining_micros: int | None
    limit_micros: int | None
    resets_at: datetime | None
    credit_micros: int
    time_zone: str


class AllowanceSource(Protocol):
    """Tells the allowance of a person."""

    async def __call__(self, user_id: str) -> Allowance:
        """Return the allowance as it is now."""
        ...
