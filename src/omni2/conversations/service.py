"""Changes to conversations that their user makes outside of a turn."""

from sqlalchemy import delete, select

from omni2.conversations.history import get_conversation
from omni2.conversations.models import Message, TurnChunk
from omni2.conversations.queries import conversation_view
from omni2.conversations.schemas import ConversationPatch, ConversationView
from omni2.kernel.db import Work


async def rename_conversation(
    work: Work, user_id: str, conversation_id: str, patch: ConversationPatch
) -> ConversationView:
    """Give a conversation another title, in its place in the list; raise `Problem` 404 for a foreign one."""
    row = await get_conversation(work.session, conversation_id, user_id)
    row.title = patch.title
    return conversation_view(row)


async def delete_conversation(work: Work, user_id: str, conversation_id: str) -> None:
    """Delete what was said and its stored streams, not the flows; raise `Problem` 404 for a foreign one."""
    session = work.session
    row = await get_conversation(session, conversation_id, user_id)
    flows = select(Message.flow_id).where(
        Message.conversation_id == conversation_id, Message.flow_id.is_not(None)
    )
    await session.execute(delete(TurnChunk).where(TurnChunk.flow_id.in_(flows)))
    await session.execute(delete(TurnChunk).where(TurnChunk.flow_id == row.running_flow_id))
    await session.execute(delete(Message).where(Message.conversation_id == conversation_id))
    await session.delete(row)
