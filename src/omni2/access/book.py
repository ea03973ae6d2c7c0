"""Who may use what, compiled once for each change of the grants or of the catalogue."""

import asyncio
from typing import cast

from sqlalchemy import select

from omni2.access.compiled import Access, Compiled, GrantEntry, Person
from omni2.access.decide import Rule
from omni2.access.models import AccessSnapshot, Grant
from omni2.catalog.book import CatalogBook
from omni2.catalog.entries import EMPTY
from omni2.identity.epochs import Mirror
from omni2.kernel.db import Database
from omni2.kernel.ids import now, to_micros
from omni2.kernel.lane import Step

STORED_LIMIT = 50_000
_INSERT = (
    "INSERT INTO access_snapshots (access_id, body, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
)


class AccessBook:
    """Answers from memory while the epochs of grants and catalogue stand still; refuses on a stale mirror."""

    def __init__(self, database: Database, mirror: Mirror, catalog: CatalogBook) -> None:
        self._database = database
        self._mirror = mirror
        self._catalog = catalog
        self._compiled = Compiled((-1, -1), (), EMPTY)
        self._loading = asyncio.Lock()
        self._stored: set[str] = set()
        self._held_at = -1

    async def of(self, person: Person) -> Access:
        """Return what a principal or user may use now; raise `Problem` when that cannot be known."""
        return (await self.current()).access(person)

    def known(self, person: Person) -> Access | None:
        """Return what `of` would, None where that takes a read; to be asked behind a fresh view."""
        seen = self._mirror.seq
        if self._held_at != seen:
            if self._compiled.version != (self._mirror.version("grants"), self._mirror.version("catalog")):
                return None
            self._held_at = seen
        return self._compiled.access(person)

    async def current(self) -> Compiled:
        """Return the compiled state of the newest epochs that the mirror knows."""
        catalog = await self._catalog.snapshot()
        if self._compiled.version != (self._mirror.version("grants"), catalog.version):
            async with self._loading:
                await self._reload()
        return self._compiled

    def snapshot_step(self, access: Access) -> Step | None:
        """Return the statement that stores the snapshot with a flow, or None when it is known to be stored.

        Call `mark_stored` once the unit with it is committed.
        """
        if access.access_id in self._stored:
            return None
        return Step(_INSERT, (access.access_id, access.body.decode(), to_micros(now())))

    def mark_stored(self, access: Access) -> None:
        """Remember that the snapshot is durable."""
        if len(self._stored) >= STORED_LIMIT:
            self._stored.clear()
        self._stored.add(access.access_id)

    async def store_snapshot(self, access: Access) -> None:
        """Store the snapshot in a transaction of its own, unless it is known to be stored."""
        if access.access_id in self._stored:
            return
        async with self._database.work() as work:
            if await work.session.get(AccessSnapshot, access.access_id) is None:
                body = access.body.decode()
                work.session.add(AccessSnapshot(access_id=access.access_id, body=body, created_at=now()))
        self.mark_stored(access)

    async def _reload(self) -> None:
        catalog = await self._catalog.snapshot()
        version = (self._mirror.version("grants"), catalog.version)
        if self._compiled.version == version:
            return
        grants = self._compiled.grants
        if self._compiled.version[0] != version[0]:
            async with self._database.read() as session:
                rows = await session.scalars(select(Grant).order_by(Grant.created_at, Grant.grant_id))
                grants = tuple(grant_entry(row) for row in rows)
        self._compiled = Compiled(version, grants, catalog)


def grant_entry(row: Grant) -> GrantEntry:
    """Return the frozen form of a grant."""
    rule = Rule(
        grant_id=row.grant_id,
        name=row.name,
        server=row.server,
        allow=patterns(row.allow),
        deny=patterns(row.deny),
        subject=subject_words(row),
    )
    return GrantEntry(rule, row.role, row.user_id, row.subject == "everyone")


def subject_words(row: Grant) -> str:
    """Whom a grant names, as the start of a sentence."""
    if row.subject == "role":
        return f"role {row.role}"
    return "a grant to everyone" if row.subject == "everyone" else "a grant of their own"


def patterns(value: object) -> tuple[str, ...]:
    """Return the patterns of a stored list."""
    return tuple(str(item) for item in cast("list[object]", value)) if isinstance(value, list) else ()
