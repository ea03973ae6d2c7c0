"""Stumps: what stands where retention cut the beginning of a chain. Signed, one for each cut, kept for ever.

A stump says which links went, how many rows they had sealed and between which keys, by which policy, and
the value of the chain at the cut: the links behind it go on from there, so that theft cannot look like it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import orjson

from omni2.flows.seal_digest import GENESIS, Source
from omni2.flows.seal_keys import Signer
from omni2.kernel.lane import Step
from omni2.kernel.scan import Scan

POLICY_LENGTH = 300
NUMBERS = 7
COLUMNS = "source, from_n, n, at, total, chain, rows_cut, first_key, last_key, policy"
_INSERT = f"""
INSERT INTO seal_stumps ({COLUMNS}, signature) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""  # noqa: S608 our own words
_DELETE = "DELETE FROM seals WHERE source = $1 AND n <= $2"


class StumpUnreadable(Exception):
    """A stored stump is not what anybody of ours wrote."""


@dataclass(frozen=True, slots=True)
class Stump:
    """The links `from_n` to `n` of a chain were cut at a time (microseconds since 1970).

    `total` and `chain` are those of link `n`; the rows had keys from `first_key` to `last_key`.
    """

    source: Source
    from_n: int
    n: int
    at: int
    total: int
    chain: bytes
    rows: int
    first_key: int
    last_key: int
    policy: str


def stump_words(stump: Stump) -> bytes:
    """Return what is signed of a stump."""
    values = [stump.source, stump.from_n, stump.n, stump.at, stump.total, stump.chain.hex()]
    return b"omni2 chain stump\n" + orjson.dumps(
        [*values, stump.rows, stump.first_key, stump.last_key, stump.policy]
    )


def cut_steps(stump: Stump, signer: Signer) -> list[Step]:
    """Return the statements that cut a chain: the links go, the signed stump stays; or neither."""
    values = (stump.source, stump.from_n, stump.n, stump.at, stump.total, stump.chain.hex())
    rest = (stump.rows, stump.first_key, stump.last_key, stump.policy, signer.sign(stump_words(stump)))
    return [
        Step(_DELETE, (stump.source, stump.n), expect=stump.n - stump.from_n + 1),
        Step(_INSERT, (*values, *rest), expect=1),
    ]


async def fetch_stumps(scan: Scan, source: Source) -> list[tuple[Stump, str]]:
    """Return the stumps of a chain with their signatures, in its order; raise `StumpUnreadable`."""
    sql = f"SELECT {COLUMNS}, signature FROM seal_stumps WHERE source = :source ORDER BY n"  # noqa: S608
    return [_read(row) for row in await scan.fetch(sql, {"source": source})]


async def fetch_beginning(scan: Scan, source: Source) -> tuple[int, int, bytes]:
    """Return number, count of rows and value of the link behind which a chain begins now."""
    sql = "SELECT n, total, chain FROM seal_stumps WHERE source = :source ORDER BY n DESC LIMIT 1"
    for n, total, chain in await scan.fetch(sql, {"source": source}):
        return n, total, bytes.fromhex(chain)
    return 0, 0, GENESIS


def _read(row: Sequence[object]) -> tuple[Stump, str]:
    source, from_n, n, at, total, chain, rows, first, last, policy, signature = row
    try:
        value = bytes.fromhex(str(chain))
    except ValueError as error:
        raise StumpUnreadable(f"the stump at link {n} cannot be read") from error
    numbers = [number for number in (from_n, n, at, total, rows, first, last) if isinstance(number, int)]
    if len(numbers) != NUMBERS or value.hex() != chain:
        raise StumpUnreadable(f"the stump at link {n} cannot be read")
    begins, ends, made, sealed, cut, low, high = numbers
    stump = Stump(cast("Source", source), begins, ends, made, sealed, value, cut, low, high, str(policy))
    return stump, str(signature)
