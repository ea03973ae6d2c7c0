"""One daily credit budget a user: reserve before, settle after, refund what did not happen. Always exact.

The reservation is a conditional update in the same unit as the intent that it pays for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.kernel.db import Database
from omni2.kernel.ids import new_id, new_key, now, to_micros
from omni2.kernel.lane import Row, Step, Value
from omni2.usage.models import Budget, BudgetWindow

EVERYONE = "*"

_OPEN = """
INSERT INTO budget_windows (window_id, user_id, starts_at, limit_micros, used_micros, reserved_micros)
SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS BIGINT), COALESCE(
  (SELECT limit_micros FROM budgets WHERE user_id = $2),
  (SELECT limit_micros FROM budgets WHERE user_id = '*'),
  CAST($4 AS BIGINT)), 0, 0
WHERE true
ON CONFLICT (window_id) DO UPDATE SET limit_micros = excluded.limit_micros
"""
_RESERVE = """
UPDATE budget_windows SET reserved_micros = reserved_micros + $1
WHERE window_id = $2 AND used_micros + reserved_micros + $1 <= limit_micros
RETURNING limit_micros, used_micros, reserved_micros
"""
_HOLD = "INSERT INTO reservations (reservation_id, window_id, flow_id, micros) VALUES ($1, $2, $3, $4)"
_RELEASE = "DELETE FROM reservations WHERE reservation_id = $1"
_SETTLE = """
UPDATE budget_windows SET reserved_micros = reserved_micros - $1, used_micros = used_micros + $2
WHERE window_id = $3
RETURNING limit_micros, used_micros, reserved_micros
"""
_LEDGER = """
INSERT INTO ledger (key, at, window_id, user_id, flow_id, kind, micros, unpriced, provider, model, server,
 tool, input_tokens, output_tokens, price_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
"""
_SETTLE_HELD = """
UPDATE budget_windows SET reserved_micros = reserved_micros - $1, used_micros = used_micros + $2
WHERE window_id = $3 AND EXISTS (SELECT 1 FROM reservations WHERE reservation_id = $4)
RETURNING limit_micros, used_micros, reserved_micros
"""
_LEDGER_HELD = """
INSERT INTO ledger (key, at, window_id, user_id, flow_id, kind, micros, unpriced, provider, model, server,
 tool, input_tokens, output_tokens, price_version)
SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT),
 CAST($6 AS TEXT), CAST($7 AS BIGINT), CAST($8 AS INTEGER), CAST($9 AS TEXT), CAST($10 AS TEXT),
 CAST($11 AS TEXT), CAST($12 AS TEXT), CAST($13 AS BIGINT), CAST($14 AS BIGINT), CAST($15 AS TEXT)
WHERE EXISTS (SELECT 1 FROM reservations WHERE reservation_id = $16)
"""


@dataclass(frozen=True, slots=True)
class Window:
    """The budget of a user for the current day (micro-USD), as read; `default_micros` is built in."""

    window_id: str
    user_id: str
    starts_at: datetime
    resets_at: datetime
    limit_micros: int
    used_micros: int
    reserved_micros: int
    default_micros: int

    @property
    def remaining_micros(self) -> int:
        """What is left to reserve; never below 0."""
        return max(0, self.limit_micros - self.used_micros - self.reserved_micros)


@dataclass(frozen=True, slots=True)
class Hold:
    """Credits reserved for one call."""

    reservation_id: str
    window_id: str
    user_id: str
    flow_id: str
    micros: int


@dataclass(frozen=True, slots=True)
class Charge:
    """What a call cost in the end, for the ledger."""

    kind: str
    micros: int
    unpriced: bool = False
    provider: str | None = None
    model: str | None = None
    server: str | None = None
    tool: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    price_version: str | None = None


class Budgets:
    """Knows the limits and the day; `default_micros` applies until an administrator sets another default."""

    def __init__(self, database: Database, zone: str, default_micros: int, credit_micros: int = 1000) -> None:
        self.credit_micros = credit_micros
        self._database = database
        self._zone = ZoneInfo(zone)
        self._default_micros = default_micros

    async def window(self, user_id: str) -> Window:
        """Return the user's budget of today as stored."""
        async with self._database.read() as session:
            return await self.window_in(session, user_id)

    async def window_in(self, session: AsyncSession, user_id: str) -> Window:
        """Return the same, read through `session`."""
        today = self.today(user_id)
        limits = await limits_of(session, (user_id,), self._default_micros)
        row = await session.get(BudgetWindow, today.window_id)
        used, reserved = (row.used_micros, row.reserved_micros) if row else (0, 0)
        return replace(today, limit_micros=limits[user_id], used_micros=used, reserved_micros=reserved)

    def today(self, user_id: str) -> Window:
        """Return the user's budget of today unread: enough to reserve by, but its figures are a guess."""
        starts_at, resets_at = self.day(now())
        window_id = f"{user_id}:{starts_at.astimezone(self._zone):%Y-%m-%d}"
        default = self._default_micros
        return Window(window_id, user_id, starts_at, resets_at, default, 0, 0, default)

    def day(self, at: datetime) -> tuple[datetime, datetime]:
        """Return the start and the end of the day of `at` in the organisation's time zone, in UTC."""
        local = at.astimezone(self._zone).date()
        start = datetime.combine(local, time.min, self._zone)
        end = datetime.combine(local + timedelta(days=1), time.min, self._zone)
        return start.astimezone(UTC), end.astimezone(UTC)

    @property
    def zone(self) -> str:
        """The organisation's time zone."""
        return self._zone.key

    @property
    def default_micros(self) -> int:
        """The limit where neither the user nor the organisation has set one."""
        return self._default_micros


