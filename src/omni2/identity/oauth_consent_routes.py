"""Routes of the consent page and of the programs that are connected."""

from typing import Annotated

from fastapi import APIRouter

from omni2.identity.deps import ClientsDep, MirrorDep, ResourceDep, require
from omni2.identity.oauth_clients import Clients
from omni2.identity.oauth_consents import (
    allow,
    find_consent,
    list_consents,
    may_be_repeated,
    require_person,
    revoke_consent,
)
from omni2.identity.oauth_requests import Asked, Wish, read_asked, read_fields, read_wish
from omni2.identity.oauth_resource import Resource
from omni2.identity.oauth_schemas import (
    Connection,
    ConsentDecide,
    ConsentDecided,
    ConsentInspect,
    ConsentInspected,
    ConsentList,
    ask_of,
    consent_view,
)
from omni2.identity.principal import Principal
from omni2.kernel.deps import DatabaseDep
from omni2.kernel.errors import Problem

router = APIRouter(prefix="/api/oauth", tags=["oauth"])
Owner = Annotated[Principal, require("tokens.own")]


@router.get("/connection")
async def get_connection(resource: ResourceDep, clients: ClientsDep, principal: Owner) -> Connection:
    """Tell what a program needs to connect."""
    del principal
    return Connection(url=resource.audience, registration=clients.registration)


@router.post("/inspect")
async def inspect(
    body: ConsentInspect, clients: ClientsDep, resource: ResourceDep, database: DatabaseDep, principal: Owner
) -> ConsentInspected:
    """Tell what to ask the person; or, when there is nothing to ask, where to send the browser.

    That is so when the client asks for what cannot be, and when the person allowed it before and nobody else
    could receive the answer.
    """
    require_person(principal)
    wish = await _wish(body.query, clients, resource)
    if isinstance(wish, str):
        return ConsentInspected(ask=None, redirect=wish)
    async with database.read() as session:
        given = await find_consent(session, principal.user_id, wish)
    if given is None or not may_be_repeated(given, wish):
        return ConsentInspected(ask=ask_of(wish, given), redirect=None)
    code = await allow(database, principal, wish)
    return ConsentInspected(ask=None, redirect=wish.asked.answer(code=code))


@router.post("/decide")
async def decide(
    body: ConsentDecide, clients: ClientsDep, resource: ResourceDep, database: DatabaseDep, principal: Owner
) -> ConsentDecided:
    """Allow or deny what a client asks for; all is checked again."""
    require_person(principal)
    wish = await _wish(body.query, clients, resource)
    if isinstance(wish, str):
        return ConsentDecided(redirect=wish)
    if not body.allow:
        denied = Problem("access_denied", 403, "The person said no.")
        return ConsentDecided(redirect=wish.asked.refusal(denied))
    code = await allow(database, principal, wish)
    return ConsentDecided(redirect=wish.asked.answer(code=code))


@router.get("/consents")
async def get_consents(database: DatabaseDep, principal: Owner) -> ConsentList:
    """List the programs that act in one's name."""
    async with database.read() as session:
        held = await list_consents(session, principal.user_id)
    return ConsentList(items=[consent_view(consent) for consent in held])


@router.delete("/consents/{consent_id}", status_code=204)
async def delete_consent(consent_id: str, database: DatabaseDep, mirror: MirrorDep, principal: Owner) -> None:
    """Disconnect a program: its tokens end at once."""
    await revoke_consent(database, mirror, principal, consent_id)


async def _wish(query: str, clients: Clients, resource: Resource) -> Wish | str:
    """Return what is asked, or the address that tells the client why not."""
    asked: Asked | None = await read_asked(clients, fields := read_fields(query), resource.origin)
    if asked is None:
        raise Problem("client_unknown", 400, "This program is not known.")
    try:
        return read_wish(asked, fields, resource)
    except Problem as problem:
        return asked.refusal(problem)
