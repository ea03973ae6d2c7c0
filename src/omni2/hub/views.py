"""Servers as they are shown."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.entries import AWAY
from omni2.catalog.models import Prompt, Resource, Server, ServerHealth, Tool
from omni2.catalog.servers import get_server
from omni2.hub.hub import Hub, ServerNumbers
from omni2.hub.schemas import (
    HealthRow,
    HealthView,
    Isolation,
    NewTools,
    ProbeView,
    ServerView,
    State,
    Transport,
)
from omni2.hub.schemas_sign_in import SignInMode
from omni2.hub.views_tools import probed_tool
from omni2.kernel.page import Page, cut, decode
from omni2.upstream.ports import Catalogue

HEALTH_ROWS = 200


@dataclass(slots=True)
class Totals:
    """How much a server offers, and how many changed definitions wait for a decision."""

    tools: int = 0
    held: int = 0
    prompts: int = 0
    resources: int = 0


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
    totals = await totals_of(session, [row.server_id for row in rows])
    numbers = await hub.counts([row.slug for row in rows])
    views = [server_view(row, totals[row.server_id], numbers.get(row.slug, ServerNumbers())) for row in rows]
    for view in views:
        view.breaker = hub.pool.breaker_state(view.server_id)
    return views


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


def probe_view(catalogue: Catalogue) -> ProbeView:
    """Return what a probed server offers."""
    return ProbeView(
        ok=True,
        latency_ms=round(catalogue.latency_ms),
        revision=catalogue.revision,
        server_name=catalogue.server_name,
        tools=[probed_tool(tool) for tool in catalogue.tools],
        prompt_count=len(catalogue.prompts),
        resource_count=len(catalogue.resources),
    )


async def totals_of(
    session: AsyncSession, server_ids: Collection[str] | None = None
) -> defaultdict[str, Totals]:
    """Return by server how many tools, held definitions, prompts and resources there are; all without ids."""
    found: defaultdict[str, Totals] = defaultdict(Totals)
    waiting = func.sum(case((Tool.held_sha256.is_not(None) & Tool.rejected_at.is_(None), 1), else_=0))
    tools = (
        select(Tool.server_id, func.count(), waiting).where(Tool.gone_at.is_(None)).group_by(Tool.server_id)
    )
    prompts = select(Prompt.server_id, func.count()).group_by(Prompt.server_id)
    resources = select(Resource.server_id, func.count()).group_by(Resource.server_id)
    if server_ids is not None:
        tools = tools.where(Tool.server_id.in_(server_ids))
        prompts = prompts.where(Prompt.server_id.in_(server_ids))
        resources = resources.where(Resource.server_id.in_(server_ids))
    for server_id, count, held in await session.execute(tools):
        found[server_id].tools, found[server_id].held = count, int(held or 0)
    for server_id, count in await session.execute(prompts):
        found[server_id].prompts = count
    for server_id, count in await session.execute(resources):
        found[server_id].resources = count
    return found


def server_view(row: Server, totals: Totals, numbers: ServerNumbers) -> ServerView:
    """Return a server as it is shown."""
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
        stale=row.enabled and row.state in AWAY and row.revision is not None,
        listed_at=row.listed_at,
        tool_count=totals.tools,
        held_count=totals.held,
        prompt_count=totals.prompts,
        resource_count=totals.resources,
        calls_today=numbers.calls_today,
        errors_today=numbers.errors_today,
        p50_ms=numbers.p50_ms,
        p95_ms=numbers.p95_ms,
        timeout_ms=row.timeout_ms,
        concurrency=row.concurrency,
        allow_private=row.allow_private,
        isolation=cast("Isolation", row.isolation),
        sign_in=cast("SignInMode", row.sign_in),
        new_tools=cast("NewTools", row.new_tools),
        has_credentials=row.credential_set_at is not None,
        credential_set_at=row.credential_set_at,
        revision=row.revision,
        checked_at=row.checked_at,
        created_at=row.created_at,
    )
