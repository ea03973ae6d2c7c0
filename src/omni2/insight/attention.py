"""What needs a person now, each in one sentence with the page that shows it."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from sqlalchemy import BigInteger, func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.hub.schemas import ServerView
from omni2.identity.models import User
from omni2.insight.schemas import Attention
from omni2.usage.budgets import EVERYONE, Budgets, limits_of
from omni2.usage.models import Budget, BudgetWindow, LedgerEntry
from omni2.usage.words import in_credits

SHOWN = 5


async def list_attention(
    session: AsyncSession, budgets: Budgets, servers: Sequence[ServerView], today: datetime
) -> list[Attention]:
    """Return servers that are down, changed tools, people at their limit, models used without a price."""
    return [
        *_servers_down(servers),
        *_tools_held(servers),
        *await _users_at_limit(session, budgets, today),
        *await _unpriced_models(session, today),
    ]


_AWAY = {"down": "is down", "sign_in_needed": "waits for a sign-in"}


def _servers_down(servers: Sequence[ServerView]) -> list[Attention]:
    return [
        Attention(
            code="server_down",
            sentence=f"{server.title} {_AWAY[server.state]}: {server.reason or 'it does not answer'}",
            href=f"/admin/servers/{quote(server.server_id)}",
        )
        for server in servers
        if server.enabled and server.state in _AWAY
    ]


def _tools_held(servers: Sequence[ServerView]) -> list[Attention]:
    holding = [server for server in servers if server.held_count]
    count = sum(server.held_count for server in holding)
    if not count:
        return []
    where = holding[0].title if len(holding) == 1 else f"{len(holding)} servers"
    sentence = (
        f"1 changed tool definition of {where} waits for you; until you decide it is held back."
        if count == 1
        else f"{count} changed tool definitions of {where} wait for you; until you decide they are held back."
    )
    href = f"/admin/servers/{quote(holding[0].server_id)}" if len(holding) == 1 else "/admin/servers"
    return [Attention(code="tool_held", sentence=sentence, href=href)]


async def _users_at_limit(session: AsyncSession, budgets: Budgets, today: datetime) -> list[Attention]:
    default = (await limits_of(session, (EVERYONE,), budgets.default_micros))[EVERYONE]
    limit = func.coalesce(Budget.limit_micros, literal(default, BigInteger))
    found = await session.execute(
        select(User.user_id, User.email, limit)
        .join(BudgetWindow, BudgetWindow.user_id == User.user_id)
        .join(Budget, Budget.user_id == User.user_id, isouter=True)
        .where(BudgetWindow.starts_at == today, User.status == "active")
        .where(BudgetWindow.used_micros + BudgetWindow.reserved_micros >= limit)
        .order_by(User.email)
        .limit(SHOWN + 1)
    )
    items = [
        Attention(
            code="user_at_limit",
            sentence=_spent(email, micros, budgets.credit_micros),
            href=f"/admin/people/{quote(user_id)}",
        )
        for user_id, email, micros in found
    ]
    if len(items) > SHOWN:
        more = Attention(
            code="user_at_limit", sentence="More people have used all credits of today.", href="/admin/people"
        )
        return [*items[:SHOWN], more]
    return items


async def _unpriced_models(session: AsyncSession, today: datetime) -> list[Attention]:
    calls = func.count()
    found = await session.execute(
        select(LedgerEntry.model, calls)
        .where(LedgerEntry.at >= today, LedgerEntry.unpriced != 0)
        .group_by(LedgerEntry.model)
        .order_by(calls.desc())
        .limit(SHOWN)
    )
    return [
        Attention(
            code="model_unpriced",
            sentence=f"{model or 'A model'} has no price: {_times(count)} today without a cost.",
            href="/admin/models",
        )
        for model, count in found
    ]


def _spent(email: str, limit_micros: int, credit_micros: int) -> str:
    if limit_micros == 0:
        return f"{email} has a limit of 0 credits a day and can ask nothing."
    return f"{email} has used all {in_credits(limit_micros, credit_micros)} of today."


def _times(count: int) -> str:
    return "1 call" if count == 1 else f"{count:,} calls"
