"""Routes of the proof: whether the record verifies, and whether one flow does."""

from datetime import datetime
from typing import Annotated, Literal, cast

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from omni2.flows.queries import get_flow, sight_of
from omni2.flows.seal_store import fetch_ends
from omni2.flows.verify_flow import FlowProof, prove_flow
from omni2.flows.verify_watch import Proof, find_check
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import DatabaseDep, ReadDep
from omni2.kernel.search import Words

router = APIRouter(prefix="/api", tags=["proof"])


def get_proof(connection: HTTPConnection) -> Proof:
    """Return who seals and verifies in this process."""
    return cast("Proof", connection.app.state.proof)


ProofDep = Annotated[Proof, Depends(get_proof)]
Reader = Annotated[Principal, require("flows.own")]
Auditor = Annotated[Principal, require("journal.read")]


class RecordProof(BaseModel):
    """Whether the whole record verifies: what the latest walk found, and what is sealed by now.

    `words` names the first bad place. `public_key` is what the ends of the chains are signed by, in base64.
    """

    state: Literal["verified", "broken", "unchecked"]
    checked_at: datetime | None
    sealed_at: datetime | None
    rows: int
    sealed_rows: int
    unsealed: int
    duration_ms: int
    words: str
    public_key: str


@router.get("/journal/verify")
async def read_proof(database: DatabaseDep, proof: ProofDep, _: Auditor) -> RecordProof:
    """Return whether the record verifies."""
    check, ends = await find_check(database), await fetch_ends(proof.notary.scan)
    sealed = sum(end.total for source, end in ends.items() if source != "openings")
    if check is None:
        return RecordProof(
            state="unchecked",
            checked_at=None,
            sealed_at=None,
            rows=0,
            sealed_rows=sealed,
            unsealed=0,
            duration_ms=0,
            words="The record has not been verified since it began.",
            public_key=proof.notary.signer.public_text,
        )
    return RecordProof(
        state="verified" if check.well else "broken",
        checked_at=check.at,
        sealed_at=check.sealed_at,
        rows=check.rows,
        sealed_rows=sealed,
        unsealed=check.unsealed,
        duration_ms=check.duration_ms,
        words=check.words,
        public_key=proof.notary.signer.public_text,
    )


@router.post("/journal/verify", status_code=202)
async def verify_now(proof: ProofDep, _: Auditor) -> None:
    """Begin a walk over the whole record now; what it finds is read with GET."""
    proof.checker.ask()


@router.get("/flows/{flow_id}/proof")
async def read_flow_proof(flow_id: Words, session: ReadDep, proof: ProofDep, reader: Reader) -> FlowProof:
    """Return whether a flow is what was sealed."""
    await get_flow(session, sight_of(reader), flow_id)
    return await prove_flow(proof.notary.scan, flow_id)
