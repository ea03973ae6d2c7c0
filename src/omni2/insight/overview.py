"""The overview: a few bounded reads, each by an index, put together."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ColumnElement, case, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import FlowHead
from omni2.identity.models import User
from omni2.insight.attention import list_attention
from omni2.insight.counts import server_counts
from omni2.insight.schemas import ActiveUser, DayCost, HourCount, Overview
from omni2.insight.servers import list_server_views
from omni2.kernel.ids import MICROS, from_micros, now, oldest_key, to_micros
from omni2.live.registry import Registry
from omni2.usage.budgets import EVERYONE, Budgets, limits_of
from omni2.usage.models import Budget, BudgetWindow, LedgerEntry

DAYS = 14
HOURS = 24
ACTIVE_WITHIN = timedelta(minutes=5)
ACTIVE_SHOWN = 20
_HOUR = 3_600 * MICROS
_FAILED = ("failed", "unknown")
_DENIED = ("denied", "blocked")


async def get_overview(session: AsyncSession, registry: Registry, budgets: Budgets) -> Overview:
    """Return what is going on now."""
    as_of = now()
    today = budgets.day(as_of)[0]
    servers = await list_server_views(session, await server_counts(session, today))
    flows, denied, errors = await _flows_since(session, today)
    cost_by_day = await _cost_by_day(session, budgets, as_of)
    active = await _active_users(session, registry, as_of, today)
    return Overview(
        as_of=as_of,
        day_starts_at=today,
        servers=servers,
        cost_today_micros=cost_by_day[-1].micros,
        cost_yesterday_micros=await _cost_yesterday(session, budgets, as_of),
        unpriced_calls_today=await _unpriced_since(session, today),
        budget_today_micros=await _budget(session, budgets),
        active_users=active[:ACTIVE_SHOWN],
        active_count=len(active),
        flows_today=flows,
        denied_today=denied,
        errors_today=errors,
        flows_per_hour=await _flows_per_hour(session, as_of),
        cost_by_day=cost_by_day,
        attention=await list_attention(session, budgets, servers, today),
    )


async def _flows_since(session: AsyncSession, since: datetime) -> tuple[int, int, int]:
    """Return how many flows began, were denied, and failed."""
    found = await session.execute(
        select(func.count(), _count_if(_DENIED), _count_if(_FAILED)).where(*_begun(since))
    )
    total, denied, failed = found.one()
    return total, int(denied or 0), int(failed or 0)


def _begun(since: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the condition that a flow began since then; its key, which has the index, says so roughly."""
    return FlowHead.key >= oldest_key(since), FlowHead.started_at >= since


async def _flows_per_hour(session: AsyncSession, as_of: datetime) -> list[HourCount]:
    last = to_micros(as_of) // _HOUR
    first = last - HOURS + 1
    hour = type_coerce(FlowHead.started_at, BigInteger) // _HOUR
    found = await session.execute(
        select(hour, func.count(), _count_if(_FAILED))
        .where(*_begun(from_micros(first * _HOUR)))
        .group_by(hour)
    )
    counted = {at: (count, int(failed)) for at, count, failed in found}
    return [
        HourCount(hour=from_micros(at * _HOUR), count=count, failed=failed)
        for at in range(first, last + 1)
        for count, failed in [counted.get(at, (0, 0))]
    ]


async def _cost_by_day(session: AsyncSession, budgets: Budgets, as_of: datetime) -> list[DayCost]:
    """Sum the budget windows, which hold each user's day: the ledger itself is not scanned."""
    days = _days(budgets, as_of)
    found = await session.execute(
        select(BudgetWindow.starts_at, func.sum(BudgetWindow.used_micros))
        .where(BudgetWindow.starts_at >= days[0])
        .group_by(BudgetWindow.starts_at)
    )
    spent = [(starts_at, int(micros)) for starts_at, micros in found]
    zone = ZoneInfo(budgets.zone)
    return [
        DayCost(
            day=start.astimezone(zone).date(),
            micros=sum(micros for at, micros in spent if start <= at < end),
        )
        for start, end in pairwise(days)
    ]


async def _cost_yesterday(session: AsyncSession, budgets: Budgets, as_of: datetime) -> int:
    """Return what was spent yesterday up to the same time of day."""
    today = budgets.day(as_of)[0]
    yesterday = budgets.day(today - timedelta(microseconds=1))[0]
    until = min(yesterday + (as_of - today), today)
    micros = await session.scalar(
        select(func.sum(LedgerEntry.micros)).where(LedgerEntry.at >= yesterday, LedgerEntry.at < until)
    )
    return int(micros or 0)


async def _unpriced_since(session: AsyncSession, since: datetime) -> int:
    count = await session.scalar(
        select(func.count()).where(LedgerEntry.at >= since, LedgerEntry.unpriced != 0)
    )
    return count or 0


async def _budget(session: AsyncSession, budgets: Budgets) -> int | None:
    """Return what all active people together may spend in a day."""
    default = (await limits_of(session, (EVERYONE,), budgets.default_micros))[EVERYONE]
    found = await session.execute(
        select(func.count(), func.sum(Budget.limit_micros), func.count(Budget.user_id))
        .select_from(User)
        .join(Budget, Budget.user_id == User.user_id, isouter=True)
        .where(User.status == "active")
    )
    people, own, with_own = found.one()
    return int(own or 0) + (people - with_own) * default if people else None


async def _active_users(
    session: AsyncSession, registry: Registry, as_of: datetime, today: datetime
) -> list[ActiveUser]:
    """Return who is connected here or was seen within minutes: the busy first, then the ones last seen."""
    recently = User.last_seen_at >= as_of - ACTIVE_WITHIN
    found = await session.scalars(
        select(User).where(or_(User.user_id.in_(registry.users()), recently), User.status == "active")
    )
    users = sorted(found, key=lambda user: _liveliness(user, registry))
    turns = await _turns_since(session, [user.user_id for user in users[:ACTIVE_SHOWN]], today)
    return [
        ActiveUser(
            user_id=user.user_id,
            email=user.email,
            name=user.name,
            state=registry.state(user.user_id),
            sockets=registry.count(user.user_id, "socket"),
            turns_today=turns.get(user.user_id, 0),
            last_seen_at=user.last_seen_at,
        )
        for user in users
    ]


async def _turns_since(session: AsyncSession, user_ids: Sequence[str], since: datetime) -> dict[str, int]:
    rows = await session.execute(
        select(FlowHead.user_id, func.count())
        .where(FlowHead.user_id.in_(user_ids), *_begun(since), FlowHead.source == "chat")
        .group_by(FlowHead.user_id)
    )
    return dict(rows.all())


def _liveliness(user: User, registry: Registry) -> tuple[int, int, str]:
    order = ("thinking", "idle", "offline").index(registry.state(user.user_id))
    return order, -to_micros(user.last_seen_at) if user.last_seen_at else 0, user.email


def _days(budgets: Budgets, as_of: datetime) -> list[datetime]:
    """Return the starts of the latest days, oldest first, and the end of today behind them."""
    start, end = budgets.day(as_of)
    days = [end, start]
    while len(days) <= DAYS:
        start = budgets.day(start - timedelta(microseconds=1))[0]
        days.append(start)
    return days[::-1]


def _count_if(statuses: Sequence[str]) -> ColumnElement[int]:
    return func.sum(case((FlowHead.status.in_(statuses), 1), else_=0))
