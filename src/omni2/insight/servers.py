"""Servers as the overview shows them: what is stored, with the numbers of today."""

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.models import Server, Tool
from omni2.hub.schemas import ServerView
from omni2.insight.counts import Counts


async def list_server_views(session: AsyncSession, counts: Mapping[str, Counts]) -> list[ServerView]:
    """Return every server by slug, with today's `counts`."""
    tools = await session.execute(
        select(Tool.server_id, func.count()).where(Tool.gone_at.is_(None)).group_by(Tool.server_id)
    )
    tool_counts = dict(tools.all())
    rows = await session.scalars(select(Server).order_by(Server.slug))
    return [_view(row, tool_counts.get(row.server_id, 0), counts.get(row.slug, Counts())) for row in rows]


def _view(row: Server, tool_count: int, counts: Counts) -> ServerView:
    stored = {name: getattr(row, name) for name in ServerView.model_fields if hasattr(row, name)}
    derived = {
        "tool_count": tool_count,
        "calls_today": counts.calls,
        "errors_today": counts.errors,
        "has_credentials": row.credential_set_at is not None,
    }
    return ServerView.model_validate(stored | derived)
