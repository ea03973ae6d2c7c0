"""Reads and writes of servers as such: found by id, state and health log, one namespace of slugs."""

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.entries import ServerState
from omni2.catalog.models import Server, ServerHealth, Tool, VirtualServer
from omni2.kernel.db import Work
from omni2.kernel.errors import not_found
from omni2.kernel.ids import new_key, now

_LOCK = 0x6F6D_6E69_03


async def get_server(session: AsyncSession, server_id: str, *, lock: bool = False) -> Server:
    """Return the server; raise `Problem` 404. With `lock` nobody else changes it within this transaction."""
    row = await session.get(Server, server_id, with_for_update=lock or None)
    if row is None:
        raise not_found("server")
    return row


async def get_tool(session: AsyncSession, server_id: str, name: str) -> Tool:
    """Return a tool that its server lists now; raise `Problem` 404."""
    row = await session.get(Tool, (server_id, name))
    if row is None or row.gone_at is not None:
        raise not_found("tool")
    return row


async def taken_slugs(work: Work) -> set[str]:
    """Return the slugs of servers and virtual servers; until the commit nobody else takes one."""
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_LOCK))
    real = await work.session.scalars(select(Server.slug))
    return {*real, *(await work.session.scalars(select(VirtualServer.slug)))}


def note_state(
    work: Work, row: Server, state: ServerState, reason: str | None, latency_ms: int | None
) -> bool:
    """Store what a check found; return whether state or reason are new, which the health log then has too."""
    moved = (row.state, row.reason) != (state, reason)
    at = row.checked_at = now()
    row.latency_ms = latency_ms
    if moved:
        row.since = row.since if row.state == state else at
        row.state, row.reason = state, reason
        work.session.add(
            ServerHealth(
                key=new_key(),
                server_id=row.server_id,
                at=at,
                state=state,
                reason=reason,
                latency_ms=latency_ms,
            )
        )
    return moved
