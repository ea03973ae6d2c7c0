"""What the read side is handed besides the database: presence, budgets."""

from typing import Annotated, cast

from fastapi import Depends, Request

from omni2.live.registry import Registry
from omni2.usage.budgets import Budgets


def get_registry(request: Request) -> Registry:
    """Return who is connected to this replica."""
    return cast("Registry", request.app.state.registry)


def get_budgets(request: Request) -> Budgets:
    """Return what knows limits and the organisation's day."""
    return cast("Budgets", request.app.state.budgets)


RegistryDep = Annotated[Registry, Depends(get_registry)]
BudgetsDep = Annotated[Budgets, Depends(get_budgets)]
