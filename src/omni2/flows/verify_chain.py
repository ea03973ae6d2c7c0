"""Walks a chain link by link: nothing missing, nothing changed, nothing cut off, its end signed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from omni2.flows.seal_anchor import Anchor, End
from omni2.flows.seal_digest import SOURCES, Link, Source, head_words, link_digest
from omni2.flows.seal_keys import Witness
from omni2.flows.seal_store import EMPTY, Unreadable, fetch_links_from
from omni2.flows.seal_stump import Stump, StumpUnreadable, fetch_stumps, stump_words
from omni2.kernel.ids import from_micros
from omni2.kernel.scan import Scan

LINKS_AT_ONCE = 64
OURS = "a key of this installation"
NAMES: dict[str, str] = {
    "records": "the steps of flows",
    "openings": "the beginnings of flows",
    "flows": "the flows",
    "journal": "the journal",
}


@dataclass(slots=True)
class Walked:
    """What became of the walk over one chain. `fault` is the first bad place, in words.

    `cuts` are the stumps of what retention cut off its beginning.
    """

    links: int = 0
    last_n: int = 0
    rows: int = 0
    sealed_at: datetime | None = None
    fault: str | None = None
    cuts: list[Stump] = field(default_factory=list[Stump])


async def walk_chain(scan: Scan, source: Source, witness: Witness, anchors: Sequence[Anchor]) -> Walked:
    """Verify one chain against itself, its signature, and what the anchors say of it."""
    walked, name = Walked(), NAMES[source]
    known = {
        anchor.ends[source].n: (anchor, anchor.ends[source]) for anchor in anchors if source in anchor.ends
    }
    end, walked.fault = await _walk_stumps(scan, walked, source, witness, known)
    known = {n: told for n, told in known.items() if n >= end.n}
    walked.fault = walked.fault or await _before(scan, source, end)
    if walked.fault:
        return walked
    try:
        async for link in _links(scan, source, end.n):
            walked.fault = _breaks(name, link, end) or _differs(name, known.get(link.n), _end_of(link))
            if walked.fault:
                return walked
            end = _end_of(link)
            walked.links += 1
            walked.last_n = link.n
            walked.rows += len(link.keys)
            walked.sealed_at = from_micros(link.at)
    except Unreadable as error:
        walked.fault = f"In the chain of {name}: {error}."
        return walked
    last = max(known, default=0)
    if last > end.n:
        anchor, told = known[last]
        walked.fault = (
            f"The chain of {name} was cut short: it ends at link {end.n} ({end.total} rows), "
            f"but the anchor of {anchor.at} knows link {last} ({told.total} rows)."
        )
    elif walked.links and not await _is_signed(scan, source, end, witness):
        walked.fault = (
            f"The end of the chain of {name}, link {end.n}, is not signed by a key of this installation."
        )
    return walked


async def walk_chains(scan: Scan, witness: Witness, anchors: Sequence[Anchor]) -> dict[Source, Walked]:
    """Verify every chain; stop at the first that is broken."""
    done: dict[Source, Walked] = {}
    for source in SOURCES:
        done[source] = await walk_chain(scan, source, witness, anchors)
        if done[source].fault:
            break
    return done


async def _links(scan: Scan, source: Source, after_n: int) -> AsyncIterator[Link]:
    while links := await fetch_links_from(scan, source, after_n, LINKS_AT_ONCE):
        for link in links:
            yield link
        after_n = links[-1].n


def _end_of(link: Link) -> End:
    return End(link.n, link.total, link.chain)


def _breaks(name: str, link: Link, end: End) -> str | None:
    if link.n != end.n + 1 and not end.n:
        return f"The chain of {name} begins at link {link.n}, and no stump says that retention cut it there."
    if link.n != end.n + 1:
        return f"In the chain of {name}, link {end.n + 1} is missing; link {link.n} follows link {end.n}."
    if link.total != end.total + len(link.keys) or link_digest(end.chain, link) != link.chain:
        return f"In the chain of {name}, link {link.n} (of {_time(link.at)}) is not what was sealed."
    return None


def _differs(name: str, known: tuple[Anchor, End] | None, end: End) -> str | None:
    if known is None or known[1] == end:
        return None
    at = known[0].at
    return f"The chain of {name} was written anew: link {end.n} is not the one that the anchor of {at} knows."


def _time(at: int) -> str:
    return f"{from_micros(at):%Y-%m-%d %H:%M:%S} UTC" if 0 < at < 1 << 52 else "no time"


async def _walk_stumps(
    scan: Scan, walked: Walked, source: Source, witness: Witness, known: Mapping[int, tuple[Anchor, End]]
) -> tuple[End, str | None]:
    """Return where the chain begins after what retention cut, and what is wrong with the stumps of that."""
    end, name = EMPTY, NAMES[source]
    try:
        stumps = await fetch_stumps(scan, source)
    except StumpUnreadable as error:
        return end, f"In the chain of {name}: {error}."
    for stump, signature in stumps:
        if stump.source != source or not witness.confirms(stump_words(stump), signature):
            return end, f"The stump of the chain of {name} at link {stump.n} is not signed by {OURS}."
        if stump.from_n != end.n + 1:
            return end, f"Of the chain of {name}, the stump over link {end.n + 1} is missing."
        end = End(stump.n, stump.total, stump.chain)
        walked.cuts.append(stump)
        if fault := _differs(name, known.get(stump.n), end):
            return end, fault
    return end, None


async def _before(scan: Scan, source: Source, end: End) -> str | None:
    sql = "SELECT n FROM seals WHERE source = :source AND n <= :n LIMIT 1"
    for row in await scan.fetch(sql, {"source": source, "n": end.n}):
        return f"In the chain of {NAMES[source]}, link {row[0]} stands before its beginning."
    return None


async def _is_signed(scan: Scan, source: Source, end: End, witness: Witness) -> bool:
    sql = "SELECT signature FROM seals WHERE source = :source AND n = :n"
    rows = await scan.fetch(sql, {"source": source, "n": end.n})
    return bool(rows) and witness.confirms(head_words(source, end.n, end.total, end.chain), str(rows[0][0]))
