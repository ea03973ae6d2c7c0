"""A budget written through a real lane, as calls do, and the figures that must agree."""

from dataclasses import dataclass, field

from sqlalchemy import func, select

from omni2.kernel.db import Database
from omni2.kernel.ids import new_id
from omni2.kernel.lane import Lane, UnitRefused
from omni2.usage.budgets import Budgets, Charge, Hold, refund, reserve, settle
from omni2.usage.models import BudgetWindow, LedgerEntry, Reservation


@dataclass(frozen=True, slots=True)
class Figures:
    """What must agree: used with the ledger, reserved with the reservations."""

    used: int
    ledger: int
    reserved: int
    held: int


@dataclass
class Books:
    """Everybody's budgets on one database."""

    database: Database
    lane: Lane
    budgets: Budgets
    most_seen: int = field(default=0)

    async def reserve(self, user_id: str, micros: int) -> Hold | None:
        """Reserve for a call; return None when it does not fit."""
        hold, steps = reserve(await self.budgets.window(user_id), new_id(), micros)
        try:
            _, row, _ = await self.lane.commit(steps)
        except UnitRefused:
            return None
        assert row is not None
        self.most_seen = max(self.most_seen, int(row[1]) + int(row[2]))
        return hold

    async def call(self, user_id: str, micros: int, ending: str, percent: int) -> Hold | None:
        """Reserve, then charge a part of it, or give it back, or leave it."""
        hold = await self.reserve(user_id, micros)
        if hold is not None and ending == "settle":
            await self.lane.commit(settle(hold, Charge("model", micros * percent // 100)))
        if hold is not None and ending == "refund":
            await self.lane.commit(refund(hold))
        return hold

    async def figures(self, user_id: str) -> Figures:
        """Return the sums as stored."""
        window_id = (await self.budgets.window(user_id)).window_id
        async with self.database.read() as session:
            window = await session.get(BudgetWindow, window_id)
            ledger = select(func.sum(LedgerEntry.micros)).where(LedgerEntry.window_id == window_id)
            held = select(func.sum(Reservation.micros)).where(Reservation.window_id == window_id)
            return Figures(
                window.used_micros if window else 0,
                int(await session.scalar(ledger) or 0),
                window.reserved_micros if window else 0,
                int(await session.scalar(held) or 0),
            )
