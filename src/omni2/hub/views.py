"""Servers and tools as they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.loading import tool_entry
from omni2.catalog.models import Server, ServerHealth, Tool
from omni2.catalog.servers import get_server
from omni2.hub.hub import Hub, ServerNumbers
from omni2.hub.schemas import (
    HealthRow,
    HealthView,
    ProbeView,
    ServerView,
    State,
    ToolsView,
    ToolView,
    Transport,
)
from omni2.kernel.page import Page, cut, decode
from omni2.upstream.ports import Catalogue

HEALTH_ROWS = 200


async def list_servers(hub: Hub, session: AsyncSession, *, limit: int, after: str | None) -> Page[ServerView]:
    """Return servers by slug."""
    query = select(Server).order_by(Server.slug).limit(limit + 1)
    cursor = decode(after, 1)
    if cursor is not None:
        query = query.where(Server.slug > str(cursor[0]))
    rows, following = cut((await session.scalars(query)).all(), limit, lambda row: (row.slug,))
    return Page[ServerView](items=await view_servers(hub, session, rows), next=following)


async def view_server(hub: Hub, session: AsyncSession, server_id: str) -> ServerView:
    """Return one server; raise `Problem` 404."""
    return (await view_servers(hub, session, [await get_server(session, server_id)]))[0]


async def view_servers(hub: Hub, session: AsyncSession, rows: Sequence[Server]) -> list[ServerView]:
    """Return rows with their tool counts and the numbers of today."""
    tools = await _tool_counts(session, [row.server_id for row in rows])
    numbers = await hub.counts([row.slug for row in rows])
    return [_view(row, tools.get(row.server_id, 0), numbers.get(row.slug, ServerNumbers())) for row in rows]


async def list_tools(session: AsyncSession, server_id: str) -> ToolsView:
    """Return the tools that a server lists now."""
    await get_server(session, server_id)
    query = select(Tool).where(Tool.server_id == server_id, Tool.gone_at.is_(None)).order_by(Tool.position)
    return ToolsView(items=[tool_view(row) for row in await session.scalars(query)])


async def list_health(session: AsyncSession, server_id: str) -> HealthView:
    """Return the newest changes of state of a server."""
    await get_server(session, server_id)
    query = select(ServerHealth).where(ServerHealth.server_id == server_id)
    rows = await session.scalars(query.order_by(ServerHealth.key.desc()).limit(HEALTH_ROWS))
    return HealthView(
        items=[
            HealthRow(at=row.at, state=cast("State", row.state), reason=row.reason, latency_ms=row.latency_ms)
            for row in rows
        ]
    )


def tool_view(row: Tool) -> ToolView:
    """Return a pinned tool as it is shown."""
    entry = tool_entry(row)
    return ToolView(
        name=entry.name,
        title=entry.title,
        description=entry.description,
        input_schema=entry.input_schema,
        annotations=entry.annotations,
        enabled=entry.enabled,
        price_micros=entry.price_micros,
    )


def probe_view(catalogue: Catalogue) -> ProbeView:
    """Return what a probed server offers."""
    return ProbeView(
        ok=True,
        latency_ms=round(catalogue.latency_ms),
        revision=catalogue.revision,
        server_name=catalogue.server_name,
        tools=[
            ToolView(
                name=tool.name,
                title=tool.title,
                description=tool.description,
                input_schema=tool.input_schema,
                annotations=tool.annotations,
                enabled=True,
                price_micros=None,
            )
            for tool in catalogue.tools
        ],
    )


async def _tool_counts(session: AsyncSession, server_ids: Iterable[str]) -> Mapping[str, int]:
    query = (
        select(Tool.server_id, func.count())
        .where(Tool.server_id.in_(server_ids), Tool.gone_at.is_(None))
        .group_by(Tool.server_id)
    )
    return dict((await session.execute(query)).all())


def _view(row: Server, tool_count: int, numbers: ServerNumbers) -> ServerView:
    command = row.command if isinstance(row.command, list) else None
    return ServerView(
        server_id=row.server_id,
        slug=row.slug,
        title=row.title,
        transport=cast("Transport", row.transport),
        url=row.url,
        command=None if command is None else [str(word) for word in command],
        demo=row.demo,
        enabled=row.enabled,
        state=cast("State", row.state),
        reason=row.reason,
        since=row.since,
        latency_ms=row.latency_ms,
        tool_count=tool_count,
        calls_today=numbers.calls_today,
        errors_today=numbers.errors_today,
        timeout_ms=row.timeout_ms,
        concurrency=row.concurrency,
        allow_private=row.allow_private,
        has_credentials=row.credential_set_at is not None,
        credential_set_at=row.credential_set_at,
        revision=row.revision,
        checked_at=row.checked_at,
        created_at=row.created_at,
    )
