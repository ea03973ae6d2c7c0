"""Which block stands: reads that people, doors and views share."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.models import Block
from omni2.kernel.ids import now


def stands() -> ColumnElement[bool]:
    """Return the condition of a block that is neither lifted nor past its end."""
    return and_(Block.lifted_at.is_(None), or_(Block.until.is_(None), Block.until > now()))


async def standing_blocks(session: AsyncSession, user_ids: Sequence[str]) -> dict[str, Block]:
    """Return the block that stands of each of these people who has one."""
    rows = await session.scalars(
        select(Block).where(Block.user_id.in_(user_ids), stands()).order_by(Block.since)
    )
    return {block.user_id: block for block in rows}


async def find_block(session: AsyncSession, user_id: str) -> Block | None:
    """Return the block that stands of one person, or None."""
    return (await standing_blocks(session, (user_id,))).get(user_id)


async def list_blocks(session: AsyncSession, user_id: str) -> list[Block]:
    """Return all blocks of a person, the newest first."""
    rows = await session.scalars(select(Block).where(Block.user_id == user_id).order_by(Block.since.desc()))
    return list(rows)
