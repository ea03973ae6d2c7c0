"""One check of one server: ask for all that it offers, pin what it says, store state, reason, latency."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import cast

import structlog
from pydantic import JsonValue
from sqlalchemy import select

from omni2.catalog.entries import ServerEntry, ServerState
from omni2.catalog.models import Prompt, Resource, ResourceTemplate, Server
from omni2.catalog.pinning import MAX_ABSENT, Pinned, pin_tools
from omni2.catalog.servers import get_server, note_state
from omni2.catalog.shelves import Listed, Table, replace_rows
from omni2.hub.pace import Pace
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
SIGN_IN_NEEDED = "server_sign_in_needed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check brought: a catalogue, or the problem instead. `pace` is how fast the server changes it."""

    catalogue: Catalogue | None
    problem: Problem | None
    pace: Pace = field(default_factory=Pace)

    @property
    def state(self) -> ServerState:
        """Connected only when the server answered; it is not down for want of a person's sign-in."""
        if self.problem is not None and self.problem.code == SIGN_IN_NEEDED:
            return "sign_in_needed"
        return "down" if self.catalogue is None else "connected"

    @property
    def reason(self) -> str | None:
        """Why it is down, or what is odd about it, in words."""
        return self.problem.detail if self.problem is not None else self.pace.remark


async def ask(pool: McpPool, sealer: Sealer, entry: ServerEntry, pace: Pace | None = None) -> Finding:
    """Ask a server for its tools over the kept session; a failure is a finding too."""
    try:
        return Finding(await pool.list_tools(server_target(entry, sealer)), None, pace or Pace())
    except Problem as problem:
        return Finding(None, problem, pace or Pace())


async def store(database: Database, entry: ServerEntry, finding: Finding) -> bool:
    """Store a finding, unless the server was changed or disabled meanwhile; return whether anything moved."""
    async with database.work() as work:
        row = await work.session.get(Server, entry.server_id, with_for_update=True)
        if row is None or not row.enabled or row.version != entry.version:
            return False
        return await record(work, row, finding)


async def record(work: Work, row: Server, finding: Finding) -> bool:
    """Write a finding into this transaction; bump the catalogue only when state or tools moved."""
    catalogue, listed = finding.catalogue, False
    if catalogue is not None and await keep(work, row, catalogue, finding.pace):
        finding.pace.note_change()
        listed = True
    latency_ms = round(catalogue.latency_ms) if catalogue is not None else None
    moved = note_state(work, row, finding.state, finding.reason, latency_ms)
    if moved:
        log.info("server_state", server=row.slug, state=finding.state, reason=finding.reason)
    if moved or listed:
        await bump(work, "catalog")
    return moved or listed


async def keep(work: Work, row: Server, catalogue: Catalogue, pace: Pace) -> bool:
    """Store what a server offers; return whether anything differs from what it offered before."""
    first = row.revision is None
    moved = _note_server(row, catalogue)
    hold_new = row.new_tools == "hold" and not first
    pinned = await pin_tools(work, row.server_id, catalogue.tools, hold_new=hold_new)
    if pinned.refused:
        log.warning("tools_left_out", server=row.slug, count=pinned.refused)
    if pinned.forgotten and row.new_tools == "allow":
        _hold_new(work, row)
    if not first and (untold := pace.take(pinned)) is not None:
        note_tools(work, row, *untold)
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


def note_tools(work: Work, row: Server, pinned: Pinned, count: int = 1) -> None:
    """Write a journal row of what came, changed or went in `count` changes."""
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
        "added": [*pinned.added],
        "changed": [*pinned.held],
        "restored": [*pinned.restored],
        "removed": [*pinned.gone],
    }
    times = f" {count:,} times" if count > 1 else ""
    words = f"The tools of {row.title} changed{times}: {'; '.join(parts)}."
    write_journal(work, ITSELF, "server.tools_changed", words, subject_id=row.server_id, data=data)


def _hold_new(work: Work, row: Server) -> None:
    """Let new tools wait: some were forgotten, and might come back as something else."""
    row.new_tools = "hold"
    words = (
        f"New tools of {row.title} wait for approval from now on: it stopped listing more than {MAX_ABSENT} "
        "tools, and not all of them are remembered."
    )
    data: JsonValue = {"new_tools": "hold"}
    write_journal(work, ITSELF, "server.changed", words, subject_id=row.server_id, data=data)


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
