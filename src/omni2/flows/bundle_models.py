"""Bundles of flows that were recorded elsewhere: to be read, never part of the record here."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc


class Bundle(Base):
    """One import. `proof` says what became of the seals that it carried: verified, broken, or none.

    It is `open` while its file comes in, `received` of `size` bytes so far, `proving` while its flows are
    compared with their seals, `proven` so far, and then `whole`. `reading` is where the reading of it is.
    """

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
    state: Mapped[str] = mapped_column(String(8), server_default="whole", default="whole")
    mark: Mapped[str] = mapped_column(String(100), server_default="", default="")
    size: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
    received: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
    proven: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
    reading: Mapped[str] = mapped_column(Text, server_default="", default="")


class BundleLink(Base):
    """One link that a bundle carries as proof, as it came."""

    __tablename__ = "bundle_links"

    bundle_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("bundles.bundle_id", ondelete="CASCADE"), primary_key=True
    )
    n: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)


class BundleFlow(Base):
    """One flow of a bundle: its row, its checkpoints, and where they stand in the links, as they came."""

    __tablename__ = "bundle_flows"

    bundle_id: Mapped[str] = mapped_column(
        String(36), ForeignKey("bundles.bundle_id", ondelete="CASCADE"), primary_key=True
    )
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    flow_id: Mapped[str] = mapped_column(String(36))
    row: Mapped[str] = mapped_column(Text)
    checkpoints: Mapped[str] = mapped_column(Text)
    proof: Mapped[str | None] = mapped_column(Text)
