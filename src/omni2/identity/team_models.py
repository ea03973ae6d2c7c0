"""Tables of teams: people under a name, and who belongs to which."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from omni2.kernel.columns import Base, Utc


class Team(Base):
    """People under a name. `folded` is the name without case, by which it is unique, found and ordered."""

    __tablename__ = "teams"

    team_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    folded: Mapped[str] = mapped_column(String(900), unique=True)
    created_at: Mapped[datetime] = mapped_column(Utc)


class TeamMember(Base):
    """A person belongs to a team; the row goes with either of them."""

    __tablename__ = "team_members"

    team_id: Mapped[str] = mapped_column(ForeignKey("teams.team_id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(
        ForeignKey("users.user_id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_at: Mapped[datetime] = mapped_column(Utc)
