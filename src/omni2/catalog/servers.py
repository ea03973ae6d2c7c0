"""Writes of servers and tools: health, pinned definitions. Each bumps the epoch only when something moved."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.entries import ServerState
from omni2.catalog.models import Server, ServerHealth, Tool
from omni2.kernel.db import Work
from omni2.kernel.errors import not_found
from omni2.kernel.ids import new_key, now
from omni2.kernel.jsons import canonical

MAX_TOOL_NAME = 200
MAX_TOOLS = 10_000


class Definition(Protocol):
    """A tool as its server describes it."""

    @property
    def name(self) -> str:
        """What it is called by."""
        ...

    @property
    def title(self) -> str | None:
        """What people read."""
        ...

    @property
    def description(self) -> str:
        """What models read."""
        ...

    @property
    def input_schema(self) -> dict[str, JsonValue]:
        """The JSON Schema of its arguments."""
        ...

    @property
    def annotations(self) -> dict[str, JsonValue]:
        """The hints of its server."""
        ...


@dataclass(frozen=True, slots=True)
class Pinned:
    """What pinning did, by tool names. `refused` could not be stored: no name, too long, too many, twice."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    gone: tuple[str, ...]
    refused: int

    @property
    def moved(self) -> bool:
        """Whether anything differs from before."""
        return bool(self.added or self.changed or self.gone)


async def get_server(session: AsyncSession, server_id: str, *, lock: bool = False) -> Server:
    """Return the server; raise `Problem` 404. With `lock` nobody else changes it within this transaction."""
    row = await session.get(Server, server_id, with_for_update=lock or None)
    if row is None:
        raise not_found("server")
    return row


def note_state(
    work: Work, row: Server, state: ServerState, reason: str | None, latency_ms: int | None
) -> bool:
    """Store what a check found; return whether state or reason are new, which the health log then has too."""
    moved = (row.state, row.reason) != (state, reason)
    at = row.checked_at = now()
    row.latency_ms = latency_ms
    if moved:
        row.since = row.since if row.state == state else at
        row.state, row.reason = state, reason
        work.session.add(
            ServerHealth(
                key=new_key(),
                server_id=row.server_id,
                at=at,
                state=state,
                reason=reason,
                latency_ms=latency_ms,
            )
        )
    return moved


async def pin_tools(work: Work, server_id: str, definitions: Sequence[Definition]) -> Pinned:
    """Store definitions as they are now; what an admin chose for a tool stays, also while it is gone."""
    stored = {
        row.name: row for row in await work.session.scalars(select(Tool).where(Tool.server_id == server_id))
    }
    usable = _usable(definitions)
    added: list[str] = []
    changed: list[str] = []
    for position, definition in enumerate(usable.values()):
        row = stored.get(definition.name)
        if row is None:
            row = Tool(server_id=server_id, name=definition.name, enabled=True, price_micros=None, sha256="")
            work.session.add(row)
        sha256 = fingerprint(definition)
        if row.sha256 != sha256:
            (changed if row.sha256 else added).append(row.name)
            _describe(row, definition, sha256)
        elif row.gone_at is not None:
            added.append(row.name)
        row.position, row.gone_at = position, None
    gone = _retire(row for name, row in stored.items() if name not in usable)
    return Pinned(tuple(added), tuple(changed), tuple(gone), len(definitions) - len(usable))


def fingerprint(definition: Definition) -> str:
    """Return the SHA-256 of a definition's canonical JSON."""
    return hashlib.sha256(
        canonical(
            {
                "name": definition.name,
                "title": definition.title,
                "description": definition.description,
                "input_schema": definition.input_schema,
                "annotations": definition.annotations,
            }
        )
    ).hexdigest()


def _usable(definitions: Iterable[Definition]) -> Mapping[str, Definition]:
    found: dict[str, Definition] = {}
    for definition in definitions:
        if (
            0 < len(definition.name) <= MAX_TOOL_NAME
            and "\0" not in definition.name
            and len(found) < MAX_TOOLS
        ):
            found.setdefault(definition.name, definition)
    return found


def _describe(row: Tool, definition: Definition, sha256: str) -> None:
    row.title = _storable(definition.title) if definition.title is not None else None
    row.description = _storable(definition.description)
    row.input_schema = cast("JsonValue", definition.input_schema)
    row.annotations = cast("JsonValue", definition.annotations)
    row.sha256 = sha256
    row.pinned_at = now()


def _retire(rows: Iterable[Tool]) -> list[str]:
    leaving = [row for row in rows if row.gone_at is None]
    for row in leaving:
        row.gone_at = now()
    return [row.name for row in leaving]


def _storable(text: str) -> str:
    return text.replace("\0", "")
