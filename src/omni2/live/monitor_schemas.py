"""What goes in and out of the routes of watching."""

from datetime import datetime
from typing import Annotated, cast

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from omni2.identity.schemas import Body
from omni2.identity.team_models import Team
from omni2.live.monitor_models import TeamMonitoring, WatchList
from omni2.live.monitored import Monitored, MonitoredTeam, Spell
from omni2.live.watching import Presence, State

UserId = Annotated[str, StringConstraints(min_length=1, max_length=36, pattern=r"^[^\x00]*$")]


class MonitoringOrder(Body):
    """Until when a user or a team may be watched."""

    until: Annotated[AwareDatetime, Field(strict=False)]


class TeamRef(BaseModel):
    """A team by its id and name."""

    team_id: str
    name: str


class MonitoringView(BaseModel):
    """One monitoring of a user: who set it and until when, and how it ended if that was earlier.

    `through` is the team that is monitored and to which the user belongs, where it is not their own.
    """

    user_id: str
    since: datetime
    until: datetime
    by: str
    ended_at: datetime | None
    ended_by: str | None
    through: TeamRef | None


class MonitoringList(BaseModel):
    """The latest monitorings of a user, the newest first, and who watches them now."""

    items: list[MonitoringView]
    watchers: list[str]


class MonitoredUser(MonitoringView):
    """A user who may be watched now, what they do, and the e-mails of who watches them.

    Of several monitorings it is the one that ends last. `own` says whether one is for this user alone;
    `team_ids` are the monitored teams to which they belong.
    """

    email: str
    name: str
    blocked: bool
    state: State
    sockets: int
    last_seen_at: datetime | None
    watchers: list[str]
    own: bool
    team_ids: list[str]


class TeamMonitoringView(TeamRef):
    """A team whose members may be watched now."""

    since: datetime
    until: datetime
    by: str


class MonitoredTeamView(TeamMonitoringView):
    """A monitored team with how many belong to it."""

    member_count: int


class MonitoredList(BaseModel):
    """Everyone who may be watched now, the active ones first, and the teams that are monitored, by name."""

    items: list[MonitoredUser]
    teams: list[MonitoredTeamView]


class WatchListKeep(Body):
    """People to keep under a name."""

    name: Annotated[
        str,
        StringConstraints(min_length=1, max_length=100, strip_whitespace=True, pattern=r"^[^\x00-\x1f]*$"),
    ]
    user_ids: Annotated[list[UserId], Field(min_length=1, max_length=200)]


class WatchListView(BaseModel):
    """A watcher's own list of people."""

    list_id: str
    name: str
    user_ids: list[str]


class WatchLists(BaseModel):
    """A watcher's lists by name."""

    items: list[WatchListView]


def monitoring_view(spell: Spell) -> MonitoringView:
    """Return a monitoring as it is shown."""
    team = spell.team
    return MonitoringView(
        user_id=spell.user_id,
        since=spell.since,
        until=spell.until,
        by=spell.set_by,
        ended_at=spell.ended_at,
        ended_by=spell.ended_by,
        through=None if team is None else TeamRef(team_id=team.team_id, name=team.name),
    )


def monitored_user(
    found: Monitored, presence: Presence, *, blocked: bool, watchers: list[str]
) -> MonitoredUser:
    """Return who may be watched, with what they do now and who looks."""
    return MonitoredUser(
        **dict(monitoring_view(found.spell)),
        email=found.user.email,
        name=found.user.name,
        blocked=blocked,
        state=presence.state,
        sockets=presence.sockets,
        last_seen_at=found.user.last_seen_at,
        watchers=watchers,
        own=found.own,
        team_ids=list(found.team_ids),
    )


def team_monitoring_view(row: TeamMonitoring, team: Team) -> TeamMonitoringView:
    """Return the monitoring of a team as it is shown."""
    return TeamMonitoringView(
        team_id=team.team_id, name=team.name, since=row.since, until=row.until, by=row.set_by
    )


def monitored_team(found: MonitoredTeam) -> MonitoredTeamView:
    """Return a monitored team as it is listed."""
    view = team_monitoring_view(found.row, found.team)
    return MonitoredTeamView(**dict(view), member_count=found.member_count)


def watch_list_view(row: WatchList) -> WatchListView:
    """Return a list as it is shown."""
    return WatchListView(list_id=row.list_id, name=row.name, user_ids=cast("list[str]", row.user_ids))
