"""What administrators decide about tools: settings, names, and changed definitions."""

from typing import cast

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.hidden import hidden_in, visible
from omni2.catalog.models import Server, Tool
from omni2.catalog.names import Named, bare_names
from omni2.catalog.pinning import approve, pinned_json, reject
from omni2.catalog.servers import get_server, get_tool
from omni2.hub.hub import Hub
from omni2.hub.schemas_tools import DefinitionView, FieldChange, ToolPatch, ToolView
from omni2.hub.told import tool_changed
from omni2.hub.views_tools import view_tool
from omni2.identity.epochs import bump
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.jsons import canonical, pretty

_FIELDS = ("name", "title", "description", "input_schema", "output_schema", "annotations", "meta", "icons")


async def patch_tool(hub: Hub, actor: Actor, server_id: str, name: str, body: ToolPatch) -> ToolView:
    """Change what was chosen for a tool; raise `Problem` for a name that another tool has."""
    async with hub.database.work() as work:
        server = await get_server(work.session, server_id, lock=True)
        row = await get_tool(work.session, server_id, name)
        if "renamed" in body.model_fields_set:
            row.renamed = await _free_name(work.session, row, body.renamed)
        _apply(row, body)
        data: dict[str, JsonValue] = {
            "tool": row.name,
            "enabled": row.enabled,
            "price_micros": row.price_micros,
            "labels": row.labels,
            "renamed": row.renamed,
            "fields": [*sorted(body.model_fields_set)],
        }
        words = tool_changed(row, server.slug, body, hub.settings.credit_micros)
        write_journal(work, actor, "tool.changed", words, subject_id=server_id, data=data)
        await bump(work, "catalog")
    return await _settled(hub, server, name)


async def view_definition(session: AsyncSession, server_id: str, name: str) -> DefinitionView:
    """Return a changed definition beside the approved one; raise `Problem` 409 when none waits."""
    row = await get_tool(session, server_id, name)
    after = row.held_definition
    if not isinstance(after, dict) or row.held_sha256 is None or row.held_at is None:
        raise Problem("nothing_held", 409, f"No changed definition of {row.name} waits for a decision.")
    before = pinned_json(row)
    return DefinitionView(
        tool=row.name,
        before=None if before is None else canonical(before).decode(),
        after=canonical(after).decode(),
        before_sha256=row.sha256 or None,
        sha256=row.held_sha256,
        held_at=row.held_at,
        rejected_at=row.rejected_at,
        changes=_changes(before or {}, after),
    )


async def approve_tool(hub: Hub, actor: Actor, server_id: str, name: str, sha256: str) -> ToolView:
    """Make a changed definition the approved one: from now on it is offered."""
    async with hub.database.work() as work:
        server, row = await _locked(work, server_id, name)
        approve(row, sha256)
        words = f"Approved the changed definition of {server.slug}.{row.name}."
        _note(work, actor, "tool.approved", words, row)
        await bump(work, "catalog")
    return await _settled(hub, server, name)


async def reject_tool(hub: Hub, actor: Actor, server_id: str, name: str, sha256: str) -> ToolView:
    """Leave a tool away until its server changes its definition again."""
    async with hub.database.work() as work:
        server, row = await _locked(work, server_id, name)
        reject(row, sha256)
        words = f"Rejected the changed definition of {server.slug}.{row.name}; it stays away."
        _note(work, actor, "tool.rejected", words, row)
    return await _settled(hub, server, name)


async def _locked(work: Work, server_id: str, name: str) -> tuple[Server, Tool]:
    server = await get_server(work.session, server_id, lock=True)
    return server, await get_tool(work.session, server_id, name)


def _note(work: Work, actor: Actor, kind: str, words: str, row: Tool) -> None:
    data: JsonValue = {"tool": row.name, "sha256": row.held_sha256 or row.sha256}
    write_journal(work, actor, kind, words, subject_id=row.server_id, data=data)


async def _settled(hub: Hub, server: Server, name: str) -> ToolView:
    await hub.settle()
    async with hub.database.read() as session:
        return await view_tool(hub, session, server, name)


async def _free_name(session: AsyncSession, row: Tool, wanted: str | None) -> str | None:
    """Return the name instead of a tool's own, or None; raise `Problem` where another tool goes by it."""
    if wanted is None or wanted == row.name:
        return None
    others = await session.scalars(
        select(Tool).where(Tool.server_id == row.server_id, Tool.name != row.name, Tool.gone_at.is_(None))
    )
    taken = bare_names([Named("", other.name, other.renamed) for other in others])
    if wanted in taken:
        detail = f"The tool {taken[wanted]} of this server already goes by {wanted}. Choose another name."
        raise Problem("name_collision", 422, detail, field="renamed")
    return wanted


def _apply(row: Tool, body: ToolPatch) -> None:
    given = body.model_fields_set
    row.decided_at = now()
    if body.enabled is not None:
        row.enabled = body.enabled
    if "labels" in given:
        row.labels = cast("JsonValue", sorted(set(body.labels or ()))) or None
    for field in ("price_micros", "shown_title", "shown_description"):
        if field in given:
            setattr(row, field, getattr(body, field))


def _changes(before: dict[str, JsonValue], after: dict[str, JsonValue]) -> list[FieldChange]:
    return [
        FieldChange(
            field=field,
            before=_shown(before.get(field)),
            after=_shown(after.get(field)),
            hidden=hidden_in(_text(after.get(field)) or ""),
        )
        for field in _FIELDS
        if before.get(field) != after.get(field)
    ]


def _shown(value: JsonValue) -> str | None:
    text = _text(value)
    return None if text is None else visible(text)


def _text(value: JsonValue) -> str | None:
    return value if value is None or isinstance(value, str) else pretty(value)
