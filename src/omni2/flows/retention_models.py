"""How long each class of the record is kept, and what the last run removed."""

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc


class Retention(Base):
    """One class: content, flows or journal. `days` None keeps it for ever.

    `removed` is what the last run removed, `removing` what the one under way has removed so far.
    """

    __tablename__ = "retention"

    subject: Mapped[str] = mapped_column(String(16), primary_key=True)
    days: Mapped[int | None] = mapped_column(BigInteger)
    ran_at: Mapped[datetime | None] = mapped_column(Utc)
    removed: Mapped[int] = mapped_column(BigInteger)
    removing: Mapped[int] = mapped_column(BigInteger)