async def limits_of(session: AsyncSession, user_ids: Sequence[str], default_micros: int) -> dict[str, int]:
    """Return the daily limit of each user: the user's own, else the organisation's, else the built-in one."""
    rows = await session.execute(
        select(Budget.user_id, Budget.limit_micros).where(Budget.user_id.in_([*user_ids, EVERYONE]))
    )
    found: dict[str, int] = dict(rows.all())
    fallback = found.get(EVERYONE, default_micros)
    return {user_id: found.get(user_id, fallback) for user_id in user_ids}


def reserve(window: Window, flow_id: str, micros: int) -> tuple[Hold, list[Step]]:
    """Return the hold and its steps; the unit is refused at the second step when it does not fit.

    The limit is that of the moment of the commit, whatever `window` was when it was read.
    """
    hold = Hold(new_id(), window.window_id, window.user_id, flow_id, micros)
    return hold, [
        Step(_OPEN, (window.window_id, window.user_id, to_micros(window.starts_at), window.default_micros)),
        Step(_RESERVE, (micros, window.window_id), expect=1, fetch=True),
        Step(_HOLD, (hold.reservation_id, hold.window_id, flow_id, micros), expect=1),
    ]


RESERVED_ROW = 1


def settle(hold: Hold, charge: Charge) -> list[Step]:
    """Return the steps that turn a hold into a charge, once: settling twice is refused at the first step."""
    return [
        Step(_RELEASE, (hold.reservation_id,), expect=1),
        Step(_SETTLE, (hold.micros, charge.micros, hold.window_id), expect=1, fetch=True),
        Step(_LEDGER, _entry(hold, charge), expect=1),
    ]


SETTLED_ROW = 1


def refund(hold: Hold) -> list[Step]:
    """Return the steps that give a hold back: what it paid for did not happen."""
    return [
        Step(_RELEASE, (hold.reservation_id,), expect=1),
        Step(_SETTLE, (hold.micros, 0, hold.window_id), expect=1, fetch=True),
    ]


def end_hold(hold: Hold, charge: Charge | None) -> list[Step]:
    """Return the steps that charge a hold, or give it back, if it is still held; they are never refused.

    The first fetches the budget behind it, where it was held.
    """
    held = hold.reservation_id
    ledger = [] if charge is None else [Step(_LEDGER_HELD, (*_entry(hold, charge), held))]
    charged = 0 if charge is None else charge.micros
    return [
        Step(_SETTLE_HELD, (hold.micros, charged, hold.window_id, held), fetch=True),
        *ledger,
        Step(_RELEASE, (held,)),
    ]


def _entry(hold: Hold, charge: Charge) -> tuple[Value, ...]:
    return (
        new_key(),
        to_micros(now()),
        hold.window_id,
        hold.user_id,
        hold.flow_id,
        charge.kind,
        charge.micros,
        int(charge.unpriced),
        charge.provider,
        charge.model,
        charge.server,
        charge.tool,
        charge.input_tokens,
        charge.output_tokens,
        charge.price_version,
    )


def remaining_of(row: Row | None) -> int | None:
    """Return what is left, from a row of limit, used, reserved."""
    return None if row is None else max(0, int(row[0]) - int(row[1]) - int(row[2]))
