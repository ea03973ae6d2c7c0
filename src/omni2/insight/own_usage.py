"""What one person used, by day, model and server: bounded reads of their own windows and ledger."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.insight.schemas import DayCost, OwnUsage, UsageLine
from omni2.kernel.ids import now
from omni2.usage.budgets import Budgets
from omni2.usage.models import BudgetWindow, LedgerEntry

DAYS = 30
LINES = 50


async def get_own_usage(session: AsyncSession, budgets: Budgets, user_id: str) -> OwnUsage:
    """Return what a person used in the latest days."""
    days = _days(budgets, now())
    return OwnUsage(
        by_day=await _by_day(session, budgets, user_id, days),
        lines=await _lines(session, user_id, days[0]),
    )


async def _by_day(
    session: AsyncSession, budgets: Budgets, user_id: str, days: list[datetime]
) -> list[DayCost]:
    found = await session.execute(
        select(BudgetWindow.starts_at, BudgetWindow.used_micros).where(
            BudgetWindow.user_id == user_id, BudgetWindow.starts_at >= days[0]
        )
    )
    spent = [(starts_at, micros) for starts_at, micros in found]
    zone = ZoneInfo(budgets.zone)
    return [
        DayCost(
            day=start.astimezone(zone).date(),
            micros=sum(micros for at, micros in spent if start <= at < end),
        )
        for start, end in pairwise(days)
    ]


async def _lines(session: AsyncSession, user_id: str, since: datetime) -> list[UsageLine]:
    """Return what each model and each server cost, the dearest first."""
    spent, charged = func.sum(LedgerEntry.micros), func.count()
    found = await session.execute(
        select(
            LedgerEntry.model,
            LedgerEntry.server,
            charged,
            spent,
            func.sum(LedgerEntry.input_tokens),
            func.sum(LedgerEntry.output_tokens),
            func.sum(LedgerEntry.unpriced),
        )
        .where(LedgerEntry.user_id == user_id, LedgerEntry.at >= since)
        .group_by(LedgerEntry.model, LedgerEntry.server)
        .order_by(spent.desc(), charged.desc())
        .limit(LINES)
    )
    return [
        UsageLine(
            model=model,
            server=server,
            charges=count,
            micros=int(micros),
            input_tokens=int(tokens_in),
            output_tokens=int(tokens_out),
            unpriced=int(unpriced),
        )
        for model, server, count, micros, tokens_in, tokens_out, unpriced in found
    ]


def _days(budgets: Budgets, as_of: datetime) -> list[datetime]:
    """Return the starts of the latest days, oldest first, and the end of today behind them."""
    start, end = budgets.day(as_of)
    days = [end, start]
    while len(days) <= DAYS:
        start = budgets.day(start - timedelta(microseconds=1))[0]
        days.append(start)
    return days[::-1]
