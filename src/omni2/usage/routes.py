"""Routes of budgets."""

from typing import Annotated

from fastapi import APIRouter

from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import DatabaseDep
from omni2.usage.deps import BudgetsDep
from omni2.usage.schemas import BudgetPut, BudgetView, DefaultBudget
from omni2.usage.service import get_budget, get_default, set_budget, set_default

router = APIRouter(prefix="/api", tags=["budgets"])
Reader = Annotated[Principal, require("budgets.read")]
Manager = Annotated[Principal, require("budgets.manage")]


@router.get("/users/{user_id}/budget")
async def get_user_budget(
    user_id: str, database: DatabaseDep, budgets: BudgetsDep, principal: Reader
) -> BudgetView:
    """Return a person's budget of today."""
    del principal
    async with database.read() as session:
        return await get_budget(session, budgets, user_id)


@router.put("/users/{user_id}/budget")
async def put_user_budget(
    user_id: str, body: BudgetPut, database: DatabaseDep, budgets: BudgetsDep, principal: Manager
) -> BudgetView:
    """Set a person's own limit, or let the default apply again."""
    return await set_budget(database, budgets, user_id, body.limit_micros, principal.actor)


@router.get("/budgets/default")
async def get_default_budget(database: DatabaseDep, budgets: BudgetsDep, principal: Reader) -> DefaultBudget:
    """Return the limit of everyone who has none of their own."""
    del principal
    async with database.read() as session:
        return DefaultBudget(limit_micros=await get_default(session, budgets))


@router.put("/budgets/default")
async def put_default_budget(
    body: DefaultBudget, database: DatabaseDep, budgets: BudgetsDep, principal: Manager
) -> DefaultBudget:
    """Set the limit of everyone who has none of their own."""
    limit_micros = await set_default(database, budgets, body.limit_micros, principal.actor)
    return DefaultBudget(limit_micros=limit_micros)
