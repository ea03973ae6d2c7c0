"""Routes of the anchors: where they are sent beside the file, and what became of that."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from omni2.flows.anchor_hook import HookState, State, find_hook, set_hook
from omni2.flows.verify_routes import Auditor, ProofDep
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import DatabaseDep, ReadDep
from omni2.kernel.errors import Problem
from omni2.kernel.search import Words

router = APIRouter(prefix="/api/journal/anchors", tags=["proof"])

Manager = Annotated[Principal, require("record.manage")]


class AnchorsView(BaseModel):
    """Where anchors are sent beside the file. `words` say why the latest was not taken.

    `state` is off without an address, waiting before the first was taken, failing while none is.
    """

    state: State
    url: str | None
    allow_private: bool
    delivered_at: datetime | None
    failed_at: datetime | None
    failures: int
    words: str


class AnchorsChange(BaseModel):
    """An address that takes anchors by POST, or None; `allow_private` lets it be on a private network."""

    model_config = ConfigDict(strict=True, extra="forbid")

    url: Words | None = Field(max_length=2_000)
    allow_private: bool = False


@router.get("")
async def read_anchors(session: ReadDep, _: Auditor) -> AnchorsView:
    """Return where anchors are sent."""
    return _view(await find_hook(session))


@router.put("")
async def change_anchors(
    body: AnchorsChange, database: DatabaseDep, proof: ProofDep, manager: Manager
) -> AnchorsView:
    """Say where anchors are sent, and send one there; what became of it is in the answer."""
    if body.url is not None:
        await proof.courier.poster.check(body.url, allow_private=body.allow_private)
    async with database.work() as work:
        await set_hook(work, manager.actor, body.url, allow_private=body.allow_private)
    return await _send(proof)


@router.post("/send")
async def send_anchor(session: ReadDep, proof: ProofDep, _: Manager) -> AnchorsView:
    """Send an anchor now; what became of it is in the answer."""
    if (await find_hook(session)).url is None:
        raise Problem("not_found", 404, "No address for anchors is set.")
    return await _send(proof)


async def _send(proof: ProofDep) -> AnchorsView:
    proof.courier.offer(await proof.notary.line())
    return _view(await proof.courier.deliver())


def _view(hook: HookState) -> AnchorsView:
    return AnchorsView.model_validate(hook, from_attributes=True)
