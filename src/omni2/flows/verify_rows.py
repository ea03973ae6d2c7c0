"""What the chains expect of the rows of a table, loaded link by link as the rows come by."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from omni2.flows.seal_digest import (
    DESCRIBE,
    DIGEST,
    SALT,
    Link,
    Source,
    inner_digest,
    leaf_of,
    split,
)
from omni2.flows.seal_store import COLUMNS, read_link
from omni2.kernel.scan import Scan

LINKS_AT_ONCE = 64

Given = tuple[bytes, bytes, int]  # salt, leaf, and the number of the link
Taken = tuple[int, bytes, bytes, bytes]  # of an erasure: the number of its link, salt, leaf, former digest


@dataclass(slots=True)
class Expected:
    """The rows of one source that were sealed and have not come by yet, as far as the links are loaded."""

    source: Source
    rows: dict[int, tuple[bytes, bytes]] = field(default_factory=dict[int, tuple[bytes, bytes]])
    erased: dict[int, list[Taken]] = field(default_factory=dict[int, list[Taken]])
    unknown: dict[int, tuple[Any, ...]] = field(default_factory=dict[int, tuple[Any, ...]])
    removed: set[int] = field(default_factory=set[int])
    last_key: int = -1
    loaded: set[int] = field(default_factory=set[int])
    _place: tuple[int, int] = (-1, -1)
    _reach: int = -1
    _ended: bool = False

    async def load(self, scan: Scan, key: int) -> None:
        """Load every link that may hold a row up to `key`."""
        while not self._ended and self._reach <= key:
            sql = (
                f"SELECT {COLUMNS}, first_key FROM seals WHERE source = :source"  # noqa: S608 our own words
                " AND (first_key > :first OR (first_key = :first AND n > :n))"
                " ORDER BY first_key, n LIMIT :limit"
            )
            first, n = self._place
            params = {"source": self.source, "first": first, "n": n, "limit": LINKS_AT_ONCE}
            found = await scan.fetch(sql, params)
            for row in found:
                self.take(read_link(row[:-1]))
            if found:
                self._place = found[-1][-1], found[-1][1]
                self._reach = found[-1][-1]
            self._ended = len(found) < LINKS_AT_ONCE

    def take(self, link: Link) -> None:
        """Expect the rows of a link."""
        if link.n in self.loaded:
            return
        self.loaded.add(link.n)
        self.last_key = max(self.last_key, link.keys[-1])
        if link.kind == "removal":
            self.removed.update(key for key in link.keys if self.rows.pop(key, None) is None)
            return
        salts, leaves = split(link.salts, SALT), split(link.leaves, DIGEST)
        if link.kind == "seal":
            self.rows.update(zip(link.keys, zip(salts, leaves, strict=True), strict=True))
            for key in self.removed.intersection(link.keys):
                del self.rows[key]
            return
        for key, salt, leaf, former in zip(link.keys, salts, leaves, split(link.former, DIGEST), strict=True):
            self.erased.setdefault(key, []).append((link.n, salt, leaf, former))

    def confirms(self, row: tuple[Any, ...]) -> bool | None:
        """Whether a row, which has come by now, is what was sealed; None when no loaded link knows it."""
        given = self.rows.pop(row[0], None)
        if given is None:
            self.unknown[row[0]] = row
            return None
        facts, content = DESCRIBE[self.source](row)
        salt, leaf = given
        if row[0] in self.erased:
            return _follows(self.erased.pop(row[0]), leaf, facts, content)
        return leaf_of(facts, inner_digest(salt, content)) == leaf

    def find_bad(self, rows: Sequence[tuple[Any, ...]], *, knows_all: bool) -> tuple[Any, ...] | None:
        """Return the first of some rows that is not what was sealed. As `confirms`, but for very many.

        Rows that no loaded link knows are remembered only where this source `knows_all` of them.
        """
        expect, erased, unknown = self.rows.pop, self.erased, self.unknown
        describe, row = DESCRIBE[self.source], ()
        try:
            for row in rows:
                given = expect(row[0], None)
                if given is None:
                    if knows_all:
                        unknown[row[0]] = row
                    continue
                facts, content = describe(row)
                salt, leaf = given
                if row[0] in erased:
                    if not _follows(erased.pop(row[0]), leaf, facts, content):
                        return row
                elif sha256(facts + sha256(salt + content).digest()).digest() != leaf:
                    return row
        except (ValueError, TypeError, OverflowError):  # a value that nobody of ours wrote
            return row
        return None


def _follows(taken: list[Taken], leaf: bytes, facts: bytes, content: bytes) -> bool:
    """Whether every erasure names what it took away, and what stands now is what the last one left."""
    salt = b""
    for _, new_salt, new_leaf, former in sorted(taken):
        if leaf_of(facts, former) != leaf:
            return False
        salt, leaf = new_salt, new_leaf
    return leaf_of(facts, inner_digest(salt, content)) == leaf
