"""Who is monitored, for themselves or through a team: what lists and pages show of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.models import User
from omni2.identity.team_models import Team, TeamMember
from omni2.live.monitor import runs
from omni2.live.monitor_models import Monitoring, TeamMonitoring

HISTORY = 50


@dataclass(frozen=True, slots=True)
class Spell:
    """One monitoring as it concerns one user: their own, or that of a team since they belong to it."""

    user_id: str
    since: datetime
    until: datetime
    set_by: str
    ended_at: datetime | None
    ended_by: str | None
    team: Team | None


@dataclass(frozen=True, slots=True)
class Monitored:
    """A user who may be watched now: by the spell that ends last, for themselves too, by which teams."""

    user: User
    spell: Spell
    own: bool
    team_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MonitoredTeam:
    """A team whose members may be watched now, and how many these are."""

    team: Team
    row: TeamMonitoring
    member_count: int


async def list_monitored(session: AsyncSession) -> list[Monitored]:
    """Return each user who is monitored once, the one whose monitoring ends first at the end."""
    own = select(Monitoring, User).join(User, User.user_id == Monitoring.user_id).where(runs(Monitoring))
    found = [(own_spell(row[0]), row[1]) for row in await session.execute(own)]
    shared = (
        select(TeamMonitoring, Team, TeamMember, User)
        .join(Team, Team.team_id == TeamMonitoring.team_id)
        .join(TeamMember, TeamMember.team_id == Team.team_id)
        .join(User, User.user_id == TeamMember.user_id)
        .where(runs(TeamMonitoring))
    )
    found += [(_through(row[0], row[1], row[2]), row[3]) for row in await session.execute(shared)]
    return _once_each(found)


async def list_monitored_teams(session: AsyncSession) -> list[MonitoredTeam]:
    """Return the teams that are monitored now, by name."""
    belongs = TeamMember.team_id == Team.team_id
    count = select(func.count()).select_from(TeamMember).where(belongs).correlate(Team).scalar_subquery()
    rows = await session.execute(
        select(Team, TeamMonitoring, count)
        .join(TeamMonitoring, TeamMonitoring.team_id == Team.team_id)
        .where(runs(TeamMonitoring))
        .order_by(Team.folded)
    )
    return [MonitoredTeam(*row) for row in rows]


async def list_monitorings(session: AsyncSession, user_id: str) -> list[Spell]:
    """Return the latest monitorings of a user and those of their teams that run, the newest first."""
    own = await session.scalars(
        select(Monitoring)
        .where(Monitoring.user_id == user_id)
        .order_by(Monitoring.since.desc(), Monitoring.monitoring_id.desc())
        .limit(HISTORY)
    )
    shared = await session.execute(
        select(TeamMonitoring, Team, TeamMember)
        .join(Team, Team.team_id == TeamMonitoring.team_id)
        .join(TeamMember, TeamMember.team_id == Team.team_id)
        .where(TeamMember.user_id == user_id, runs(TeamMonitoring))
    )
    spells = [*(_through(*row) for row in shared), *map(own_spell, own)]
    return sorted(spells, key=lambda spell: spell.since, reverse=True)


def own_spell(row: Monitoring) -> Spell:
    """Return the monitoring of a user for themselves."""
    return Spell(row.user_id, row.since, row.until, row.set_by, row.ended_at, row.ended_by, None)


def _through(row: TeamMonitoring, team: Team, member: TeamMember) -> Spell:
    since = max(row.since, member.added_at)
    return Spell(member.user_id, since, row.until, row.set_by, row.ended_at, row.ended_by, team)


def _once_each(found: Iterable[tuple[Spell, User]]) -> list[Monitored]:
    of_user: dict[str, list[tuple[Spell, User]]] = {}
    for spell, user in sorted(found, key=_later_end, reverse=True):
        of_user.setdefault(user.user_id, []).append((spell, user))
    return [_whole(spells) for spells in of_user.values()]


def _whole(spells: Sequence[tuple[Spell, User]]) -> Monitored:
    last, user = spells[0]
    teams = tuple(sorted(spell.team.team_id for spell, _ in spells if spell.team is not None))
    return Monitored(user, last, own=len(teams) < len(spells), team_ids=teams)


def _later_end(found: tuple[Spell, User]) -> tuple[datetime, bool]:
    spell, _ = found
    return spell.until, spell.team is None
