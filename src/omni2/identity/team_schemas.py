"""What goes in and out of the routes of teams."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from omni2.identity.models import User
from omni2.identity.schemas import Body, normalise_name
from omni2.identity.team_models import Team, TeamMember
from omni2.kernel.page import MAX_LIMIT
from omni2.kernel.search import Words

Cursor = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]  # holds a whole name
TeamName = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(normalise_name)]


class TeamFilter(BaseModel):
    """Which teams: `q` is part of a name, `member` is somebody who belongs to them."""

    model_config = ConfigDict(extra="forbid")

    q: Words = ""
    member: Words | None = None
    limit: int = Field(default=50, ge=1, le=MAX_LIMIT)
    after: Cursor | None = None


class TeamNaming(Body):
    """A team's name. No other team may have it, in whatever case."""

    name: TeamName


class TeamView(BaseModel):
    """A team."""

    team_id: str
    name: str
    created_at: datetime


class TeamRow(TeamView):
    """A team with how many belong to it."""

    member_count: int


class MemberView(BaseModel):
    """Somebody who belongs to a team, and since when."""

    user_id: str
    email: str
    name: str
    added_at: datetime


class TeamDetail(TeamView):
    """A team with who belongs to it, by e-mail address."""

    members: list[MemberView]


def team_view(team: Team) -> TeamView:
    """Return a team as it is shown."""
    return TeamView(team_id=team.team_id, name=team.name, created_at=team.created_at)


def member_view(member: TeamMember, user: User) -> MemberView:
    """Return a member as it is shown."""
    return MemberView(user_id=user.user_id, email=user.email, name=user.name, added_at=member.added_at)
