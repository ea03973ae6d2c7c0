"""Reads imported bundles, and lets go of them."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.bundle_models import Bundle, BundleFlow, BundleLink
from omni2.flows.schemas import FlowRow
from omni2.kernel.errors import not_found
from omni2.kernel.page import Page, cut, decode


async def list_bundles(session: AsyncSession) -> Sequence[Bundle]:
    """Return all bundles, the newest first."""
    return (await session.scalars(select(Bundle).order_by(Bundle.imported_at.desc()))).all()


async def get_bundle(session: AsyncSession, bundle_id: str) -> Bundle:
    """Return a bundle; raise `Problem` 404."""
    bundle = await session.get(Bundle, bundle_id)
    if bundle is None:
        raise not_found("bundle")
    return bundle


async def list_imported(
    session: AsyncSession, bundle_id: str, after: str | None, limit: int
) -> Page[FlowRow]:
    """Return one page of the flows of a bundle, in its order."""
    await get_bundle(session, bundle_id)
    query = select(BundleFlow).where(BundleFlow.bundle_id == bundle_id)
    if (cursor := decode(after, 1)) is not None:
        query = query.where(BundleFlow.place > int(cursor[0]))
    found = (await session.scalars(query.order_by(BundleFlow.place).limit(limit + 1))).all()
    rows, following = cut(found, limit, lambda row: (row.place,))
    return Page[FlowRow](items=[FlowRow.model_validate_json(row.row) for row in rows], next=following)


async def get_imported(session: AsyncSession, bundle_id: str, flow_id: str) -> BundleFlow:
    """Return one flow of a bundle; raise `Problem` 404."""
    query = select(BundleFlow).where(BundleFlow.bundle_id == bundle_id, BundleFlow.flow_id == flow_id)
    row = await session.scalar(query.limit(1))
    if row is None:
        raise not_found("flow")
    return row


async def remove_bundle(session: AsyncSession, bundle: Bundle) -> None:
    """Let go of a bundle with its flows."""
    for table in (BundleFlow, BundleLink):
        await session.execute(delete(table).where(table.bundle_id == bundle.bundle_id))
    await session.delete(bundle)
