"""Routes of comparing: two accesses, two people, and the neighbours of a flow."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.access.deps import AccessDep
from omni2.access.effective import get_snapshot
from omni2.flows.queries import sight_of
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.insight.compare import compare_access
from omni2.insight.compare_people import compare_people, list_neighbours
from omni2.insight.compare_schemas import (
    AccessDifference,
    AccessPair,
    Neighbours,
    PeopleDifference,
    PeoplePair,
)
from omni2.kernel.deps import ReadDep
from omni2.kernel.search import Words

router = APIRouter(prefix="/api/insight", tags=["compare"])

Owner = Annotated[Principal, require("flows.own")]
Reader = Annotated[Principal, require("flows.read")]
RuleReader = Annotated[Principal, require("grants.read")]
SIDES = ("The first", "the second")


@router.get("/flows/{flow_id}/neighbours")
async def read_neighbours(flow_id: Words, session: ReadDep, reader: Owner) -> Neighbours:
    """Return the flows of the same person right before and right behind one."""
    return await list_neighbours(session, sight_of(reader), flow_id)


@router.get("/compare/access")
async def read_access_difference(
    session: ReadDep, reader: Reader, wanted: Annotated[AccessPair, Query()]
) -> AccessDifference:
    """Return what could be used at the time of one flow and not of the other, each with its rule."""
    a, b = await get_snapshot(session, wanted.a, reader), await get_snapshot(session, wanted.b, reader)
    return compare_access(a, b, SIDES)


@router.get("/compare/people")
async def read_people_difference(
    session: ReadDep, access: AccessDep, _: RuleReader, wanted: Annotated[PeoplePair, Query()]
) -> PeopleDifference:
    """Return what two people may do now, and what each did in a time."""
    return await compare_people(session, access, wanted)
