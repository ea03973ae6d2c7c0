"""Links of the chains in the database: the statements that add them, and reading them back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from omni2.flows.seal_anchor import End
from omni2.flows.seal_digest import (
    DIGEST,
    GENESIS,
    NO_SALT,
    SALT,
    SOURCES,
    Kind,
    Link,
    Source,
    head_words,
    link_digest,
    split,
    to_bytes,
    to_text,
    unpack_keys,
)
from omni2.flows.seal_digest import pack_keys as pack
from omni2.flows.seal_keys import Signer
from omni2.kernel.ids import to_micros
from omni2.kernel.lane import Step
from omni2.kernel.scan import Scan

COLUMNS = "source, n, kind, writer, at, total, keys, salts, leaves, former, chain"
_INSERT = """
INSERT INTO seals (source, n, kind, writer, at, first_key, last_key, total, keys, salts, leaves, former,
 chain, signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
"""
_MARK = """
INSERT INTO seal_marks (source, lag_s, key) VALUES ($1, $2, $3)
ON CONFLICT (source, lag_s) DO UPDATE SET key = excluded.key
"""
_SALTS = "UPDATE seals SET salts = $1 WHERE source = $2 AND n = $3"
EMPTY = End(0, 0, GENESIS)


class Unreadable(Exception):
    """A stored link is not what anybody of ours wrote."""

    def __init__(self, source: str, n: object) -> None:
        super().__init__(f"link {n} of the chain of {source} cannot be read")


@dataclass(frozen=True, slots=True)
class Sealed:
    """Rows to be sealed, by key: key, leaf, and the salt of each; `former` is what an erasure takes away."""

    source: Source
    rows: Sequence[tuple[int, bytes, bytes]]
    former: bytes = b""
    kind: Kind = "seal"


def make_link(sealed: Sealed, end: End, writer: str, at: datetime) -> Link:
    """Return the next link of a chain, behind `end`."""
    rows = sorted(sealed.rows)
    link = Link(
        source=sealed.source,
        n=end.n + 1,
        kind=sealed.kind,
        writer=writer,
        at=to_micros(at),
        total=end.total + len(rows),
        keys=tuple(row[0] for row in rows),
        salts=b"".join(row[2] for row in rows),
        leaves=b"".join(row[1] for row in rows),
        former=sealed.former,
        chain=b"",
    )
    return replace(link, chain=link_digest(end.chain, link))


def insert_link(link: Link, signer: Signer) -> Step:
    """Return the statement that adds a link with its signature; refused when another one has its place."""
    words = head_words(link.source, link.n, link.total, link.chain)
    return Step(
        _INSERT,
        (
            *(link.source, link.n, link.kind, link.writer, link.at, link.keys[0], link.keys[-1], link.total),
            *(to_text(pack(link.keys)), to_text(link.salts), to_text(link.leaves), to_text(link.former)),
            *(link.chain.hex(), signer.sign(words)),
        ),
        expect=1,
    )


def set_mark(source: str, lag_s: int, key: int) -> Step:
    """Return the statement that notes how far a table was read."""
    return Step(_MARK, (source, lag_s, key))


def forget_salts(link: Link, keys: set[int]) -> Step:
    """Return the statement that wipes the salts of these rows: their leaves tell nothing any more."""
    kept = [
        NO_SALT if key in keys else salt for key, salt in zip(link.keys, split(link.salts, SALT), strict=True)
    ]
    return Step(_SALTS, (to_text(b"".join(kept)), link.source, link.n), expect=1)


async def fetch_ends(scan: Scan) -> dict[Source, End]:
    """Return where each chain ends now; a chain that was cut off whole ends at its stump."""
    ends = dict.fromkeys(SOURCES, EMPTY)
    for table in ("seal_stumps", "seals"):
        for source in SOURCES:
            sql = f"SELECT n, total, chain FROM {table} WHERE source = :source ORDER BY n DESC LIMIT 1"  # noqa: S608
            for n, total, chain in await scan.fetch(sql, {"source": source}):
                ends[source] = End(n, total, bytes.fromhex(chain))
    return ends


async def fetch_marks(scan: Scan) -> dict[tuple[str, int], int]:
    """Return how far each table was read, by source and lag."""
    rows = await scan.fetch("SELECT source, lag_s, key FROM seal_marks")
    return {(row[0], row[1]): row[2] for row in rows}


async def find_link(scan: Scan, source: Source, key: int) -> Link | None:
    """Return the latest link that says what a row is."""
    found = [link for link in await fetch_links_over(scan, source, key, key) if key in link.keys]
    return found[-1] if found and found[-1].kind != "removal" else None


async def fetch_links_from(scan: Scan, source: Source, after_n: int, limit: int) -> list[Link]:
    """Return links in the order of the chain."""
    sql = f"SELECT {COLUMNS} FROM seals WHERE source = :source AND n > :n ORDER BY n LIMIT :limit"  # noqa: S608
    rows = await scan.fetch(sql, {"source": source, "n": after_n, "limit": limit})
    return [read_link(row) for row in rows]


async def fetch_links_over(scan: Scan, source: Source, low: int, high: int) -> list[Link]:
    """Return every link that may hold a key between these two."""
    sql = (
        f"SELECT {COLUMNS} FROM seals WHERE source = :source AND first_key <= :high AND last_key >= :low"  # noqa: S608
        " ORDER BY n"
    )
    return [read_link(row) for row in await scan.fetch(sql, {"source": source, "low": low, "high": high})]


def read_link(row: tuple[Any, ...]) -> Link:
    """Return a stored link; raise `Unreadable` when its parts do not fit together."""
    source, n, kind, writer, at, total, keys, salts, leaves, former, chain = row
    try:
        link = Link(
            source=cast("Source", source),
            n=n,
            kind=cast("Kind", kind),
            writer=writer,
            at=at,
            total=total,
            keys=unpack_keys(to_bytes(keys)),
            salts=to_bytes(salts),
            leaves=to_bytes(leaves),
            former=to_bytes(former),
            chain=bytes.fromhex(chain),
        )
    except (ValueError, TypeError) as error:
        raise Unreadable(str(source), n) from error
    if not link.is_whole or link.chain.hex() != chain or len(link.chain) != DIGEST:
        raise Unreadable(str(source), n)
    return link


async def fetch_link(scan: Scan, source: Source, n: int) -> dict[str, Any] | None:
    """Return a link as it is carried elsewhere: all but its salts, the value before it, its signature."""
    sql = f"SELECT {COLUMNS}, signature FROM seals WHERE source = :source AND n = :n"  # noqa: S608
    before = "SELECT chain FROM seals WHERE source = :source AND n = :n"
    stump = "SELECT chain FROM seal_stumps WHERE source = :source AND n = :n"
    for row in await scan.fetch(sql, {"source": source, "n": n}):
        names = [name.strip() for name in f"{COLUMNS}, signature".split(",")]
        params = {"source": source, "n": n - 1}
        ahead = await scan.fetch(before, params) or await scan.fetch(stump, params)
        link = dict(zip(names, row, strict=True))
        del link["salts"]
        return {**link, "before": ahead[0][0] if ahead else GENESIS.hex()}
    return None
