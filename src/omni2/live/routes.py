"""Routes of blocks: preview, block, unblock, history."""

from typing import Annotated

from fastapi import APIRouter

from omni2.identity.blocks import list_blocks
from omni2.identity.deps import require
from omni2.identity.people import get_user
from omni2.identity.principal import Principal
from omni2.identity.schemas import BlockScope, UserView, block_view, user_view
from omni2.kernel.deps import DatabaseDep
from omni2.live.deps import BlockingDep, RegistryDep
from omni2.live.preview import preview_block
from omni2.live.schemas import BlockCreate, BlockList, BlockPreview, BlockReceipt, receipt_view

router = APIRouter(prefix="/api/users/{user_id}", tags=["blocks"])
Reader = Annotated[Principal, require("users.read")]
Blocker = Annotated[Principal, require("users.block")]


@router.get("/block/preview")
async def get_preview(
    user_id: str,
    database: DatabaseDep,
    registry: RegistryDep,
    principal: Blocker,
    scope: BlockScope = "everywhere",
) -> BlockPreview:
    """Say what a block would end now."""
    async with database.read() as session:
        return await preview_block(session, registry, user_id, scope, principal.actor)


@router.put("/block")
async def put_block(
    user_id: str, body: BlockCreate, blocking: BlockingDep, principal: Blocker
) -> BlockReceipt:
    """Block a person; the answer comes when it is true on every replica."""
    return receipt_view(await blocking.block(user_id, body.order(), principal.actor))


@router.delete("/block")
async def delete_block(user_id: str, blocking: BlockingDep, principal: Blocker) -> UserView:
    """Lift the block that stands."""
    return user_view(await blocking.unblock(user_id, principal.actor), None)


@router.get("/blocks")
async def get_blocks(user_id: str, database: DatabaseDep, principal: Reader) -> BlockList:
    """List the blocks of a person, the newest first."""
    del principal
    async with database.read() as session:
        await get_user(session, user_id)
        return BlockList(items=[block_view(row) for row in await list_blocks(session, user_id)])
