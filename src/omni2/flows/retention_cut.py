"""Cuts the beginning of a chain whose rows retention has removed: behind it a signed stump stays."""

from collections.abc import Mapping, Sequence
from itertools import takewhile

from omni2.flows.seal import Notary
from omni2.flows.seal_digest import Link, Source
from omni2.flows.seal_store import COLUMNS as LINK
from omni2.flows.seal_store import fetch_links_from, read_link
from omni2.flows.seal_stump import POLICY_LENGTH, Stump, cut_steps, fetch_beginning
from omni2.kernel.ids import now, to_micros
from omni2.kernel.scan import Scan

LINKS_AT_ONCE = 64  # about 3 MB: others wait for the writer meanwhile
CHAINS: Mapping[str, tuple[Source, ...]] = {
    "content": (),
    "flows": ("records", "openings", "flows"),
    "journal": ("journal",),
}


async def cut_next(notary: Notary, source: Source, policy: str) -> Stump | None:
    """Cut one piece off a chain; None when its first link still has a row that stands, or is its last.

    The caller holds the notary's turn. A row counts as removed only when a later link says that retention
    did it: one that somebody stole keeps its seal, and is missed by it.
    """
    n, _, _ = await fetch_beginning(notary.scan, source)
    links = await fetch_links_from(notary.scan, source, n, LINKS_AT_ONCE + 1)
    links = links[:-1]
    if not links:
        return None
    removed = await _removed(notary.scan, source, links)
    gone = list(takewhile(lambda link: link.kind == "removal" or removed.issuperset(link.keys), links))
    if not gone:
        return None
    keys = {key for link in gone if link.kind == "seal" for key in link.keys}
    last = gone[-1]
    stump = Stump(
        source=source,
        from_n=n + 1,
        n=last.n,
        at=to_micros(now()),
        total=last.total,
        chain=last.chain,
        rows=len(keys),
        first_key=min(keys, default=0),
        last_key=max(keys, default=0),
        policy=policy[:POLICY_LENGTH],
    )
    await notary.append((), cut_steps(stump, notary.signer))
    return stump


async def _removed(scan: Scan, source: Source, links: Sequence[Link]) -> set[int]:
    """Return the keys around these links of rows that retention has removed, by what the chain says."""
    sql = (
        f"SELECT {LINK} FROM seals WHERE source = :source AND kind = 'removal'"  # noqa: S608 our own words
        " AND first_key <= :high AND last_key >= :low"
    )
    low, high = min(link.keys[0] for link in links), max(link.keys[-1] for link in links)
    found = await scan.fetch(sql, {"source": source, "low": low, "high": high})
    return {key for row in found for key in read_link(row).keys}
