"""Routes of imported bundles: to take one in, to read what is in it, to let go of it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.bundle import State, import_bundle, read_bundle
from omni2.flows.bundle_models import Bundle, BundleFlow
from omni2.flows.checkpoints import CHECKPOINTS, Checkpoint
from omni2.flows.schemas import FlowRow
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep, WorkDep
from omni2.kernel.errors import not_found
from omni2.kernel.journal import write_journal
from omni2.kernel.page import Page, cut, decode
from omni2.kernel.search import Words

router = APIRouter(prefix="/api/bundles", tags=["bundles"])

Manager = Annotated[Principal, require("record.manage")]
Reader = Annotated[Principal, require("flows.content")]


class BundleView(BaseModel):
    """A bundle that was imported. It is from `origin`, never part of the record here."""

    bundle_id: str
    name: str
    imported_at: datetime
    imported_by: str
    origin: str
    flows: int
    steps: int
    proof: State
    words: str


class BundleList(BaseModel):
    """All bundles, the newest first."""

    items: list[BundleView]


class ImportedFlow(BaseModel):
    """A flow of a bundle with its steps."""

    bundle: BundleView
    flow: FlowRow
    checkpoints: list[Checkpoint]


@router.get("")
async def read_bundles(session: ReadDep, _: Reader) -> BundleList:
    """List the bundles."""
    found = await session.scalars(select(Bundle).order_by(Bundle.imported_at.desc()))
    return BundleList(items=[_view(bundle) for bundle in found])


@router.post("", status_code=201)
async def create_bundle(request: Request, work: WorkDep, manager: Manager, name: Words = "") -> BundleView:
    """Import a bundle, or JSON lines with one flow each."""
    given = read_bundle(await request.body())
    bundle = import_bundle(work, manager.actor, name or given.origin or "Imported flows", given)
    await work.session.flush()
    return _view(bundle)


@router.get("/{bundle_id}/flows")
async def read_flows(
    bundle_id: Words,
    session: ReadDep,
    _: Reader,
    after: Words | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[FlowRow]:
    """List the flows of a bundle, in its order."""
    await _bundle(session, bundle_id)
    query = select(BundleFlow).where(BundleFlow.bundle_id == bundle_id)
    if (cursor := decode(after, 1)) is not None:
        query = query.where(BundleFlow.place > int(cursor[0]))
    found = (await session.scalars(query.order_by(BundleFlow.place).limit(limit + 1))).all()
    rows, following = cut(found, limit, lambda row: (row.place,))
    return Page[FlowRow](items=[FlowRow.model_validate_json(row.row) for row in rows], next=following)


@router.get("/{bundle_id}/flows/{flow_id}")
async def read_flow(bundle_id: Words, flow_id: Words, session: ReadDep, _: Reader) -> ImportedFlow:
    """Return one flow of a bundle with its steps."""
    bundle = await _bundle(session, bundle_id)
    query = select(BundleFlow).where(BundleFlow.bundle_id == bundle_id, BundleFlow.flow_id == flow_id)
    row = await session.scalar(query.limit(1))
    if row is None:
        raise not_found("flow")
    steps = CHECKPOINTS.validate_json(row.checkpoints)
    return ImportedFlow(bundle=_view(bundle), flow=FlowRow.model_validate_json(row.row), checkpoints=steps)


@router.delete("/{bundle_id}", status_code=204)
async def delete_bundle(bundle_id: Words, work: WorkDep, manager: Manager) -> None:
    """Let go of a bundle."""
    bundle = await _bundle(work.session, bundle_id)
    await work.session.execute(delete(BundleFlow).where(BundleFlow.bundle_id == bundle_id))
    await work.session.delete(bundle)
    sentence = f"{manager.email} removed the imported bundle '{bundle.name}'."
    write_journal(work, manager.actor, "bundle.removed", sentence, subject_id=bundle_id)


async def _bundle(session: AsyncSession, bundle_id: str) -> Bundle:
    bundle = await session.get(Bundle, bundle_id)
    if bundle is None:
        raise not_found("bundle")
    return bundle


def _view(bundle: Bundle) -> BundleView:
    return BundleView.model_validate(bundle, from_attributes=True)
