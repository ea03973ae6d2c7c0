"""Servers as the overview shows them: what is stored, with the numbers of today."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.models import Server
from omni2.hub.hub import ServerNumbers
from omni2.hub.schemas import ServerView
from omni2.hub.views import server_view, totals_of


async def list_server_views(session: AsyncSession, numbers: Mapping[str, ServerNumbers]) -> list[ServerView]:
    """Return every server by slug, with today's `numbers`."""
    totals = await totals_of(session)
    rows = await session.scalars(select(Server).order_by(Server.slug))
    return [server_view(row, totals[row.server_id], numbers.get(row.slug, ServerNumbers())) for row in rows]
