"""Takes in flows that were recorded elsewhere: checked, proven by what they carry, kept apart from ours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import orjson
from pydantic import ValidationError

from omni2.flows.bundle_models import Bundle, BundleFlow
from omni2.flows.checkpoints import CHECKPOINTS
from omni2.flows.schemas import FlowRow
from omni2.flows.seal_digest import (
    DIGEST,
    SALT,
    Link,
    describe_record,
    head_words,
    inner_digest,
    leaf_of,
    link_digest,
    split,
    to_bytes,
    unpack_keys,
)
from omni2.flows.seal_keys import Witness
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal

FLOWS_LIMIT = 10_000
ROW = tuple(FlowRow.model_fields)
State = Literal["verified", "broken", "none"]


@dataclass(frozen=True, slots=True)
class Given:
    """A bundle as it came: its flows, the links that they name, the keys of who signed them."""

    origin: str
    flows: Sequence[Mapping[str, Any]]
    links: Sequence[Mapping[str, Any]]
    public_keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class Proven:
    """What became of the proof that a bundle carries."""

    state: State
    words: str


def read_bundle(raw: bytes) -> Given:
    """Return a bundle, or JSON lines, one flow each; raise `Problem` bundle_invalid for anything else."""
    try:
        if raw.lstrip()[:16].startswith(b'{"omni2_bundle"'):
            whole = cast("dict[str, Any]", orjson.loads(raw))
            return Given(
                str(whole.get("origin", ""))[:320],
                _objects(whole["flows"]),
                _objects(whole.get("links", [])),
                [str(key) for key in whole.get("public_keys", [])],
            )
        return Given("", _objects([orjson.loads(line) for line in raw.splitlines() if line.strip()]), (), ())
    except (ValueError, KeyError, TypeError) as error:
        raise _invalid("it is neither a bundle nor JSON lines") from error


def import_bundle(work: Work, actor: Actor, name: str, given: Given) -> Bundle:
    """Store a bundle; nothing of it becomes part of the record here. Raises `Problem` bundle_invalid."""
    if not 0 < len(given.flows) <= FLOWS_LIMIT:
        raise _invalid(f"it holds {len(given.flows)} flows, and may hold 1 to {FLOWS_LIMIT}")
    rows = [_stored(place, flow) for place, flow in enumerate(given.flows)]
    proven = prove(given)
    steps = sum(len(flow["checkpoints"]) for flow in given.flows)
    bundle = Bundle(
        bundle_id=new_id(),
        name=name[:200],
        imported_at=now(),
        imported_by=actor.name,
        origin=given.origin,
        flows=len(rows),
        steps=steps,
        proof=proven.state,
        words=proven.words,
    )
    work.session.add(bundle)
    for row in rows:
        row.bundle_id = bundle.bundle_id
        work.session.add(row)
    sentence = f"{actor.name} imported {len(rows)} flows as '{bundle.name}'. {proven.words}"
    write_journal(work, actor, "bundle.imported", sentence, subject_id=bundle.bundle_id)
    return bundle


def prove(given: Given) -> Proven:
    """Verify every step of every flow against the signed links that the bundle carries."""
    proofs = [flow.get("proof") for flow in given.flows]
    if not given.links or not all(proofs):
        return Proven("none", "It carries no proof of all its flows.")
    try:
        links = _links(given)
        if links is None:
            return Proven("broken", "A link of its chain is not what was signed.")
        for flow in given.flows:
            if (fault := _fault(flow, links)) is not None:
                return Proven("broken", fault)
    except (ValueError, KeyError, TypeError, IndexError):
        return Proven("broken", "Its proof cannot be read.")
    return Proven("verified", f"Every step is what was signed by the key {given.public_keys[0]}.")


def _links(given: Given) -> dict[int, dict[int, bytes]] | None:
    """Return the leaf of each row by link and key; None when a link or its signature does not hold."""
    witness = Witness([to_bytes(key) for key in given.public_keys])
    found: dict[int, dict[int, bytes]] = {}
    for raw in given.links:
        link = Link(
            source=raw["source"],
            n=raw["n"],
            kind=raw["kind"],
            writer=raw["writer"],
            at=raw["at"],
            total=raw["total"],
            keys=unpack_keys(to_bytes(raw["keys"])),
            salts=b"",
            leaves=to_bytes(raw["leaves"]),
            former=to_bytes(raw["former"]),
            chain=b"",
        )
        chain = link_digest(bytes.fromhex(raw["before"]), link)
        link = replace(link, chain=chain)
        words = head_words(link.source, link.n, link.total, chain)
        if chain.hex() != raw["chain"] or not witness.confirms(words, str(raw["signature"])):
            return None
        found[link.n] = dict(zip(link.keys, split(link.leaves, DIGEST), strict=True))
    return found


def _fault(flow: Mapping[str, Any], links: Mapping[int, Mapping[int, bytes]]) -> str | None:
    """Return the first steps of a flow that are not what was sealed."""
    seq = 0
    for place in flow["proof"]:
        first, last = int(place["first_seq"]), int(place["last_seq"])
        content = str(place["raw"]).encode() if "raw" in place else None
        steps = flow["checkpoints"][first - 1 : last]
        if content is None:
            content = orjson.dumps(steps)
        facts, _ = describe_record(
            (place["key"], flow["flow_id"], flow["user_id"], first, last, place["at"], b"")
        )
        salt = to_bytes(place["salt"])
        leaf = leaf_of(facts, inner_digest(salt, content))
        known = links.get(place["link"], {}).get(place["key"])
        if first != seq + 1 or len(salt) != SALT or leaf != known or orjson.loads(content) != steps:
            return f"Steps {first} to {last} of flow {flow['flow_id']} are not what was sealed."
        seq = last
    if seq != len(flow["checkpoints"]):
        return f"Flow {flow['flow_id']} has steps that nobody sealed."
    return None


def _stored(place: int, flow: Mapping[str, Any]) -> BundleFlow:
    try:
        row = FlowRow.model_validate({name: flow[name] for name in ROW})
        steps = CHECKPOINTS.validate_python(flow["checkpoints"])
    except (ValidationError, KeyError, TypeError) as error:
        raise _invalid(f"flow {place + 1} is not one of omni2") from error
    if [step.seq for step in steps] != list(range(1, len(steps) + 1)):
        raise _invalid(f"the steps of flow {place + 1} have holes")
    if any(step.flow_id != row.flow_id for step in steps):
        raise _invalid(f"flow {place + 1} has steps of another one")
    return BundleFlow(
        place=place,
        flow_id=row.flow_id,
        row=row.model_dump_json(),
        checkpoints=orjson.dumps(flow["checkpoints"]).decode(),
    )


def _objects(values: object) -> list[Mapping[str, Any]]:
    listed = cast("list[object]", values) if isinstance(values, list) else []
    if not all(isinstance(value, dict) for value in listed):
        raise ValueError("not a list of objects")
    return cast("list[Mapping[str, Any]]", listed)


def _invalid(why: str) -> Problem:
    return Problem("bundle_invalid", 422, f"This cannot be imported: {why}.")
