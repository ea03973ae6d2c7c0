"""Queries that people keep under a name; each sees and changes their own only."""

from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import SavedView
from omni2.flows.query import parse
from omni2.flows.schemas import ViewCreate, ViewList, ViewView
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem, not_found
from omni2.kernel.ids import new_id, now

VIEWS_LIMIT = 50


async def list_views(session: AsyncSession, user_id: str) -> ViewList:
    """Return somebody's kept queries, by name."""
    rows = await session.scalars(
        select(SavedView).where(SavedView.user_id == user_id).order_by(SavedView.name)
    )
    return ViewList(items=[_view(row) for row in rows])


async def save_view(work: Work, user_id: str, body: ViewCreate) -> ViewView:
    """Keep a query; one of the same name is replaced.

    Raises `Problem` query_malformed, or too_many_views behind the fiftieth.
    """
    parse(body.query, ZoneInfo("UTC"), now())
    own = SavedView.user_id == user_id
    row = await work.session.scalar(select(SavedView).where(own, SavedView.name == body.name))
    if row is None:
        if await work.session.scalar(select(func.count()).where(own)) == VIEWS_LIMIT:
            detail = f"You keep {VIEWS_LIMIT} views already. Remove one first."
            raise Problem("too_many_views", 409, detail, limit=VIEWS_LIMIT)
        row = SavedView(view_id=new_id(), user_id=user_id, name=body.name, created_at=now())
        work.session.add(row)
    row.query = body.query
    return _view(row)


async def delete_view(work: Work, user_id: str, view_id: str) -> None:
    """Forget a kept query; raise `Problem` 404 for one that is not theirs."""
    gone = await work.session.scalar(
        delete(SavedView)
        .where(SavedView.view_id == view_id, SavedView.user_id == user_id)
        .returning(SavedView.view_id)
    )
    if gone is None:
        raise not_found("view")


def _view(row: SavedView) -> ViewView:
    return ViewView(view_id=row.view_id, name=row.name, query=row.query, created_at=row.created_at)
