"""Tables of the seals: the chains over the record, how far they reach, what was cut off, what was checked."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc


class SealBlock(Base):
    """A link of the chain of one source: up to a few hundred rows, their salts and digests (base64).

    `keys`, `salts`, `leaves` and `former` hold 8, 16, 32 and 32 bytes a row; `former` is that of an erasure.
    `total` counts the rows that this chain has sealed. All but `salts` is covered by `chain`.
    """

    __tablename__ = "seals"
    __table_args__ = (
        Index("ix_seals_source_first_key", "source", "first_key", "n"),
        Index("ix_seals_source_last_key", "source", "last_key"),
    )

    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(8))
    writer: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(Utc)
    first_key: Mapped[int] = mapped_column(BigInteger)
    last_key: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    keys: Mapped[str] = mapped_column(Text)
    salts: Mapped[str] = mapped_column(Text)
    leaves: Mapped[str] = mapped_column(Text)
    former: Mapped[str] = mapped_column(Text)
    chain: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(100))


class SealMark(Base):
    """How far a table was read: every row with a key up to `key` was seen, `lag_s` behind its making."""

    __tablename__ = "seal_marks"

    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    lag_s: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    key: Mapped[int] = mapped_column(BigInteger)


class SealStump(Base):
    """Where retention cut the beginning of a chain: the links `from_n` to `n` went. Signed, kept for ever."""

    __tablename__ = "seal_stumps"

    source: Mapped[str] = mapped_column(String(16), primary_key=True)
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    from_n: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(Utc)
    total: Mapped[int] = mapped_column(BigInteger)
    chain: Mapped[str] = mapped_column(String(64))
    rows_cut: Mapped[int] = mapped_column(BigInteger)
    first_key: Mapped[int] = mapped_column(BigInteger)
    last_key: Mapped[int] = mapped_column(BigInteger)
    policy: Mapped[str] = mapped_column(String(300))
    signature: Mapped[str] = mapped_column(String(100))


class SealCheck(Base):
    """What the latest walk over the whole record found; one row."""

    __tablename__ = "seal_checks"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)
    well: Mapped[bool] = mapped_column()
    sealed_at: Mapped[datetime | None] = mapped_column(Utc)
    rows: Mapped[int] = mapped_column(BigInteger)
    unsealed: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    words: Mapped[str] = mapped_column(Text)


class FollowerMark(Base):
    """How far a follower of the record has come, by its name: the key of the last row that it has taken."""

    __tablename__ = "follower_marks"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[int] = mapped_column(BigInteger)


class AnchorHook(Base):
    """Where anchors are sent beside the file; one row, or none. `failures` counts since the last success."""

    __tablename__ = "anchor_hooks"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    url: Mapped[str] = mapped_column(String(2048))
    allow_private: Mapped[bool] = mapped_column()
    delivered_at: Mapped[datetime | None] = mapped_column(Utc)
    failed_at: Mapped[datetime | None] = mapped_column(Utc)
    failures: Mapped[int] = mapped_column(Integer)
    words: Mapped[str] = mapped_column(Text)
