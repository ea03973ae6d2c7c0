"""Small reads of a flow's head."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import FlowHead
from omni2.kernel.errors import not_found


async def is_running(session: AsyncSession, flow_id: str) -> bool:
    """Whether a flow is known and not closed."""
    status = await session.scalar(select(FlowHead.status).where(FlowHead.flow_id == flow_id))
    return status == "running"


async def get_head(session: AsyncSession, flow_id: str) -> FlowHead:
    """Return a flow's head; raise `Problem` 404."""
    head = await session.scalar(select(FlowHead).where(FlowHead.flow_id == flow_id))
    if head is None:
        raise not_found("flow")
    return head


async def owner_of(session: AsyncSession, flow_id: str) -> tuple[str, str] | None:
    """Return user id and status of a flow, or None."""
    row = await session.execute(select(FlowHead.user_id, FlowHead.status).where(FlowHead.flow_id == flow_id))
    found = row.one_or_none()
    return None if found is None else (found[0], found[1])
