"""Takes in flows that were recorded elsewhere: in parts, checked, proven by what they carry, kept apart."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

import orjson
from pydantic import ValidationError
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.bundle_models import Bundle, BundleFlow, BundleLink
from omni2.flows.bundle_proof import fault_of, read_links
from omni2.flows.bundle_reader import Item, Reader, invalid
from omni2.flows.checkpoints import CHECKPOINTS
from omni2.flows.schemas import FlowRow
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal

SIZE_LIMIT = 64 * 1024 * 1024 * 1024
PROVEN_AT_ONCE = 500
UNPROVEN = "It carries no proof of all its flows."
ROW = tuple(FlowRow.model_fields)
State = Literal["verified", "broken", "none"]
Stage = Literal["open", "proving", "whole"]


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that is to come: its name, its size in bytes, and what tells it from others of that name."""

    name: str
    size: int
    mark: str = ""


async def begin_bundle(work: Work, actor: Actor, file: Announced) -> Bundle:
    """Return the bundle that a file becomes: the one that was begun before by the same person, if any."""
    same = (
        select(Bundle)
        .where(Bundle.state != "whole", Bundle.imported_by == actor.name, Bundle.name == file.name[:200])
        .where(Bundle.size == file.size, Bundle.mark == file.mark, Bundle.mark != "")
    )
    before = await work.session.scalar(same.limit(1))
    if before is not None:
        return before
    bundle = Bundle(
        bundle_id=new_id(),
        name=file.name[:200],
        imported_at=now(),
        imported_by=actor.name,
        origin="",
        flows=0,
        steps=0,
        proof="none",
        words="",
        state="open",
        mark=file.mark,
        size=file.size,
        received=0,
        proven=0,
        reading=_written(Reader()),
    )
    work.session.add(bundle)
    await work.session.flush()
    return bundle


async def take_part(session: AsyncSession, bundle: Bundle, offset: int, part: bytes) -> None:
    """Take in the part of a file that begins at `offset`; with the last one it is to be proven.

    Raises `Problem` part_misplaced (with `received`: where to go on) or bundle_invalid; a part that is
    refused leaves nothing behind.
    """
    if bundle.state != "open" or offset != bundle.received or bundle.received + len(part) > bundle.size:
        words = f"The next part begins at {bundle.received} of {bundle.size} bytes."
        raise Problem("part_misplaced", 409, words, received=bundle.received)
    reader = _read(bundle.reading)
    rows, links = list[dict[str, Any]](), list[dict[str, Any]]()
    for item in reader.take(part):
        _sort(bundle, item, rows, links)
    if rows:
        await session.execute(insert(BundleFlow), rows)
    if links:
        await _require_new(session, bundle, [link["n"] for link in links])
        await session.execute(insert(BundleLink), links)
    bundle.received += len(part)
    if bundle.received == bundle.size:
        reader.require_whole()
        if bundle.flows == 0:
            raise invalid("it holds no flow")
        bundle.state = "proving"
    bundle.origin = str(reader.head.get("origin", ""))[:320]
    bundle.reading = _written(reader)


async def go_on_proving(work: Work, actor: Actor, bundle: Bundle) -> None:
    """Compare the next flows with the links that the bundle carries; behind the last one it is whole."""
    if bundle.state != "proving":
        return
    session, keys = work.session, _keys(_read(bundle.reading))
    page = select(BundleFlow).where(
        BundleFlow.bundle_id == bundle.bundle_id, BundleFlow.place >= bundle.proven
    )
    flows = (await session.scalars(page.order_by(BundleFlow.place).limit(PROVEN_AT_ONCE))).all()
    state, words = await _judge(session, bundle, flows, keys)
    bundle.proven += len(flows)
    if state == "verified" and bundle.proven < bundle.flows:
        return
    bundle.state, bundle.proof, bundle.words, bundle.reading = "whole", state, words, ""
    bundle.proven = bundle.flows
    sentence = f"{actor.name} imported {bundle.flows} flows as '{bundle.name}'. {words}"
    write_journal(work, actor, "bundle.imported", sentence, subject_id=bundle.bundle_id)


