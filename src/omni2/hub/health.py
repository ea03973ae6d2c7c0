"""One check of one server: ask for all that it offers, pin what it says, store state, reason, latency."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import cast

import structlog
from pydantic import JsonValue
from sqlalchemy import select

from omni2.catalog.entries import ServerEntry, ServerState
from omni2.catalog.models import Prompt, Resource, ResourceTemplate, Server
from omni2.catalog.pinning import Pinned, pin_tools
from omni2.catalog.servers import get_server, note_state
from omni2.catalog.shelves import Listed, Table, replace_rows
from omni2.identity.epochs import bump
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.secrets import Sealer
from omni2.upstream.ports import Catalogue, McpPool
from omni2.upstream.targets import server_target

log = structlog.get_logger(__name__)

ITSELF = Actor(None, "omni2")
MAX_INSTRUCTIONS = 16_384
NAMED = 100  # a server may change thousands of tools as often as it is asked


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check brought: a catalogue, or the problem instead."""

    catalogue: Catalogue | None
    problem: Problem | None

    @property
    def state(self) -> ServerState:
        """Connected only when the server answered."""
        return "down" if self.catalogue is None else "connected"

    @property
    def reason(self) -> str | None:
        """Why it is down, in words."""
        return self.problem.detail if self.problem is not None else None


async def ask(pool: McpPool, sealer: Sealer, entry: ServerEntry) -> Finding:
    """Ask a server for its tools over the kept session; a failure is a finding too."""
    try:
        return Finding(await pool.list_tools(server_target(entry, sealer)), None)
    except Problem as problem:
        return Finding(None, problem)


async def store(database: Database, entry: ServerEntry, finding: Finding) -> bool:
    """Store a finding, unless the server was changed or disabled meanwhile; return whether anything moved."""
    async with database.work() as work:
        row = await work.session.get(Server, entry.server_id, with_for_update=True)
        if row is None or not row.enabled or row.version != entry.version:
            return False
        return await record(work, row, finding)


async def record(work: Work, row: Server, finding: Finding) -> bool:
    """Write a finding into this transaction; bump the catalogue only when state or tools moved."""
    catalogue = finding.catalogue
    latency_ms = round(catalogue.latency_ms) if catalogue is not None else None
    moved = note_state(work, row, finding.state, finding.reason, latency_ms)
    if moved:
        log.info("server_state", server=row.slug, state=finding.state, reason=finding.reason)
    if catalogue is not None:
        moved = await keep(work, row, catalogue) or moved
    if moved:
        await bump(work, "catalog")
    return moved


async def keep(work: Work, row: Server, catalogue: Catalogue) -> bool:
    """Store what a server offers; return whether anything differs from what it offered before."""
    first = row.revision is None
    moved = _note_server(row, catalogue)
    hold_new = row.new_tools == "hold" and not first
    pinned = await pin_tools(work, row.server_id, catalogue.tools, hold_new=hold_new)
    if pinned.refused:
        log.warning("tools_left_out", server=row.slug, count=pinned.refused)
    if not first:
        note_tools(work, row, pinned)
    for table, listed in _lists(catalogue):
        moved = await replace_rows(work, table, row.server_id, listed) or moved
    return moved or pinned.moved


def _note_server(row: Server, catalogue: Catalogue) -> bool:
    before = row.revision, row.capabilities or {}, row.instructions
    instructions = catalogue.instructions[:MAX_INSTRUCTIONS] if catalogue.instructions else None
    row.revision, row.listed_at = catalogue.revision, now()
    row.capabilities = cast("JsonValue", catalogue.capabilities)
    row.instructions = instructions.replace("\0", "") if instructions else None
    return before != (row.revision, row.capabilities, row.instructions)


def _lists(catalogue: Catalogue) -> Iterable[tuple[Table, list[Listed]]]:
    yield Prompt, [asdict(prompt) for prompt in catalogue.prompts]
    yield Resource, [asdict(resource) for resource in catalogue.resources]
    yield ResourceTemplate, [asdict(template) for template in catalogue.templates]


def note_tools(work: Work, row: Server, pinned: Pinned) -> None:
    """Write a journal row when tools came, changed or went."""
    named = {
        "added": pinned.added,
        "held for approval": pinned.held,
        "again as approved": pinned.restored,
        "removed": pinned.gone,
    }
    parts = [
        f"{what} {', '.join(names[:10])}{' and more' if len(names) > 10 else ''}"
        for what, names in named.items()
        if names
    ]
    if not parts:
        return
    data: dict[str, JsonValue] = {
        "added": [*pinned.added[:NAMED]],
        "changed": [*pinned.held[:NAMED]],
        "restored": [*pinned.restored[:NAMED]],
        "removed": [*pinned.gone[:NAMED]],
    }
    words = f"The tools of {row.title} changed: {'; '.join(parts)}."
    write_journal(work, ITSELF, "server.tools_changed", words, subject_id=row.server_id, data=data)


async def restart_states(database: Database) -> None:
    """Mark every enabled server as being connected to: nothing is known until it answers."""
    async with database.work() as work:
        for server_id in await _enabled(work):
            row = await get_server(work.session, server_id, lock=True)
            note_state(work, row, "connecting", None, None)
        await bump(work, "catalog")


async def _enabled(work: Work) -> list[str]:
    query = select(Server.server_id).where(Server.enabled.is_(True)).order_by(Server.server_id)
    return list(await work.session.scalars(query))
