"""Routes of everybody's conversations, for those who may read flows."""

from typing import Annotated

from fastapi import APIRouter, Query

from omni2.conversations.schemas import MessagePage, MessageRange
from omni2.flows.queries import sight_of
from omni2.identity.deps import require
from omni2.identity.principal import Principal
from omni2.insight.conversations import TalkFilter, TalkPage, TalkRow, get_talk, list_talks, read_talk
from omni2.kernel.deps import ReadDep
from omni2.kernel.search import Words

router = APIRouter(prefix="/api/insight/conversations", tags=["insight"])

Reader = Annotated[Principal, require("flows.read")]


@router.get("")
async def read_talks(session: ReadDep, reader: Reader, wanted: Annotated[TalkFilter, Query()]) -> TalkPage:
    """Find conversations by words, person, time, server or outcome; the latest first."""
    return await list_talks(session, sight_of(reader), wanted)


@router.get("/{conversation_id}")
async def read_one(conversation_id: Words, session: ReadDep, reader: Reader) -> TalkRow:
    """Return one conversation in short."""
    return await get_talk(session, sight_of(reader), conversation_id)


@router.get("/{conversation_id}/messages")
async def read_transcript(
    conversation_id: Words, session: ReadDep, reader: Reader, wanted: Annotated[MessageRange, Query()]
) -> MessagePage:
    """Return what was said, in order, as far as the reader may see it."""
    return await read_talk(session, sight_of(reader), conversation_id, wanted)
