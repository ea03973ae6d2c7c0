"""Verifies one flow: its steps and its own row against the links that know them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from omni2.flows.seal_digest import HEAD_COLUMNS, RECORD_COLUMNS, Link, Source
from omni2.flows.seal_store import Unreadable, fetch_links_over
from omni2.flows.verify_rows import Expected
from omni2.kernel.ids import from_micros
from omni2.kernel.scan import Scan

State = Literal["verified", "unsealed", "broken"]


class FlowProof(BaseModel):
    """Whether a flow is what was sealed. `sealed_at` is the time of its latest seal."""

    state: State
    sealed_at: datetime | None
    rows: int
    words: str


async def prove_flow(scan: Scan, flow_id: str) -> FlowProof:
    """Return the proof of a flow that exists; the chains as a whole are verified elsewhere."""
    records = await scan.fetch(
        f"SELECT {RECORD_COLUMNS}, {scan.as_bytes('checkpoints')} FROM flow_records"  # noqa: S608
        " WHERE flow_id = :flow_id ORDER BY first_seq",
        {"flow_id": flow_id},
    )
    heads = await scan.fetch(
        f"SELECT {HEAD_COLUMNS} FROM flows WHERE flow_id = :flow_id",  # noqa: S608
        {"flow_id": flow_id},
    )
    try:
        sealed = [
            await _compare(scan, "records", records),
            await _compare(scan, "openings", heads),
            await _compare(scan, "flows", heads),
        ]
    except Unreadable as error:
        return FlowProof(state="broken", sealed_at=None, rows=0, words=f"The chain is broken: {error}.")
    faults = [fault for _, _, fault in sealed if fault]
    latest = max((at for at, _, _ in sealed if at), default=None)
    rows = sealed[0][1] + max(sealed[1][1], sealed[2][1])
    if faults:
        return FlowProof(state="broken", sealed_at=latest, rows=rows, words=faults[0])
    if heads and not records and await _is_going(scan, heads[0][0]):
        words = "Retention has removed its steps; its own row is going as well."
        return FlowProof(state="unsealed", sealed_at=latest, rows=rows, words=words)
    hole = _hole(records, heads)
    if hole:
        return FlowProof(state="broken", sealed_at=latest, rows=rows, words=hole)
    if sealed[0][1] < len(records) or not sealed[2][1]:
        words = "The newest steps are not sealed yet; that takes about a second."
        if heads and heads[0][7] == "running":
            words = "The flow still runs; it is sealed as a whole when it ends."
        return FlowProof(state="unsealed", sealed_at=latest, rows=rows, words=words)
    return FlowProof(state="verified", sealed_at=latest, rows=rows, words="Every step is what was sealed.")


async def _compare(scan: Scan, source: Source, rows: Any) -> tuple[datetime | None, int, str | None]:
    """Return when these rows were sealed, how many of them are, and what is wrong with the first that is."""
    if not rows:
        return None, 0, None
    expected, at, sealed = Expected(source), None, 0
    for link in await fetch_links_over(
        scan, source, min(row[0] for row in rows), max(row[0] for row in rows)
    ):
        expected.take(link)
        if _holds(link, rows):
            at = from_micros(link.at)
    for row in rows:
        good = expected.confirms(row)
        if good is False:
            what = f"Steps {row[3]} to {row[4]} were" if source == "records" else "The flow's own row was"
            return at, sealed, f"{what} changed: this is not what was sealed."
        sealed += good is True
    return at, sealed, None


def _holds(link: Link, rows: Any) -> bool:
    keys = set(link.keys)
    return any(row[0] in keys for row in rows)


async def _is_going(scan: Scan, key: int) -> bool:
    """Whether retention has removed steps of the time of a flow, as it does where it drops a whole month."""
    sql = (
        "SELECT 1 FROM seals WHERE source = 'records' AND kind = 'removal'"
        " AND first_key <= :key AND last_key >= :key LIMIT 1"
    )
    return bool(await scan.fetch(sql, {"key": key}))


def _hole(records: Any, heads: Any) -> str | None:
    """Return what is missing between the first step and the last."""
    seq = 0
    for row in records:
        if row[3] != seq + 1:
            return f"Steps {seq + 1} to {row[3] - 1} are missing."
        seq = row[4]
    if heads and heads[0][7] != "running" and heads[0][10] != seq:
        return f"The flow had {heads[0][10]} steps; {seq} are here."
    return None
