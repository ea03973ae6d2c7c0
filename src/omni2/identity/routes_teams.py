"""Routes of teams: which there are, and who belongs to them."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.identity.team_schemas import (
    TeamDetail,
    TeamFilter,
    TeamNaming,
    TeamRow,
    TeamView,
    member_view,
    team_view,
)
from omni2.identity.teams import (
    add_member,
    create_team,
    delete_team,
    get_team,
    list_members,
    list_teams,
    remove_member,
    rename_team,
)
from omni2.kernel.deps import DatabaseDep, ReadDep
from omni2.kernel.page import Page
from omni2.kernel.search import Words

router = APIRouter(prefix="/api/teams", tags=["teams"])
Reader = Annotated[Principal, require("users.read")]
Manager = Annotated[Principal, require("users.manage")]


@router.get("")
async def read_teams(session: ReadDep, _: Reader, wanted: Annotated[TeamFilter, Query()]) -> Page[TeamRow]:
    """List teams by name, each with how many belong to it."""
    rows, following = await list_teams(session, wanted)
    items = [TeamRow(**dict(team_view(team)), member_count=count) for team, count in rows]
    return Page[TeamRow](items=items, next=following)


@router.post("", status_code=201)
async def post_team(body: TeamNaming, database: DatabaseDep, principal: Manager) -> TeamView:
    """Make a team."""
    return team_view(await create_team(database, body.name, principal.actor))


@router.get("/{team_id}")
async def read_team(team_id: Words, session: ReadDep, _: Reader) -> TeamDetail:
    """Return a team with who belongs to it."""
    team = await get_team(session, team_id)
    members = [member_view(*row) for row in await list_members(session, team_id)]
    return TeamDetail(**dict(team_view(team)), members=members)


@router.patch("/{team_id}")
async def patch_team(team_id: Words, body: TeamNaming, database: DatabaseDep, principal: Manager) -> TeamView:
    """Give a team another name."""
    return team_view(await rename_team(database, team_id, body.name, principal.actor))


@router.delete("/{team_id}", status_code=204)
async def remove_team(team_id: Words, database: DatabaseDep, principal: Manager) -> None:
    """Delete a team; its members stay, what holds for the team ends."""
    await delete_team(database, team_id, principal.actor)


@router.put("/{team_id}/members/{user_id}", status_code=204)
async def put_member(team_id: Words, user_id: Words, database: DatabaseDep, principal: Manager) -> None:
    """Let a person belong to a team."""
    await add_member(database, team_id, user_id, principal.actor)


@router.delete("/{team_id}/members/{user_id}", status_code=204)
async def delete_member(team_id: Words, user_id: Words, database: DatabaseDep, principal: Manager) -> None:
    """Take a person out of a team."""
    await remove_member(database, team_id, user_id, principal.actor)
