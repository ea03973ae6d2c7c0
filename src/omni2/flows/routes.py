"""Routes of flows: who may see which is decided in the queries."""

from typing import Annotated, TypeVar

from fastapi import APIRouter, Query

from omni2.flows.checkpoints import Checkpoint
from omni2.flows.counting import count_flows, list_terms
from omni2.flows.queries import get_flow, list_checkpoints, list_flows, sight_of
from omni2.flows.saved_views import delete_view, list_views, save_view
from omni2.flows.schemas import (
    CheckpointRange,
    FlowCounts,
    FlowFilter,
    FlowPage,
    FlowQuery,
    FlowRow,
    TermFilter,
    TermList,
    ViewCreate,
    ViewList,
    ViewView,
)
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep, SettingsDep, WorkDep
from omni2.kernel.page import Page
from omni2.kernel.search import Words
from omni2.kernel.settings import Settings

router = APIRouter(prefix="/api/flows", tags=["flows"])

Q = TypeVar("Q", bound=FlowQuery)
Reader = Annotated[Principal, require("flows.own")]


@router.get("")
async def read_flows(
    session: ReadDep, settings: SettingsDep, reader: Reader, wanted: Annotated[FlowFilter, Query()]
) -> FlowPage:
    """List flows, newest first: one's own, or all for those who may read them."""
    return await list_flows(session, sight_of(reader), _zoned(wanted, settings))


@router.get("/counts")
async def read_counts(
    session: ReadDep, settings: SettingsDep, reader: Reader, wanted: Annotated[FlowQuery, Query()]
) -> FlowCounts:
    """Count what a query means, up to 10,000, with what it could be narrowed by."""
    return await count_flows(session, sight_of(reader), _zoned(wanted, settings))


@router.get("/terms")
async def read_terms(session: ReadDep, reader: Reader, wanted: Annotated[TermFilter, Query()]) -> TermList:
    """Return values to complete a query with, the most frequent first."""
    return await list_terms(session, sight_of(reader), wanted)


@router.get("/views")
async def read_views(session: ReadDep, reader: Reader) -> ViewList:
    """List the queries that one keeps."""
    return await list_views(session, reader.user_id)


@router.put("/views")
async def put_view(body: ViewCreate, work: WorkDep, reader: Reader) -> ViewView:
    """Keep a query under a name, in place of one of the same name."""
    return await save_view(work, reader.user_id, body)


@router.delete("/views/{view_id}", status_code=204)
async def remove_view(view_id: Words, work: WorkDep, reader: Reader) -> None:
    """Forget a kept query."""
    await delete_view(work, reader.user_id, view_id)


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


def _zoned(wanted: Q, settings: Settings) -> Q:
    """Return the query with the organisation's time zone unless it names one."""
    if "zone" in wanted.model_fields_set:
        return wanted
    return wanted.model_copy(update={"zone": settings.time_zone})
