"""Routes of grants, effective access and explanations."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.access.deps import AccessDep, DecidedByDep
from omni2.access.effective import explain, get_person, get_snapshot, view_access
from omni2.access.grants import create_grant, delete_grant, list_grants, replace_grant
from omni2.access.offers import list_offers, view_offers
from omni2.access.schemas import AccessView, Explanation, GrantCreate, GrantView, SnapshotView
from omni2.access.schemas_offers import Offered, OfferFilter, OfferKind, OfferQuery, OffersView
from omni2.identity.deps import MirrorDep, require
from omni2.identity.principal import Principal
from omni2.kernel.deps import DatabaseDep, ReadDep
from omni2.kernel.errors import Problem, not_found
from omni2.kernel.page import MAX_LIMIT, Page

router = APIRouter(prefix="/api", tags=["access"])

Member = Annotated[Principal, require("chat.use")]
FlowReader = Annotated[Principal, require("flows.own")]
Reader = Annotated[Principal, require("grants.read")]
Manager = Annotated[Principal, require("grants.manage")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


@router.get("/grants")
async def read_grants(
    session: ReadDep,
    _: Reader,
    server: str | None = None,
    user: str | None = None,
    limit: Limit = 100,
    after: str | None = None,
) -> Page[GrantView]:
    """List grants, oldest first."""
    return await list_grants(session, server=server, user_id=user, limit=limit, after=after)


@router.post("/grants", status_code=201)
async def post_grant(
    body: GrantCreate, database: DatabaseDep, mirror: MirrorDep, admin: Manager
) -> GrantView:
    """Add a grant."""
    return await create_grant(database, mirror, admin.actor, body)


@router.put("/grants/{grant_id}")
async def put_grant(
    grant_id: str, body: GrantCreate, database: DatabaseDep, mirror: MirrorDep, admin: Manager
) -> GrantView:
    """Replace a grant."""
    return await replace_grant(database, mirror, admin.actor, grant_id, body)


@router.delete("/grants/{grant_id}", status_code=204)
async def remove_grant(grant_id: str, database: DatabaseDep, mirror: MirrorDep, admin: Manager) -> None:
    """Take a grant away."""
    await delete_grant(database, mirror, admin.actor, grant_id)


@router.get("/users/{user_id}/access")
async def read_access(user_id: str, session: ReadDep, access: AccessDep, reader: Member) -> AccessView:
    """Return what a person may use: everybody for themselves, who may read grants for all."""
    if not reader.may("grants.read"):
        if user_id != reader.user_id:
            raise Problem("forbidden", 403, f"Your role ({reader.role}) may not see what others may use.")
        return await view_access(access, reader, everything=False)
    return await view_access(access, await get_person(session, user_id), everything=True)


@router.get("/offers")
async def read_offers(
    access: AccessDep, reader: Member, wanted: Annotated[OfferQuery, Query()]
) -> OffersView:
    """Return what one may use beside tools, by server: the first prompts, resources and templates."""
    return await view_offers(await access.of(reader), wanted)


@router.get("/offers/{server}/{kind}")
async def read_offers_of_kind(
    server: str,
    kind: OfferKind,
    access: AccessDep,
    reader: Member,
    wanted: Annotated[OfferFilter, Query()],
) -> Page[Offered]:
    """List the prompts, resources or templates of one server that one may use."""
    return await list_offers(await access.of(reader), server, kind, wanted)


@router.get("/explain")
async def read_explanation(
    session: ReadDep, access: AccessDep, _: Reader, user: str, server: str, tool: str
) -> Explanation:
    """Say why a person may or may not call a tool."""
    return await explain(access, await get_person(session, user), server, tool)


@router.get("/access-snapshots/{access_id}")
async def read_snapshot(
    access_id: str, session: ReadDep, decided_by: DecidedByDep, reader: FlowReader
) -> SnapshotView:
    """Return what could be used when a flow ran: everybody of their own flows, who may read flows of all."""
    view = await get_snapshot(session, access_id, reader)
    if not reader.may("flows.read") and not await decided_by(session, reader.user_id, access_id):
        raise not_found("access snapshot")
    return view
