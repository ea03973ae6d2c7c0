"""What a bundle carries for whoever wants to prove it elsewhere: where its rows stand in the chains."""

from collections.abc import AsyncIterator
from typing import Any

import orjson

from omni2.flows.seal_digest import NO_SALT, SALT, Link, Source, split, to_text
from omni2.flows.seal_store import fetch_link, fetch_links_over
from omni2.insight.export import Exported
from omni2.kernel.scan import Scan

LINKS_LIMIT = 20_000


class Prover:
    """Finds the links of rows. Flows whose content is hidden cannot be proven and carry nothing."""

    def __init__(self, scan: Scan, public_keys: list[str]) -> None:
        self.public_keys = public_keys
        self._scan = scan
        self._used: set[tuple[Source, int]] = set()
        self._latest: Link | None = None

    async def places(self, flow: Exported) -> list[dict[str, Any]] | None:
        """Return for each stored row its key, the link that sealed it, and its salt; None without a proof."""
        if flow.hidden or len(self._used) >= LINKS_LIMIT:
            return None
        found: list[dict[str, Any]] = []
        for phase in flow.phases:
            link = await self._link("records", phase.key)
            if link is None:
                return None
            salt = split(link.salts, SALT)[link.keys.index(phase.key)]
            if salt == NO_SALT:
                return None
            self._used.add((link.source, link.n))
            place: dict[str, Any] = {
                "key": phase.key,
                "first_seq": phase.first_seq,
                "last_seq": phase.last_seq,
            }
            place |= {"at": phase.at, "link": link.n, "salt": to_text(salt)}
            if orjson.dumps(orjson.loads(phase.checkpoints)) != phase.checkpoints:
                place["raw"] = phase.checkpoints.decode()
            found.append(place)
        return found

    async def links(self) -> AsyncIterator[dict[str, Any]]:
        """Yield every link that was named, in order, with the value before it and its signature."""
        for source, n in sorted(self._used):
            stored = await fetch_link(self._scan, source, n)
            if stored is not None:
                yield stored

    async def _link(self, source: Source, key: int) -> Link | None:
        if self._latest is not None and key in self._latest.keys:
            return self._latest
        for link in await fetch_links_over(self._scan, source, key, key):
            if key in link.keys and link.kind == "seal":
                self._latest = link
                return link
        return None
