"""Routes of watching: who is monitored and until when, and each watcher's own lists."""

from typing import Annotated

from fastapi import APIRouter

from omni2.identity.blocks import standing_blocks
from omni2.identity.deps import require
from omni2.identity.people import get_user
from omni2.identity.principal import Principal
from omni2.kernel.deps import DatabaseDep
from omni2.kernel.ids import to_micros
from omni2.kernel.search import Words
from omni2.live.deps import WatchingDep
from omni2.live.monitor import end_monitoring, end_team_monitoring, monitor_team, monitor_user
from omni2.live.monitor_schemas import (
    MonitoredList,
    MonitoredUser,
    MonitoringList,
    MonitoringOrder,
    MonitoringView,
    TeamMonitoringView,
    WatchListKeep,
    WatchLists,
    WatchListView,
    monitored_team,
    monitored_user,
    monitoring_view,
    team_monitoring_view,
    watch_list_view,
)
from omni2.live.monitored import list_monitored, list_monitored_teams, list_monitorings, own_spell
from omni2.live.watch_lists import drop_watch_list, keep_watch_list, list_watch_lists
from omni2.live.watching import STATES

router = APIRouter(prefix="/api", tags=["live"])
Watcher = Annotated[Principal, require("flows.read")]
Monitor = Annotated[Principal, require("monitoring.manage")]


@router.get("/monitoring")
async def get_monitored(database: DatabaseDep, watching: WatchingDep, _: Watcher) -> MonitoredList:
    """List everyone who may be watched now, the active ones first, and the monitored teams."""
    async with database.read() as session:
        found = await list_monitored(session)
        teams = await list_monitored_teams(session)
        blocks = await standing_blocks(session, [one.user.user_id for one in found])
    items = [
        monitored_user(
            one,
            watching.presence(one.user.user_id),
            blocked=one.user.user_id in blocks,
            watchers=watching.watchers(one.user.user_id),
        )
        for one in found
    ]
    return MonitoredList(items=sorted(items, key=_liveliness), teams=[monitored_team(one) for one in teams])


@router.get("/users/{user_id}/monitoring")
async def get_monitoring(
    user_id: Words, database: DatabaseDep, watching: WatchingDep, _: Watcher
) -> MonitoringList:
    """List the latest monitorings of a person, and who watches them now."""
    async with database.read() as session:
        await get_user(session, user_id)
        items = [monitoring_view(one) for one in await list_monitorings(session, user_id)]
    return MonitoringList(items=items, watchers=watching.watchers(user_id))


@router.put("/users/{user_id}/monitoring")
async def put_monitoring(
    user_id: Words, body: MonitoringOrder, database: DatabaseDep, principal: Monitor
) -> MonitoringView:
    """Let a person be watched until then; a monitoring that runs is replaced."""
    row = await monitor_user(database, user_id, body.until, principal.actor)
    return monitoring_view(own_spell(row))


@router.delete("/users/{user_id}/monitoring", status_code=204)
async def delete_monitoring(user_id: Words, database: DatabaseDep, principal: Monitor) -> None:
    """End the monitoring that runs; panels that show this person end too."""
    await end_monitoring(database, user_id, principal.actor)


@router.put("/teams/{team_id}/monitoring")
async def put_team_monitoring(
    team_id: Words, body: MonitoringOrder, database: DatabaseDep, principal: Monitor
) -> TeamMonitoringView:
    """Let whoever belongs to a team be watched until then; a monitoring that runs is replaced."""
    return team_monitoring_view(*await monitor_team(database, team_id, body.until, principal.actor))


@router.delete("/teams/{team_id}/monitoring", status_code=204)
async def delete_team_monitoring(team_id: Words, database: DatabaseDep, principal: Monitor) -> None:
    """End the monitoring that runs; panels end of whoever is not monitored otherwise."""
    await end_team_monitoring(database, team_id, principal.actor)


@router.get("/watch-lists")
async def get_watch_lists(database: DatabaseDep, principal: Watcher) -> WatchLists:
    """List one's own lists of people, by name."""
    async with database.read() as session:
        rows = await list_watch_lists(session, principal.user_id)
    return WatchLists(items=[watch_list_view(row) for row in rows])


@router.post("/watch-lists")
async def post_watch_list(body: WatchListKeep, database: DatabaseDep, principal: Watcher) -> WatchListView:
    """Keep people under a name; one's own list of that name is replaced."""
    return watch_list_view(await keep_watch_list(database, principal.user_id, body.name, body.user_ids))


@router.delete("/watch-lists/{list_id}", status_code=204)
async def delete_watch_list(list_id: Words, database: DatabaseDep, principal: Watcher) -> None:
    """Remove one of one's own lists."""
    await drop_watch_list(database, principal.user_id, list_id)


def _liveliness(user: MonitoredUser) -> tuple[int, int, str]:
    seen = -to_micros(user.last_seen_at) if user.last_seen_at else 0
    return STATES.index(user.state), seen, user.email
