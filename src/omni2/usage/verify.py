"""Proves that the books are right: what each window says was used is the sum of its ledger, always."""

from dataclasses import dataclass

from sqlalchemy import func, literal, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.usage.models import BudgetWindow, LedgerEntry, Reservation


@dataclass(frozen=True, slots=True)
class Difference:
    """A window whose figures are not those of its entries (micro-USD)."""

    window_id: str
    used_micros: int
    ledger_micros: int
    reserved_micros: int
    held_micros: int


async def verify_ledger(session: AsyncSession) -> list[Difference]:
    """Return every window whose used or reserved amount differs from its ledger or its reservations.

    One statement, so that it sees one state of all three while calls go on.
    """
    none = literal(0)
    parts = union_all(
        select(
            BudgetWindow.window_id.label("window_id"),
            BudgetWindow.used_micros.label("used"),
            none.label("charged"),
            BudgetWindow.reserved_micros.label("reserved"),
            none.label("held"),
        ),
        select(LedgerEntry.window_id, none, LedgerEntry.micros, none, none),
        select(Reservation.window_id, none, none, none, Reservation.micros),
    ).subquery()
    used, charged, reserved, held = (
        func.sum(parts.c[name]) for name in ("used", "charged", "reserved", "held")
    )
    rows = await session.execute(
        select(parts.c.window_id, used, charged, reserved, held)
        .group_by(parts.c.window_id)
        .having(or_(used != charged, reserved != held))
        .order_by(parts.c.window_id)
    )
    return [Difference(row[0], *(int(figure) for figure in row[1:])) for row in rows]