async def _judge(
    session: AsyncSession, bundle: Bundle, flows: Sequence[BundleFlow], keys: Sequence[str]
) -> tuple[State, str]:
    if not keys or any(flow.proof is None for flow in flows) or not await _has_links(session, bundle):
        return "none", UNPROVEN
    try:
        places = [cast("list[dict[str, Any]]", orjson.loads(flow.proof or "[]")) for flow in flows]
        wanted = {int(place["link"]) for each in places for place in each}
        query = select(BundleLink.body).where(BundleLink.bundle_id == bundle.bundle_id)
        found = await session.scalars(query.where(BundleLink.n.in_(wanted)))
        links = read_links([orjson.loads(body) for body in found], keys)
        if links is None:
            return "broken", "A link of its chain is not what was signed."
        if not wanted <= links.keys():
            return "none", UNPROVEN
        for flow, each in zip(flows, places, strict=True):
            who = FlowRow.model_validate_json(flow.row)
            steps = orjson.loads(flow.checkpoints)
            if (fault := fault_of((who.flow_id, who.user_id), steps, each, links)) is not None:
                return "broken", fault
    except (ValueError, KeyError, TypeError, IndexError):
        return "broken", "Its proof cannot be read."
    return "verified", f"Every step is what was signed by the key {keys[0]}."


async def _has_links(session: AsyncSession, bundle: Bundle) -> bool:
    counted = select(func.count()).select_from(BundleLink).where(BundleLink.bundle_id == bundle.bundle_id)
    return bool(await session.scalar(counted))


async def _require_new(session: AsyncSession, bundle: Bundle, numbers: Sequence[int]) -> None:
    same = select(BundleLink.n).where(BundleLink.bundle_id == bundle.bundle_id, BundleLink.n.in_(numbers))
    if await session.scalar(same.limit(1)) is not None:
        raise invalid("a link of its proof is there twice")


def _sort(bundle: Bundle, item: Item, rows: list[dict[str, Any]], links: list[dict[str, Any]]) -> None:
    """Make a row of what was read, and count it."""
    kind, value = item
    if kind == "link":
        n = value.get("n")
        if not isinstance(n, int) or not 0 <= n < 1 << 63 or any(link["n"] == n for link in links):
            raise invalid("a link of its proof has no place")
        links.append({"bundle_id": bundle.bundle_id, "n": n, "body": orjson.dumps(value).decode()})
        return
    row = stored_flow(bundle.flows, value)
    rows.append({**row, "bundle_id": bundle.bundle_id, "place": bundle.flows})
    bundle.flows += 1
    bundle.steps += len(value["checkpoints"])


def stored_flow(place: int, flow: Mapping[str, Any]) -> dict[str, Any]:
    """Return a flow as it is stored; raise `Problem` bundle_invalid for anything else than one of omni2."""
    try:
        row = FlowRow.model_validate({name: flow[name] for name in ROW})
        steps = CHECKPOINTS.validate_python(flow["checkpoints"])
    except (ValidationError, KeyError, TypeError) as error:
        raise invalid(f"flow {place + 1} is not one of omni2") from error
    if [step.seq for step in steps] != list(range(1, len(steps) + 1)):
        raise invalid(f"the steps of flow {place + 1} have holes")
    if any(step.flow_id != row.flow_id for step in steps):
        raise invalid(f"flow {place + 1} has steps of another one")
    proof = flow.get("proof")
    return {
        "flow_id": row.flow_id,
        "row": row.model_dump_json(),
        "checkpoints": orjson.dumps(flow["checkpoints"]).decode(),
        "proof": None if not proof else orjson.dumps(proof).decode(),
    }


def _keys(reader: Reader) -> list[str]:
    listed = reader.head.get("public_keys", [])
    return [str(key) for key in cast("list[object]", listed)] if isinstance(listed, list) else []


def _written(reader: Reader) -> str:
    rest = b64encode(reader.rest).decode()
    return orjson.dumps({"mode": reader.mode, "rest": rest, "head": reader.head}).decode()


def _read(text: str) -> Reader:
    stored = orjson.loads(text)
    return Reader(stored["mode"], b64decode(stored["rest"]), stored["head"])
