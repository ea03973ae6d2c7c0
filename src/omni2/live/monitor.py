"""Monitoring: switched on by an administrator for a user or a team, until an end; else nobody watches."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, union, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.epochs import serialise
from omni2.identity.people import get_user
from omni2.identity.team_models import Team, TeamMember
from omni2.identity.teams import get_team, list_members
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal
from omni2.live.monitor_models import Monitoring, TeamMonitoring, Term

LONGEST = timedelta(days=31)
TOPIC = "monitoring"


def runs(term: type[Term]) -> ColumnElement[bool]:
    """Return the condition of a monitoring that holds now."""
    return term.ended_at.is_(None) & (term.until > now())


async def monitor_user(database: Database, user_id: str, until: datetime, actor: Actor) -> Monitoring:
    """Let a user be watched until then; one that runs already is replaced. Raises `Problem`."""
    _require_sensible(until)
    async with database.work() as work:
        await serialise(work)
        user = await get_user(work.session, user_id)
        await _end(work, Monitoring, Monitoring.user_id == user_id, actor)
        row = Monitoring(
            monitoring_id=new_id(),
            user_id=user_id,
            since=now(),
            until=until,
            set_by=actor.name,
            ended_at=None,
            ended_by=None,
        )
        work.session.add(row)
        _note_start(work, actor, user.email, until, user_id)
        work.emit(TOPIC, {"user_id": user_id})
    return row


async def end_monitoring(database: Database, user_id: str, actor: Actor) -> None:
    """End the monitoring of a user that runs; whoever watches is told. Raises `Problem` 409 without one.

    That of a team to which the user belongs goes on.
    """
    async with database.work() as work:
        await serialise(work)
        user = await get_user(work.session, user_id)
        if not await _end(work, Monitoring, Monitoring.user_id == user_id, actor):
            raise Problem("not_monitored", 409, await _why_not(work.session, user_id, user.email))
        sentence = f"Ended the monitoring of {user.email}."
        write_journal(work, actor, "monitoring.ended", sentence, subject_id=user_id)
        work.emit(TOPIC, {"user_id": user_id})


async def monitor_team(
    database: Database, team_id: str, until: datetime, actor: Actor
) -> tuple[TeamMonitoring, Team]:
    """Let whoever belongs to a team be watched until then; one that runs is replaced. Raises `Problem`."""
    _require_sensible(until)
    async with database.work() as work:
        await serialise(work)
        team = await get_team(work.session, team_id)
        await _end(work, TeamMonitoring, TeamMonitoring.team_id == team_id, actor)
        row = TeamMonitoring(
            monitoring_id=new_id(),
            team_id=team_id,
            since=now(),
            until=until,
            set_by=actor.name,
            ended_at=None,
            ended_by=None,
        )
        work.session.add(row)
        _note_start(work, actor, f"the team {team.name}", until, team_id)
        await _tell_members(work, team_id)
    return row, team


async def end_team_monitoring(database: Database, team_id: str, actor: Actor) -> None:
    """End the monitoring of a team that runs; whoever watches is told. Raises `Problem` 409 without one."""
    async with database.work() as work:
        await serialise(work)
        team = await get_team(work.session, team_id)
        if not await _end(work, TeamMonitoring, TeamMonitoring.team_id == team_id, actor):
            raise Problem("not_monitored", 409, f"The team {team.name} is not monitored.")
        sentence = f"Ended the monitoring of the team {team.name}."
        write_journal(work, actor, "monitoring.ended", sentence, subject_id=team_id)
        await _tell_members(work, team_id)


async def monitored_among(session: AsyncSession, user_ids: Collection[str]) -> set[str]:
    """Return which of these users are monitored now, for themselves or by a team."""
    own = select(Monitoring.user_id).where(Monitoring.user_id.in_(user_ids), runs(Monitoring))
    shared = (
        select(TeamMember.user_id)
        .join(TeamMonitoring, TeamMonitoring.team_id == TeamMember.team_id)
        .where(TeamMember.user_id.in_(user_ids), runs(TeamMonitoring))
    )
    return set(await session.scalars(union(own, shared)))


def _require_sensible(until: datetime) -> None:
    if not now() < until <= now() + LONGEST:
        raise invalid("until", f"Monitoring ends in the future, and after at most {LONGEST.days} days.")


async def _end(
    work: Work, term: type[Monitoring | TeamMonitoring], which: ColumnElement[bool], actor: Actor
) -> bool:
    ended = await work.session.execute(
        update(term)
        .where(which, runs(term))
        .values(ended_at=now(), ended_by=actor.name)
        .returning(term.monitoring_id)
    )
    return bool(ended.scalars().all())


def _note_start(work: Work, actor: Actor, whom: str, until: datetime, subject_id: str) -> None:
    sentence = f"Set monitoring of {whom} until {until:%Y-%m-%d %H:%M} UTC."
    data = {"until": until.isoformat()}
    write_journal(work, actor, "monitoring.started", sentence, subject_id=subject_id, data={**data})


async def _tell_members(work: Work, team_id: str) -> None:
    for member, _ in await list_members(work.session, team_id):
        work.emit(TOPIC, {"user_id": member.user_id})


async def _why_not(session: AsyncSession, user_id: str, email: str) -> str:
    """Return why no monitoring of a user can be ended."""
    name = await session.scalar(
        select(Team.name)
        .join(TeamMember, TeamMember.team_id == Team.team_id)
        .join(TeamMonitoring, TeamMonitoring.team_id == Team.team_id)
        .where(TeamMember.user_id == user_id, runs(TeamMonitoring))
        .order_by(TeamMonitoring.until.desc())
        .limit(1)
    )
    if name is None:
        return f"{email} is not monitored."
    return f"{email} is monitored through the team {name}. End that of the team, or take them out of it."
