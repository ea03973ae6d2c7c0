"""Bundles of flows that were recorded elsewhere: to be read, never part of the record here."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc


class Bundle(Base):
    """One import. `proof` says what became of the seals that it carried: verified, broken, or none."""

    __tablename__ = "bundles"

    bundle_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    imported_at: Mapped[datetime] = mapped_column(Utc)
    imported_by: Mapped[str] = mapped_column(String(320))
    origin: Mapped[str] = mapped_column(String(320))
    flows: Mapped[int] = mapped_column(BigInteger)
    steps: Mapped[int] = mapped_column(BigInteger)
    proof: Mapped[str] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(Text)


class BundleFlow(Base):
    """One flow of a bundle: its row and its checkpoints, as they came."""

    __tablename__ = "bundle_flows"

    bundle_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("bundles.bundle_id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    flow_id: Mapped[str] = mapped_column(String(36))
    row: Mapped[str] = mapped_column(Text)
    checkpoints: Mapped[str] = mapped_column(Text)
