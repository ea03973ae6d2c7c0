"""The FastAPI dependency that hands out the budgets."""

from typing import Annotated, cast

from fastapi import Depends
from starlette.requests import HTTPConnection

from omni2.usage.budgets import Budgets


def get_budgets(connection: HTTPConnection) -> Budgets:
    """Return what knows limits and days."""
    return cast("Budgets", connection.app.state.budgets)


BudgetsDep = Annotated[Budgets, Depends(get_budgets)]
