"""What a block would do, in words: every destructive act is shown before it is done."""

from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.credentials import list_sessions
from omni2.identity.people import count_tokens, get_user
from omni2.identity.schemas import BlockScope
from omni2.kernel.journal import Actor
from omni2.kernel.lease import list_live_replicas
from omni2.live.block import DOORS, require_blockable
from omni2.live.registry import HandleKind, Registry
from omni2.live.schemas import BlockPreview

_PLACES: dict[BlockScope, str] = {
    "everywhere": "everywhere (chat, MCP and API)",
    "chat": "in chat",
    "mcp": "in MCP",
}


async def preview_block(
    session: AsyncSession, registry: Registry, user_id: str, scope: BlockScope, actor: Actor
) -> BlockPreview:
    """Return what a block would end; raise `Problem` when it would be refused."""
    user = await get_user(session, user_id)
    await require_blockable(session, user, scope, actor)
    held = [handle for handle in registry.of(user_id) if scope in {"everywhere", handle.door}]

    def count(kind: HandleKind) -> int:
        return sum(handle.kind == kind for handle in held)

    sessions = len(await list_sessions(session, user_id)) if scope == "everywhere" else 0
    parts = [
        _counted(count("socket"), "socket"),
        _counted(count("stream"), "MCP stream"),
        _counted(count("turn"), "running turn"),
        _counted(count("call"), "running call"),
        _counted(sessions, "browser session"),
        _counted(await count_tokens(session, user_id, DOORS[scope]), "access token"),
    ]
    ended = ", ".join(part for part in parts if part) or "nothing of theirs runs now"
    elsewhere = " on this replica" if len(await list_live_replicas(session)) > 1 else ""
    return BlockPreview(
        sentence=f"Blocks {user.email} {_PLACES[scope]}; {ended}{elsewhere}.",
        sockets=count("socket"),
        turns=count("turn"),
        calls=count("call"),
    )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
