"""Tools, prompts and resources of a server as they are shown."""

from typing import cast

from pydantic import JsonValue
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.entries import CatalogSnapshot
from omni2.catalog.hidden import hidden_in
from omni2.catalog.loading import prompt_entry, tool_entry
from omni2.catalog.models import Prompt, Resource, ResourceTemplate, Server, Tool
from omni2.catalog.names import bare, exposed
from omni2.catalog.servers import get_server, get_tool
from omni2.hub.hub import Hub
from omni2.hub.schemas_tools import (
    Label,
    PromptsView,
    PromptView,
    ResourcesView,
    ResourceView,
    TemplateView,
    ToolsView,
    ToolView,
)
from omni2.kernel.jsons import dumps
from omni2.upstream.ports import UpstreamTool


async def list_tools(hub: Hub, session: AsyncSession, server_id: str) -> ToolsView:
    """Return the tools that a server lists now, or listed last."""
    server = await get_server(session, server_id)
    snapshot = await hub.catalog.snapshot()
    query = select(Tool).where(Tool.server_id == server_id, Tool.gone_at.is_(None)).order_by(Tool.position)
    return ToolsView(items=[_tool(row, server, snapshot) for row in await session.scalars(query)])


async def view_tool(hub: Hub, session: AsyncSession, server: Server, name: str) -> ToolView:
    """Return one tool; raise `Problem` 404."""
    row = await get_tool(session, server.server_id, name)
    return _tool(row, server, await hub.catalog.snapshot())


async def list_prompts(hub: Hub, session: AsyncSession, server_id: str) -> PromptsView:
    """Return the prompts that a server lists."""
    server = await get_server(session, server_id)
    names = (await hub.catalog.snapshot()).prompt_exposed_of
    rows = await session.scalars(
        select(Prompt).where(Prompt.server_id == server_id).order_by(Prompt.position)
    )
    return PromptsView(
        items=[
            PromptView(
                name=entry.name,
                title=entry.title,
                description=entry.description,
                arguments=[*entry.arguments],
                exposed=names.get((server.slug, entry.name), exposed(server.slug, entry.name)),
            )
            for entry in map(prompt_entry, rows)
        ]
    )


async def list_resources(session: AsyncSession, server_id: str) -> ResourcesView:
    """Return the resources and templates that a server lists."""
    await get_server(session, server_id)
    resources = await session.scalars(
        select(Resource).where(Resource.server_id == server_id).order_by(Resource.position)
    )
    templates = await session.scalars(
        select(ResourceTemplate)
        .where(ResourceTemplate.server_id == server_id)
        .order_by(ResourceTemplate.position)
    )
    return ResourcesView(
        items=[ResourceView.model_validate(row, from_attributes=True) for row in resources],
        templates=[TemplateView.model_validate(row, from_attributes=True) for row in templates],
    )


def probed_tool(tool: UpstreamTool) -> ToolView:
    """Return a tool of a server that is not saved."""
    return ToolView(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=tool.annotations,
        enabled=True,
        price_micros=None,
        labels=[],
        renamed=None,
        shown_title=None,
        shown_description=None,
        exposed=bare(tool.name),
        bare=bare(tool.name),
        hidden=_hidden(tool.name, tool.title, tool.description, tool.input_schema),
        held_sha256=None,
        held_at=None,
        rejected_at=None,
    )


def _tool(row: Tool, server: Server, snapshot: CatalogSnapshot) -> ToolView:
    entry, known = tool_entry(row), snapshot.servers.get(server.slug)
    own = known.bare_of.get(row.name) if known else None
    return ToolView(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        input_schema=entry.input_schema,
        output_schema=entry.output_schema,
        annotations=entry.annotations,
        enabled=entry.enabled,
        price_micros=entry.price_micros,
        labels=sorted(cast("set[Label]", entry.labels)),
        renamed=entry.renamed,
        shown_title=entry.own_title,
        shown_description=entry.own_description,
        exposed=snapshot.exposed_of.get((server.slug, row.name)) or exposed(server.slug, row.name),
        bare=own or bare(row.name),
        hidden=_hidden(entry.name, entry.shown_title, entry.shown_description, entry.input_schema),
        held_sha256=row.held_sha256,
        held_at=row.held_at,
        rejected_at=row.rejected_at,
    )


def _hidden(name: str, title: str | None, description: str, schema: dict[str, JsonValue]) -> list[str]:
    return hidden_in(f"{name}{title or ''}{description}{dumps(schema)}")
