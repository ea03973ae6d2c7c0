"""Tables of how much: budgets, their windows, reservations, the ledger."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Key, Utc


class Budget(Base):
    """A limit a day. `user_id` is empty (`*`) for the default that applies to everyone without one."""

    __tablename__ = "budgets"

    user_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    limit_micros: Mapped[int] = mapped_column(BigInteger)


class BudgetWindow(Base):
    """What one user used and reserved in one window. `window_id` is `user:day`."""

    __tablename__ = "budget_windows"

    window_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(String(36), index=True)
    starts_at: Mapped[datetime] = mapped_column(Utc, index=True)
    limit_micros: Mapped[int] = mapped_column(BigInteger)
    used_micros: Mapped[int] = mapped_column(BigInteger)
    reserved_micros: Mapped[int] = mapped_column(BigInteger)


class Reservation(Base):
    """Credits held for one call in flight; gone once it is settled."""

    __tablename__ = "reservations"

    reservation_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    window_id: Mapped[str] = mapped_column(String(64), index=True)
    flow_id: Mapped[str] = mapped_column(String(36), index=True)
    micros: Mapped[int] = mapped_column(BigInteger)


class LedgerEntry(Base):
    """One charge: every model call and priced tool call, once. The sum of these is the balance, always."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_user_id_key", "user_id", "key"), Index("ix_ledger_at", "at"))

    key: Mapped[int] = mapped_column(Key, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Utc)
    window_id: Mapped[str] = mapped_column(String(64), index=True)
    user_id: Mapped[str] = mapped_column(String(36))
    flow_id: Mapped[str] = mapped_column(String(36), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    micros: Mapped[int] = mapped_column(BigInteger)
    unpriced: Mapped[int] = mapped_column()
    provider: Mapped[str | None] = mapped_column(String(40))
    model: Mapped[str | None] = mapped_column(String(200))
    server: Mapped[str | None] = mapped_column(String(64))
    tool: Mapped[str | None] = mapped_column(String(200))
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    price_version: Mapped[str | None] = mapped_column(String(40))
