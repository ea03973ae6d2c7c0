"""People as administrators find them: by name or e-mail, with presence and credits."""

from collections.abc import Sequence

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, or_, select, type_coerce
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.blocks import standing_blocks
from omni2.identity.models import User
from omni2.identity.schemas import user_view
from omni2.insight.schemas import UserFilter, UserRow
from omni2.kernel.errors import invalid, not_found
from omni2.kernel.ids import now, to_micros
from omni2.kernel.page import Page, cut, decode
from omni2.kernel.search import contains
from omni2.live.registry import Registry
from omni2.usage.budgets import Budgets, limits_of
from omni2.usage.models import BudgetWindow

_LIMIT = 1 << 56
_seen = type_coerce(
    case(
        (User.status == "deactivated", -1), else_=func.coalesce(type_coerce(User.last_seen_at, BigInteger), 0)
    ),
    BigInteger,
)


async def list_users(
    session: AsyncSession, registry: Registry, budgets: Budgets, wanted: UserFilter
) -> Page[UserRow]:
    """Return one page of people, the ones last seen first, the deactivated last."""
    query = select(User)
    if words := wanted.q.strip():
        query = query.where(or_(contains(User.name, words), contains(User.email, words)))
    if (cursor := decode(wanted.after, 2)) is not None:
        query = query.where(_behind(*cursor))
    query = query.order_by(_seen.desc(), User.user_id.desc()).limit(wanted.limit + 1)
    found = (await session.scalars(query)).all()
    users, following = cut(found, wanted.limit, lambda user: (_seen_of(user), user.user_id))
    return Page[UserRow](items=await _rows(session, registry, budgets, users), next=following)


async def get_user_row(session: AsyncSession, registry: Registry, budgets: Budgets, user_id: str) -> UserRow:
    """Return one person; raise `Problem` 404."""
    user = await session.get(User, user_id)
    if user is None:
        raise not_found("user")
    return (await _rows(session, registry, budgets, [user]))[0]


async def _rows(
    session: AsyncSession, registry: Registry, budgets: Budgets, users: Sequence[User]
) -> list[UserRow]:
    user_ids = [user.user_id for user in users]
    if not user_ids:
        return []
    blocks = await standing_blocks(session, user_ids)
    limits = await limits_of(session, user_ids, budgets.default_micros)
    taken = await _taken_today(session, budgets, user_ids)
    return [
        UserRow(
            **dict(user_view(user, blocks.get(user.user_id))),
            sockets=registry.count(user.user_id, "socket"),
            state=registry.state(user.user_id),
            remaining_micros=max(0, limits[user.user_id] - taken.get(user.user_id, 0)),
            limit_micros=limits[user.user_id],
        )
        for user in users
    ]


async def _taken_today(session: AsyncSession, budgets: Budgets, user_ids: Sequence[str]) -> dict[str, int]:
    rows = await session.execute(
        select(BudgetWindow.user_id, BudgetWindow.used_micros + BudgetWindow.reserved_micros).where(
            BudgetWindow.user_id.in_(user_ids), BudgetWindow.starts_at == budgets.day(now())[0]
        )
    )
    return dict(rows.all())


def _behind(seen: str | int, user_id: str | int) -> ColumnElement[bool]:
    if not isinstance(seen, int) or not -1 <= seen < _LIMIT:
        raise invalid("after", "This page cursor is not valid. Start from the first page.")
    return or_(_seen < seen, and_(_seen == seen, User.user_id < str(user_id)))


def _seen_of(user: User) -> int:
    if user.status == "deactivated":
        return -1
    return 0 if user.last_seen_at is None else to_micros(user.last_seen_at)
