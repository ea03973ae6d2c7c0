"""Routes of flows: who may see which is decided in the queries."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.flows.checkpoints import Checkpoint
from omni2.flows.queries import get_flow, list_checkpoints, list_flows, sight_of
from omni2.flows.schemas import CheckpointRange, FlowFilter, FlowRow
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep
from omni2.kernel.page import Page
from omni2.kernel.search import Words

router = APIRouter(prefix="/api/flows", tags=["flows"])

Reader = Annotated[Principal, require("flows.own")]


@router.get("")
async def read_flows(
    session: ReadDep, reader: Reader, wanted: Annotated[FlowFilter, Query()]
) -> Page[FlowRow]:
    """List flows, newest first: one's own, or all for those who may read them."""
    return await list_flows(session, sight_of(reader), wanted)


@router.get("/{flow_id}")
async def read_flow(flow_id: Words, session: ReadDep, reader: Reader) -> FlowRow:
    """Return one flow."""
    return await get_flow(session, sight_of(reader), flow_id)


@router.get("/{flow_id}/checkpoints")
async def read_checkpoints(
    flow_id: Words, session: ReadDep, reader: Reader, wanted: Annotated[CheckpointRange, Query()]
) -> Page[Checkpoint]:
    """Return the checkpoints of a flow in order, exactly as stored."""
    return await list_checkpoints(session, sight_of(reader), flow_id, wanted)
