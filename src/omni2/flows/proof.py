"""Whether a flow of a person was decided by a snapshot of access: then the snapshot is theirs to read."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.models import FlowHead, FlowRecord


async def was_decided_by(session: AsyncSession, user_id: str, access_id: str) -> bool:
    """Return whether a checkpoint of one of this person's flows names the snapshot."""
    query = (
        select(FlowHead.key)
        .join(FlowRecord, FlowRecord.flow_id == FlowHead.flow_id)
        .where(FlowHead.user_id == user_id)
        .where(FlowRecord.checkpoints.contains(f'"access_id":"{access_id}"', autoescape=True))
        .order_by(FlowHead.key.desc())
        .limit(1)
    )
    return await session.scalar(query) is not None
