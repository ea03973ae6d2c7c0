"""What becomes of the credits that a dead replica held: charged in full, since the call may have happened."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.kernel.lane import Step
from omni2.usage.budgets import Charge, Hold, settle
from omni2.usage.models import BudgetWindow, LedgerEntry, Reservation


@dataclass(frozen=True, slots=True)
class Held:
    """A reservation nobody will settle any more (micro-USD)."""

    hold: Hold

    @property
    def micros(self) -> int:
        """What it holds."""
        return self.hold.micros


async def list_held(session: AsyncSession, flow_id: str) -> list[Held]:
    """Return the open reservations of a flow."""
    rows = await session.execute(
        select(Reservation, BudgetWindow.user_id)
        .join(BudgetWindow, BudgetWindow.window_id == Reservation.window_id)
        .where(Reservation.flow_id == flow_id)
    )
    return [
        Held(Hold(row.reservation_id, row.window_id, user_id, row.flow_id, row.micros))
        for row, user_id in rows
    ]


async def charged_so_far(session: AsyncSession, flow_id: str) -> int:
    """Return what the ledger says that a flow was charged (micro-USD)."""
    query = select(func.coalesce(func.sum(LedgerEntry.micros), 0)).where(LedgerEntry.flow_id == flow_id)
    return int(await session.scalar(query) or 0)


def charge_unknown(held: Held) -> list[Step]:
    """Return the steps that charge a reservation in full, exactly once."""
    return settle(held.hold, Charge("unknown", held.micros))
