"""Reads and sets limits, each change on the journal. A limit counts from the next reservation on."""

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.people import get_user
from omni2.kernel.db import Database, Work
from omni2.kernel.journal import Actor, write_journal
from omni2.usage.budgets import EVERYONE, Budgets
from omni2.usage.models import Budget
from omni2.usage.schemas import BudgetView
from omni2.usage.words import in_credits


async def get_budget(session: AsyncSession, budgets: Budgets, user_id: str) -> BudgetView:
    """Return a person's budget of today; raise `Problem` for a person who does not exist."""
    await get_user(session, user_id)
    own = await session.get(Budget, user_id)
    window = await budgets.window_in(session, user_id)
    return BudgetView(
        limit_micros=own.limit_micros if own else None,
        default_limit_micros=await get_default(session, budgets),
        used_micros=window.used_micros,
        reserved_micros=window.reserved_micros,
        remaining_micros=window.remaining_micros,
        resets_at=window.resets_at,
    )


async def get_default(session: AsyncSession, budgets: Budgets) -> int:
    """Return the limit of everyone who has none of their own."""
    row = await session.get(Budget, EVERYONE)
    return row.limit_micros if row else budgets.default_micros


async def set_budget(
    database: Database, budgets: Budgets, user_id: str, limit_micros: int | None, actor: Actor
) -> BudgetView:
    """Set a person's own limit, or with None let the default apply again."""
    async with database.work() as work:
        user = await get_user(work.session, user_id)
        if limit_micros is None:
            await work.session.execute(delete(Budget).where(Budget.user_id == user_id))
        else:
            await _store(work, user_id, limit_micros)
        own = None if limit_micros is None else in_credits(limit_micros, budgets.credit_micros)
        words = "the default" if own is None else f"{own} a day"
        sentence = f"Set the budget of {user.email} to {words}."
        data = {"limit_micros": limit_micros}
        write_journal(work, actor, "budget.changed", sentence, subject_id=user_id, data={**data})
        return await get_budget(work.session, budgets, user_id)


async def set_default(database: Database, budgets: Budgets, limit_micros: int, actor: Actor) -> int:
    """Set the limit of everyone who has none of their own."""
    async with database.work() as work:
        await _store(work, EVERYONE, limit_micros)
        sentence = f"Set the default budget to {in_credits(limit_micros, budgets.credit_micros)} a day."
        write_journal(work, actor, "budget.changed", sentence, data={"limit_micros": limit_micros})
    return limit_micros


async def _store(work: Work, user_id: str, limit_micros: int) -> None:
    insert = postgresql.insert if work.session.get_bind().dialect.name == "postgresql" else sqlite.insert
    await work.session.execute(
        insert(Budget)
        .values(user_id=user_id, limit_micros=limit_micros)
        .on_conflict_do_update(index_elements=["user_id"], set_={"limit_micros": limit_micros})
    )
