"""Routes of a person's own conversations."""

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import APIRouter, Depends, Query, Request

from omni2.conversations.history import get_conversation
from omni2.conversations.queries import list_conversations, list_messages
from omni2.conversations.schemas import (
    ConversationFilter,
    ConversationPatch,
    ConversationView,
    MessagePage,
    MessageRange,
)
from omni2.conversations.service import delete_conversation, rename_conversation
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.kernel.deps import DatabaseDep, ReadDep, WorkDep
from omni2.kernel.page import Page
from omni2.kernel.search import Words

router = APIRouter(prefix="/api/conversations", tags=["conversations"])

StopTurns = Callable[[str], Awaitable[None]]
Chatter = Annotated[Principal, require("chat.use")]


def get_stop_turns(request: Request) -> StopTurns:
    """Return what stops the running turns of a conversation, and returns once they have ended."""
    return cast("StopTurns", request.app.state.stop_turns)


@router.get("")
async def read_conversations(
    session: ReadDep, user: Chatter, wanted: Annotated[ConversationFilter, Query()]
) -> Page[ConversationView]:
    """List one's own conversations, the one last spoken in first."""
    return await list_conversations(session, user.user_id, wanted)


@router.patch("/{conversation_id}")
async def patch_conversation(
    conversation_id: Words, body: ConversationPatch, work: WorkDep, user: Chatter
) -> ConversationView:
    """Rename a conversation."""
    return await rename_conversation(work, user.user_id, conversation_id, body)


@router.delete("/{conversation_id}", status_code=204)
async def remove_conversation(
    conversation_id: Words,
    database: DatabaseDep,
    user: Chatter,
    stop_turns: Annotated[StopTurns, Depends(get_stop_turns)],
) -> None:
    """Stop what runs in a conversation, then delete it."""
    async with database.read() as session:
        await get_conversation(session, conversation_id, user.user_id)
    await stop_turns(conversation_id)
    async with database.work() as work:
        await delete_conversation(work, user.user_id, conversation_id)


@router.get("/{conversation_id}/messages")
async def read_messages(
    conversation_id: Words, session: ReadDep, user: Chatter, wanted: Annotated[MessageRange, Query()]
) -> MessagePage:
    """Return what was said, in order."""
    return await list_messages(session, user.user_id, conversation_id, wanted)
