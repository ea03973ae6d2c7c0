"""Virtual servers: tools of several servers at one address, under names that do not collide."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.catalog.models import Server, Tool, VirtualServer, VirtualTool
from omni2.catalog.names import bare
from omni2.catalog.servers import taken_slugs
from omni2.hub.hub import Hub
from omni2.hub.schemas_virtual import Choice, VirtualCreate, VirtualPatch, VirtualToolView, VirtualView
from omni2.hub.slugs import free_slug
from omni2.identity.epochs import bump
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem, not_found
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.page import Page, cut, decode


async def list_virtual(session: AsyncSession, *, limit: int, after: str | None) -> Page[VirtualView]:
    """Return virtual servers by slug."""
    query = select(VirtualServer).order_by(VirtualServer.slug).limit(limit + 1)
    cursor = decode(after, 1)
    if cursor is not None:
        query = query.where(VirtualServer.slug > str(cursor[0]))
    rows, following = cut((await session.scalars(query)).all(), limit, lambda row: (row.slug,))
    return Page[VirtualView](items=await _views(session, rows), next=following)


async def view_virtual(session: AsyncSession, server_id: str) -> VirtualView:
    """Return one virtual server; raise `Problem` 404."""
    return (await _views(session, [await _get(session, server_id)]))[0]


async def create_virtual(hub: Hub, actor: Actor, body: VirtualCreate) -> VirtualView:
    """Add a virtual server; raise `Problem` for a slug that is taken or names that collide."""
    async with hub.database.work() as work:
        row = VirtualServer(
            server_id=new_id(),
            slug=free_slug(await taken_slugs(work), body.slug, body.title),
            title=body.title,
            description=body.description,
            enabled=body.enabled,
            created_at=now(),
        )
        work.session.add(row)
        await work.session.flush()
        await _choose(work, row, body.tools)
        words = f"Added the virtual server {row.title} ({row.slug}) with {_tools(body.tools)}."
        await _note(work, actor, "virtual_server.created", words, row)
    return await _settled(hub, row.server_id)


async def patch_virtual(hub: Hub, actor: Actor, server_id: str, body: VirtualPatch) -> VirtualView:
    """Change a virtual server."""
    async with hub.database.work() as work:
        row = await _get(work.session, server_id, lock=True)
        row.title = body.title or row.title
        row.description = row.description if body.description is None else body.description
        row.enabled = row.enabled if body.enabled is None else body.enabled
        if body.tools is not None:
            await work.session.execute(delete(VirtualTool).where(VirtualTool.virtual_id == row.server_id))
            await _choose(work, row, body.tools)
        await _note(work, actor, "virtual_server.changed", _changed(row, body), row)
    return await _settled(hub, server_id)


async def delete_virtual(hub: Hub, actor: Actor, server_id: str) -> None:
    """Remove a virtual server; the real ones stay as they are."""
    async with hub.database.work() as work:
        row = await _get(work.session, server_id, lock=True)
        words = f"Removed the virtual server {row.title} ({row.slug})."
        await _note(work, actor, "virtual_server.deleted", words, row)
        await work.session.delete(row)
    await hub.settle()


async def _get(session: AsyncSession, server_id: str, *, lock: bool = False) -> VirtualServer:
    row = await session.get(VirtualServer, server_id, with_for_update=lock or None)
    if row is None:
        raise not_found("virtual server")
    return row


async def _choose(work: Work, row: VirtualServer, wanted: Choice) -> None:
    """Add the tools; raise `Problem` name_collision for the first two that would go by one name."""
    known = await _known(work.session, [chosen.server_id for chosen in wanted])
    names: dict[str, str] = {}
    real: set[tuple[str, str]] = set()
    for position, chosen in enumerate(wanted):
        found = known.get((chosen.server_id, chosen.tool))
        if found is None:
            raise Problem("unknown_tool", 422, f"No server lists the tool {chosen.tool}.", field="tools")
        tool, server = found
        name, words = chosen.name or bare(tool.renamed or tool.name), f"{server.slug}.{tool.name}"
        if (chosen.server_id, chosen.tool) in real:
            raise Problem("name_collision", 422, f"{words} is chosen twice.", field="tools", name=name)
        if name in names:
            detail = f"{names[name]} and {words} would both be called {name}. Give one another name."
            raise Problem("name_collision", 422, detail, field="tools", name=name)
        names[name] = words
        real.add((chosen.server_id, chosen.tool))
        work.session.add(
            VirtualTool(
                virtual_id=row.server_id,
                bare_name=name,
                position=position,
                server_id=chosen.server_id,
                tool=chosen.tool,
            )
        )


async def _known(
    session: AsyncSession, server_ids: Sequence[str]
) -> dict[tuple[str, str], tuple[Tool, Server]]:
    query = (
        select(Tool, Server)
        .join(Server, Server.server_id == Tool.server_id)
        .where(Tool.server_id.in_(set(server_ids)))
    )
    return {(tool.server_id, tool.name): (tool, server) for tool, server in await session.execute(query)}


async def _views(session: AsyncSession, rows: Sequence[VirtualServer]) -> list[VirtualView]:
    query = (
        select(VirtualTool, Server, Tool)
        .join(Server, Server.server_id == VirtualTool.server_id)
        .join(
            Tool,
            (Tool.server_id == VirtualTool.server_id) & (Tool.name == VirtualTool.tool),
            isouter=True,
        )
        .where(VirtualTool.virtual_id.in_([row.server_id for row in rows]))
        .order_by(VirtualTool.position)
    )
    tools: defaultdict[str, list[VirtualToolView]] = defaultdict(list)
    for chosen, server, tool in await session.execute(query):
        tools[chosen.virtual_id].append(_tool(chosen, server, tool))
    return [
        VirtualView(
            server_id=row.server_id,
            slug=row.slug,
            title=row.title,
            description=row.description,
            enabled=row.enabled,
            path=f"/mcp/{row.slug}",
            created_at=row.created_at,
            tools=tools[row.server_id],
        )
        for row in rows
    ]


def _tool(chosen: VirtualTool, server: Server, tool: Tool | None) -> VirtualToolView:
    if tool is None or tool.gone_at is not None:
        state = "gone"
    elif tool.held_sha256 is not None:
        state = "held"
    else:
        state = "ready" if tool.enabled and server.enabled else "disabled"
    return VirtualToolView(
        server_id=server.server_id,
        server=server.slug,
        server_title=server.title,
        tool=chosen.tool,
        name=chosen.bare_name,
        state=state,
    )


def _tools(chosen: Choice) -> str:
    return "1 tool" if len(chosen) == 1 else f"{len(chosen)} tools"


def _changed(row: VirtualServer, body: VirtualPatch) -> str:
    server = f"the virtual server {row.title} ({row.slug})"
    if body.model_fields_set == {"enabled"}:
        return f"{'Enabled' if row.enabled else 'Disabled'} {server}."
    if body.tools is not None:
        return f"Changed {server}; it has {_tools(body.tools)} now."
    return f"Changed {server}."


async def _note(work: Work, actor: Actor, kind: str, words: str, row: VirtualServer) -> None:
    write_journal(work, actor, kind, words, subject_id=row.server_id, data={"slug": row.slug})
    await bump(work, "catalog")


async def _settled(hub: Hub, server_id: str) -> VirtualView:
    await hub.settle()
    async with hub.database.read() as session:
        return await view_virtual(session, server_id)
