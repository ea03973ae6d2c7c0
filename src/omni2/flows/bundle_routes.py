"""Routes of imported bundles: to take one in, to read what is in it, to let go of it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from omni2.flows.bundle import SIZE_LIMIT, Announced, Stage, State, begin_bundle, go_on_proving, take_part
from omni2.flows.bundle_models import Bundle
from omni2.flows.bundle_queries import get_bundle, get_imported, list_bundles, list_imported, remove_bundle
from omni2.flows.checkpoints import CHECKPOINTS, Checkpoint
from omni2.flows.schemas import FlowRow
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import ReadDep, WorkDep
from omni2.kernel.journal import write_journal
from omni2.kernel.page import Page
from omni2.kernel.search import Words

router = APIRouter(prefix="/api/bundles", tags=["bundles"])

Manager = Annotated[Principal, require("record.manage")]
Reader = Annotated[Principal, require("flows.content")]


class BundleView(BaseModel):
    """A bundle that was imported. It is from `origin`, never part of the record here.

    It is `open` while its file comes in, `proving` while its flows are compared with their seals.
    """

    bundle_id: str
    name: str
    imported_at: datetime
    imported_by: str
    origin: str
    flows: int
    steps: int
    proof: State
    words: str
    state: Stage
    size: int
    received: int
    proven: int


class BundleBegin(BaseModel):
    """A file that is to come in parts. The same `mark` takes up again what was begun before."""

    model_config = ConfigDict(strict=True, extra="forbid")

    name: Words = Field(min_length=1, max_length=200)
    size: int = Field(ge=1, le=SIZE_LIMIT)
    mark: Words = Field(default="", max_length=100)


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
    return BundleList(items=[_view(bundle) for bundle in await list_bundles(session)])


@router.post("", status_code=201)
async def create_bundle(request: Request, work: WorkDep, manager: Manager, name: Words = "") -> BundleView:
    """Import a small bundle as a whole, or JSON lines with one flow each; larger ones come in parts."""
    body = await request.body()
    bundle = await begin_bundle(work, manager.actor, Announced(name or "Imported flows", len(body)))
    await take_part(work.session, bundle, 0, body)
    while bundle.state != "whole":
        await go_on_proving(work, manager.actor, bundle)
        bundle = await get_bundle(work.session, bundle.bundle_id)
    await work.session.flush()
    return _view(bundle)


@router.post("/uploads", status_code=201)
async def begin_upload(body: BundleBegin, work: WorkDep, manager: Manager) -> BundleView:
    """Begin to import a file in parts, or take up what was begun: `received` says where to go on."""
    return _view(await begin_bundle(work, manager.actor, Announced(body.name, body.size, body.mark)))


@router.put("/uploads/{bundle_id}")
async def add_part(
    bundle_id: Words, request: Request, work: WorkDep, _: Manager, offset: Annotated[int, Query(ge=0)]
) -> BundleView:
    """Take in a part of the file, of at most 4 MiB, as it is."""
    bundle = await get_bundle(work.session, bundle_id)
    await take_part(work.session, bundle, offset, await request.body())
    return _view(bundle)


@router.post("/uploads/{bundle_id}/prove")
async def prove_next(bundle_id: Words, work: WorkDep, manager: Manager) -> BundleView:
    """Compare the next flows with their seals; to be asked again until the bundle is whole."""
    await go_on_proving(work, manager.actor, await get_bundle(work.session, bundle_id))
    return _view(await get_bundle(work.session, bundle_id))


@router.get("/{bundle_id}/flows")
async def read_flows(
    bundle_id: Words,
    session: ReadDep,
    _: Reader,
    after: Words | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[FlowRow]:
    """List the flows of a bundle, in its order."""
    return await list_imported(session, bundle_id, after, limit)


@router.get("/{bundle_id}/flows/{flow_id}")
async def read_flow(bundle_id: Words, flow_id: Words, session: ReadDep, _: Reader) -> ImportedFlow:
    """Return one flow of a bundle with its steps."""
    bundle, row = await get_bundle(session, bundle_id), await get_imported(session, bundle_id, flow_id)
    steps = CHECKPOINTS.validate_json(row.checkpoints)
    return ImportedFlow(bundle=_view(bundle), flow=FlowRow.model_validate_json(row.row), checkpoints=steps)


@router.delete("/{bundle_id}", status_code=204)
async def delete_bundle(bundle_id: Words, work: WorkDep, manager: Manager) -> None:
    """Let go of a bundle."""
    bundle = await get_bundle(work.session, bundle_id)
    await remove_bundle(work.session, bundle)
    sentence = f"{manager.email} removed the imported bundle '{bundle.name}'."
    write_journal(work, manager.actor, "bundle.removed", sentence, subject_id=bundle_id)


def _view(bundle: Bundle) -> BundleView:
    return BundleView.model_validate(bundle, from_attributes=True)
