"""Proves imported flows by the signed links that their bundle carries: pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

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

Leaves = Mapping[int, Mapping[int, bytes]]  # by link and key


def read_links(given: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> Leaves | None:
    """Return the leaf of each row by link and key; None when a link or its signature does not hold."""
    witness = Witness([to_bytes(key) for key in keys])
    found: dict[int, dict[int, bytes]] = {}
    for raw in given:
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


def fault_of(
    who: tuple[str, str], steps: Sequence[Any], proof: Sequence[Mapping[str, Any]], links: Leaves
) -> str | None:
    """Return the first steps of a flow that are not what was sealed. `who` is flow id and user id."""
    seq, (flow_id, user_id) = 0, who
    for place in proof:
        first, last = int(place["first_seq"]), int(place["last_seq"])
        content = str(place["raw"]).encode() if "raw" in place else orjson.dumps(steps[first - 1 : last])
        facts, _ = describe_record((place["key"], flow_id, user_id, first, last, place["at"], b""))
        salt = to_bytes(place["salt"])
        leaf = leaf_of(facts, inner_digest(salt, content))
        known = links.get(place["link"], {}).get(place["key"])
        same = orjson.loads(content) == steps[first - 1 : last]
        if first != seq + 1 or len(salt) != SALT or leaf != known or not same:
            return f"Steps {first} to {last} of flow {flow_id} are not what was sealed."
        seq = last
    if seq != len(steps):
        return f"Flow {flow_id} has steps that nobody sealed."
    return None
