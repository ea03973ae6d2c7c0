"""What goes in and out of the routes of watching."""

from datetime import datetime
from typing import Annotated, cast

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from omni2.identity.models import User
from omni2.identity.schemas import Body
from omni2.live.monitor_models import Monitoring, WatchList
from omni2.live.watching import Presence, State

UserId = Annotated[str, StringConstraints(min_length=1, max_length=36, pattern=r"^[^\x00]*$")]


class MonitoringOrder(Body):
    """Until when a user may be watched."""

    until: Annotated[AwareDatetime, Field(strict=False)]


class MonitoringView(BaseModel):
    """One monitoring of a user: who set it and until when, and how it ended if that was earlier."""

    user_id: str
    since: datetime
    until: datetime
    by: str
    ended_at: datetime | None
    ended_by: str | None


class MonitoringList(BaseModel):
    """The latest monitorings of a user, the newest first, and who watches them now."""

    items: list[MonitoringView]
    watchers: list[str]


class MonitoredUser(MonitoringView):
    """A user who may be watched now, what they do, and the e-mails of who watches them."""

    email: str
    name: str
    blocked: bool
    state: State
    sockets: int
    last_seen_at: datetime | None
    watchers: list[str]


class MonitoredList(BaseModel):
    """Everyone who may be watched now, the active ones first."""

    items: list[MonitoredUser]


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


def monitoring_view(row: Monitoring) -> MonitoringView:
    """Return a monitoring as it is shown."""
    return MonitoringView(
        user_id=row.user_id,
        since=row.since,
        until=row.until,
        by=row.set_by,
        ended_at=row.ended_at,
        ended_by=row.ended_by,
    )


def monitored_user(
    row: Monitoring, user: User, presence: Presence, *, blocked: bool, watchers: list[str]
) -> MonitoredUser:
    """Return who may be watched, with what they do now and who looks."""
    return MonitoredUser(
        **dict(monitoring_view(row)),
        email=user.email,
        name=user.name,
        blocked=blocked,
        state=presence.state,
        sockets=presence.sockets,
        last_seen_at=user.last_seen_at,
        watchers=watchers,
    )


def watch_list_view(row: WatchList) -> WatchListView:
    """Return a list as it is shown."""
    return WatchListView(list_id=row.list_id, name=row.name, user_ids=cast("list[str]", row.user_ids))
