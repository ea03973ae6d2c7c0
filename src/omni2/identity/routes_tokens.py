"""Routes of one's own access tokens."""

from typing import Annotated

from fastapi import APIRouter

from omni2.identity.credentials import (
    create_token,
    list_tokens,
    require_no_longer,
    require_servers_within,
    require_within,
    revoke_token,
)
from omni2.identity.deps import MirrorDep, require
from omni2.identity.people import get_user
from omni2.identity.principal import Principal
from omni2.identity.schemas import TokenCreate, TokenCreated, TokenList, token_view
from omni2.kernel.deps import DatabaseDep

router = APIRouter(prefix="/api/tokens", tags=["tokens"])
Owner = Annotated[Principal, require("tokens.own")]


@router.get("")
async def get_tokens(database: DatabaseDep, principal: Owner) -> TokenList:
    """List the tokens that work, or did until they expired."""
    async with database.read() as session:
        return TokenList(items=[token_view(row) for row in await list_tokens(session, principal.user_id)])


@router.post("", status_code=201)
async def post_token(body: TokenCreate, database: DatabaseDep, principal: Owner) -> TokenCreated:
    """Make an access token; the secret is shown this once."""
    require_within(body.scopes, principal.scopes)
    require_servers_within(body.servers, principal.servers)
    async with database.read() as session:
        await require_no_longer(session, principal, body.expires_in_days)
        user = await get_user(session, principal.user_id)
    token, secret = await create_token(database, user, body, principal.actor)
    return TokenCreated(token=token_view(token), secret=secret)


@router.delete("/{token_id}", status_code=204)
async def delete_token(token_id: str, database: DatabaseDep, mirror: MirrorDep, principal: Owner) -> None:
    """Revoke a token: what uses it is refused from now on."""
    await revoke_token(database, mirror, principal.user_id, token_id, principal.actor)
