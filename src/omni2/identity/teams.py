"""Teams: makes and changes them, and says who belongs to which."""

import unicodedata
from collections.abc import Sequence

from pydantic import JsonValue
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.epochs import serialise
from omni2.identity.models import User
from omni2.identity.people import get_user
from omni2.identity.team_models import Team, TeamMember
from omni2.identity.team_schemas import TeamFilter
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem, not_found
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.page import cut, decode


async def get_team(session: AsyncSession, team_id: str) -> Team:
    """Return a team; raise `Problem` for one that does not exist."""
    team = await session.get(Team, team_id)
    if team is None:
        raise not_found("team")
    return team


async def list_teams(
    session: AsyncSession, wanted: TeamFilter
) -> tuple[Sequence[tuple[Team, int]], str | None]:
    """Return one page of teams by name, each with how many belong to it, and the next page's cursor."""
    belongs = TeamMember.team_id == Team.team_id
    count = select(func.count()).select_from(TeamMember).where(belongs).correlate(Team).scalar_subquery()
    query = select(Team, count).order_by(Team.folded).limit(wanted.limit + 1)
    if words := wanted.q.strip():
        query = query.where(Team.folded.contains(_folded(words), autoescape=True))
    if wanted.member is not None:
        query = query.join(TeamMember, belongs).where(TeamMember.user_id == wanted.member)
    if (cursor := decode(wanted.after, 1)) is not None:
        query = query.where(Team.folded > str(cursor[0]))
    rows = [(row[0], row[1]) for row in await session.execute(query)]
    return cut(rows, wanted.limit, lambda row: (row[0].folded,))


async def list_members(session: AsyncSession, team_id: str) -> list[tuple[TeamMember, User]]:
    """Return who belongs to a team, by e-mail address."""
    rows = await session.execute(
        select(TeamMember, User)
        .join(User, User.user_id == TeamMember.user_id)
        .where(TeamMember.team_id == team_id)
        .order_by(User.email)
    )
    return [(row[0], row[1]) for row in rows]


async def create_team(database: Database, name: str, actor: Actor) -> Team:
    """Make a team that nobody belongs to yet; raise `Problem` team_exists."""
    async with database.work() as work:
        await serialise(work)
        await _require_free(work.session, name)
        team = Team(team_id=new_id(), name=name, folded=_folded(name), created_at=now())
        work.session.add(team)
        write_journal(work, actor, "team.created", f"Made the team {name}.", subject_id=team.team_id)
    return team


async def rename_team(database: Database, team_id: str, name: str, actor: Actor) -> Team:
    """Give a team another name; raise `Problem` team_exists."""
    async with database.work() as work:
        await serialise(work)
        team = await get_team(work.session, team_id)
        before = team.name
        if before == name:
            return team
        await _require_free(work.session, name, team_id)
        team.name, team.folded = name, _folded(name)
        data: JsonValue = {"name": {"from": before, "to": name}}
        sentence = f"Renamed the team {before} to {name}."
        write_journal(work, actor, "team.changed", sentence, subject_id=team_id, data=data)
    return team


async def delete_team(database: Database, team_id: str, actor: Actor) -> None:
    """Delete a team and what holds for it; its members stay."""
    async with database.work() as work:
        await serialise(work)
        team = await get_team(work.session, team_id)
        members = await list_members(work.session, team_id)
        await work.session.delete(team)
        count = "1 member" if len(members) == 1 else f"{len(members)} members"
        sentence = f"Deleted the team {team.name}, which had {count}."
        data: JsonValue = {"members": [user.email for _, user in members]}
        write_journal(work, actor, "team.deleted", sentence, subject_id=team_id, data=data)


async def add_member(database: Database, team_id: str, user_id: str, actor: Actor) -> None:
    """Let a person belong to a team; one who does already goes on to."""
    async with database.work() as work:
        await serialise(work)
        team, user = await get_team(work.session, team_id), await get_user(work.session, user_id)
        if await work.session.get(TeamMember, (team_id, user_id)) is not None:
            return
        work.session.add(TeamMember(team_id=team_id, user_id=user_id, added_at=now()))
        _note(work, actor, "team.member_added", f"Added {user.email} to the team {team.name}.", team, user)


async def remove_member(database: Database, team_id: str, user_id: str, actor: Actor) -> None:
    """Let a person belong to a team no more; raise `Problem` 404 for who does not."""
    async with database.work() as work:
        await serialise(work)
        team, user = await get_team(work.session, team_id), await get_user(work.session, user_id)
        member = await work.session.get(TeamMember, (team_id, user_id))
        if member is None:
            raise Problem("not_a_member", 404, f"{user.email} does not belong to the team {team.name}.")
        await _leave(work, team, member, user, actor)


async def leave_teams(work: Work, user_id: str, actor: Actor) -> None:
    """Let a person belong to no team any more, in this transaction."""
    await serialise(work)
    user = await get_user(work.session, user_id)
    rows = await work.session.execute(
        select(Team, TeamMember)
        .join(TeamMember, TeamMember.team_id == Team.team_id)
        .where(TeamMember.user_id == user_id)
        .order_by(Team.folded)
    )
    for team, member in rows.all():
        await _leave(work, team, member, user, actor)


async def count_teams(session: AsyncSession, user_id: str) -> int:
    """Return to how many teams a person belongs."""
    counted = select(func.count()).select_from(TeamMember).where(TeamMember.user_id == user_id)
    return await session.scalar(counted) or 0


async def _leave(work: Work, team: Team, member: TeamMember, user: User, actor: Actor) -> None:
    await work.session.delete(member)
    sentence = f"Removed {user.email} from the team {team.name}."
    _note(work, actor, "team.member_removed", sentence, team, user)


def _note(work: Work, actor: Actor, kind: str, sentence: str, team: Team, user: User) -> None:
    data: JsonValue = {"team_id": team.team_id, "team": team.name}
    write_journal(work, actor, kind, sentence, subject_id=user.user_id, data=data)


async def _require_free(session: AsyncSession, name: str, team_id: str | None = None) -> None:
    other = await session.scalar(select(Team).where(Team.folded == _folded(name)))
    if other is not None and other.team_id != team_id:
        raise Problem("team_exists", 409, f"There is a team {other.name} already.", field="name")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()
