"""Reads the journal: who changed what, newest first."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.insight.schemas import JournalFilter, JournalView
from omni2.kernel.journal import JournalRow
from omni2.kernel.page import Page, cut
from omni2.kernel.search import after_key


async def list_journal(session: AsyncSession, wanted: JournalFilter) -> Page[JournalView]:
    """Return one page of the journal."""
    query = select(JournalRow)
    if wanted.kind:
        query = query.where(JournalRow.kind == wanted.kind)
    if (key := after_key(wanted.after)) is not None:
        query = query.where(JournalRow.key < key)
    found = (await session.scalars(query.order_by(JournalRow.key.desc()).limit(wanted.limit + 1))).all()
    rows, following = cut(found, wanted.limit, lambda row: (row.key,))
    return Page[JournalView](items=[_view(row) for row in rows], next=following)


def _view(row: JournalRow) -> JournalView:
    return JournalView(
        journal_id=row.journal_id,
        at=row.at,
        actor_id=row.actor_id,
        actor_email=row.actor_name if row.actor_id else None,
        kind=row.kind,
        subject=row.subject_id,
        sentence=row.sentence,
        data=row.data,
    )
