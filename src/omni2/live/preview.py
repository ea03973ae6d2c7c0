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
    "everywhere": "everywhere: in chat, MCP and the API",
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
    ended = [
        _counted(count("socket"), "socket"),
        _counted(count("stream"), "MCP stream"),
        _counted(count("turn"), "running turn"),
        _counted(count("call"), "running call"),
        _counted(sessions, "browser session"),
    ]
    tokens = _counted(await count_tokens(session, user_id, DOORS[scope]), "access token")
    alone = len(await list_live_replicas(session)) <= 1
    parts = [f"Blocks {user.email} {_PLACES[scope]}.", _ending([part for part in ended if part], alone=alone)]
    if tokens:
        parts.append(f"{tokens} will not work until the block is lifted.")
    return BlockPreview(
        sentence=" ".join(parts),
        sockets=count("socket"),
        turns=count("turn"),
        calls=count("call"),
    )


def _ending(parts: list[str], *, alone: bool) -> str:
    """Return what ends, in words; other replicas are not counted, so that they are named."""
    elsewhere = "" if alone else " on this replica, and whatever runs on the others"
    if not parts:
        nothing = "Nothing of theirs is open or running"
        return f"{nothing} now." if alone else f"{nothing} on this replica; whatever runs on others will end."
    *first, last = parts
    return f"{', '.join(first)} and {last} will end{elsewhere}." if first else f"{last} will end{elsewhere}."


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}" if number else ""
