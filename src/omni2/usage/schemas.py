"""What goes in and out of the routes of budgets. All amounts are micro-USD."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Limit = Annotated[int, Field(ge=0, le=1_000_000_000_000_000)]


class BudgetView(BaseModel):
    """One person's budget of the current day; `limit_micros` is None where the default applies."""

    limit_micros: int | None
    default_limit_micros: int
    used_micros: int
    reserved_micros: int
    remaining_micros: int
    resets_at: datetime
    period: Literal["day"] = "day"


class BudgetPut(BaseModel):
    """A limit of one person's own, or None for the default."""

    model_config = ConfigDict(strict=True, extra="forbid")

    limit_micros: Limit | None


class DefaultBudget(BaseModel):
    """The limit of everyone who has none of their own."""

    model_config = ConfigDict(strict=True, extra="forbid")

    limit_micros: Limit
