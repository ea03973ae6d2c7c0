"""Routes that create and change people; lists of people are read elsewhere."""

from typing import Annotated

from fastapi import APIRouter

from omni2.identity.blocks import find_block
from omni2.identity.deps import MirrorDep, require
from omni2.identity.people import change_user, create_user, renew_link
from omni2.identity.principal import Principal
from omni2.identity.schemas import LinkCreated, UserCreate, UserCreated, UserPatch, UserView, user_view
from omni2.kernel.deps import DatabaseDep, SettingsDep

router = APIRouter(prefix="/api/users", tags=["users"])
Manager = Annotated[Principal, require("users.manage")]


@router.post("", status_code=201)
async def post_user(
    body: UserCreate,
    database: DatabaseDep,
    settings: SettingsDep,
    principal: Manager,
) -> UserCreated:
    """Invite a person; the link is shown this once."""
    user, link = await create_user(database, body.email, body.name, body.role, principal.actor)
    return UserCreated(user=user_view(user, None), link=link.url(settings.origin), expires_at=link.expires_at)


@router.patch("/{user_id}")
async def patch_user(
    user_id: str,
    body: UserPatch,
    database: DatabaseDep,
    mirror: MirrorDep,
    principal: Manager,
) -> UserView:
    """Change name, role or status."""
    user = await change_user(database, mirror, user_id, body, principal.actor)
    async with database.read() as session:
        return user_view(user, await find_block(session, user_id))


@router.post("/{user_id}/link", status_code=201)
async def post_link(
    user_id: str, database: DatabaseDep, mirror: MirrorDep, settings: SettingsDep, principal: Manager
) -> LinkCreated:
    """Make another invitation, or for who has a password a reset, which ends sessions and access tokens."""
    link, ended = await renew_link(database, mirror, user_id, principal.actor)
    return LinkCreated(
        link=link.url(settings.origin),
        expires_at=link.expires_at,
        sessions_ended=ended.sessions,
        tokens_revoked=list(ended.tokens),
    )
