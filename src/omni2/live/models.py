"""Tables of the block's confirmations: each replica says when it is true there."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc


class BlockConfirmation(Base):
    """One replica's part of a block's receipt."""

    __tablename__ = "block_confirmations"

    block_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    replica_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc)
    sockets_closed: Mapped[int] = mapped_column(Integer)
    streams_cancelled: Mapped[int] = mapped_column(Integer)
    turns_cancelled: Mapped[int] = mapped_column(Integer)
    calls_cancelled: Mapped[int] = mapped_column(Integer)
    slowest_ms: Mapped[float] = mapped_column()
