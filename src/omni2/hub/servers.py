"""Adding, changing and removing servers: asked first, saved afterwards, journaled always."""

from pydantic import JsonValue
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.access.grants import add_grant, forget_server
from omni2.access.schemas import GrantCreate
from omni2.catalog.models import Server
from omni2.catalog.servers import get_server, note_state, taken_slugs
from omni2.hub.health import Finding, record
from omni2.hub.hub import Hub
from omni2.hub.schemas import ProbeView, ServerCreate, ServerPatch, ServerView
from omni2.hub.slugs import free_slug, slug_of, slug_taken
from omni2.hub.told import server_changed
from omni2.hub.views import probe_view, view_server
from omni2.hub.way import way_of_create, way_of_patch, way_of_row
from omni2.identity.epochs import bump
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.redact import redact_text
from omni2.upstream.masks import masked
from omni2.upstream.ports import ServerTarget


async def probe_server(hub: Hub, body: ServerCreate) -> ProbeView:
    """Ask a server that is not saved; a failure is an answer too."""
    way = way_of_create(hub.settings, body)
    target = way.target(_new_row(body))
    try:
        return probe_view(await hub.pool.probe(target))
    except Problem as problem:
        if body.sign_in != "none" and problem.code == "server_auth_failed":
            words = f"{body.title} asks for a sign-in. Add it, then sign in on its page."
            return ProbeView(ok=False, code="server_sign_in_needed", detail=words)
        return ProbeView(ok=False, code=problem.code, detail=_with_last_words(hub, target, problem.detail))


async def create_server(hub: Hub, actor: Actor, body: ServerCreate, *, force: bool) -> ServerView:
    """Add a server that answers, or with `force` one that does not; raise `Problem` with the probe's code."""
    way = way_of_create(hub.settings, body)
    row = _new_row(body)
    _require_sign_in(body)
    finding = await _probe(hub, way.target(row), force=force, signs_in=row.sign_in != "none")
    async with hub.database.work() as work:
        row.slug = free_slug(await taken_slugs(work), body.slug, body.title)
        way.store(row, hub.sealer, None)
        work.session.add(row)
        await _flush(work, row.slug)
        await record(work, row, finding)
        write_journal(
            work,
            actor,
            "server.created",
            f"Added the server {row.title} ({row.slug}).",
            subject_id=row.server_id,
        )
        await _grant(work, actor, row.slug, body.grant)
        await bump(work, "catalog")
    return await _settled(hub, row.server_id)


async def patch_server(
    hub: Hub, actor: Actor, server_id: str, body: ServerPatch, *, force: bool
) -> ServerView:
    """Change a server; a new way to reach it is probed first."""
    async with hub.database.read() as session:
        seen = await get_server(session, server_id)
    before = way_of_row(seen, hub.sealer)
    way = way_of_patch(hub.settings, seen, before, body)
    enabled = seen.enabled if body.enabled is None else body.enabled
    finding = None
    if enabled and way.leads_elsewhere(before):
        signs_in = seen.sign_in != "none"
        finding = await _probe(hub, way.target(seen), force=force, signs_in=signs_in)
    async with hub.database.work() as work:
        row = await get_server(work.session, server_id, lock=True)
        if row.version != seen.version:
            raise Problem("conflict", 409, "Somebody else changed this server meanwhile. Load it again.")
        if way != before:
            way.store(row, hub.sealer, before)
        row.title = body.title or row.title
        row.new_tools = body.new_tools or row.new_tools
        if body.isolation is not None and body.isolation != row.isolation:
            row.isolation, row.version = body.isolation, row.version + 1
        _switch(work, row, enabled=enabled)
        if finding is not None:
            await record(work, row, finding)
        _note_change(work, actor, row, body)
        await bump(work, "catalog")
    return await _settled(hub, server_id)


async def delete_server(hub: Hub, actor: Actor, server_id: str) -> None:
    """Remove a server with its tools and grants; its running calls end."""
    async with hub.database.work() as work:
        await remove_server(work, actor, await get_server(work.session, server_id, lock=True))
    await hub.settle()
    await hub.pool.drop(server_id)


async def remove_server(work: Work, actor: Actor, row: Server) -> None:
    """Remove a server in this transaction."""
    await forget_server(work, row.slug)
    words = f"Removed the server {row.title} ({row.slug}) with its tools and grants."
    write_journal(work, actor, "server.deleted", words, subject_id=row.server_id)
    await work.session.delete(row)
    await bump(work, "catalog")


async def refresh_server(hub: Hub, server_id: str) -> ServerView:
    """Check a server now."""
    await hub.mirror.catch_up()
    await hub.refresh(server_id)
    return await _settled(hub, server_id)


async def last_words(hub: Hub, session: AsyncSession, server_id: str) -> str:
    """Return what a stdio server wrote last, without its credentials and what looks like a secret."""
    await get_server(session, server_id)
    return redact_text(hub.pool.stderr_tail(server_id))


async def _probe(hub: Hub, target: ServerTarget, *, force: bool, signs_in: bool) -> Finding:
    """`force` saves a server that does not answer, never one that the rules forbid.

    One that people sign in to refuses whoever did not, and so the probe.
    """
    try:
        return Finding(await hub.pool.probe(target), None)
    except Problem as problem:
        if signs_in and problem.code == "server_auth_failed":
            return Finding(None, Problem("server_sign_in_needed", 409, f"{target.title} needs a sign-in."))
        if force and problem.code.startswith("server_"):
            return Finding(None, problem)
        detail = _with_last_words(hub, target, problem.detail)
        extra = {"field": "url", **problem.extra} if problem.code == "url_refused" else problem.extra
        raise Problem(problem.code, 422, detail, **extra) from problem


def _with_last_words(hub: Hub, target: ServerTarget, detail: str) -> str:
    """Add the last line that a stdio server wrote, which mostly says why it ended."""
    lines = masked(target, hub.pool.stderr_tail(target.server_id)).strip().splitlines()
    return f"{detail} It said: {redact_text(lines[-1].strip()[:300])}" if lines else detail


def _new_row(body: ServerCreate) -> Server:
    return Server(
        server_id=new_id(),
        slug=body.slug or slug_of(body.title),
        title=body.title,
        enabled=True,
        demo=False,
        version=0,
        created_at=now(),
        state="connecting",
        since=now(),
        isolation=body.isolation,
        new_tools=body.new_tools,
        sign_in=body.sign_in,
    )


def _require_sign_in(body: ServerCreate) -> None:
    if body.sign_in != "none" and body.transport == "stdio":
        raise invalid("sign_in", f"A server over {body.transport} takes no sign-in.")


async def _flush(work: Work, slug: str) -> None:
    try:
        await work.session.flush()
    except IntegrityError as error:
        raise slug_taken(slug) from error


async def _grant(work: Work, actor: Actor, slug: str, grant: str) -> None:
    if grant == "everyone":
        await add_grant(work, actor, GrantCreate(subject="everyone", server=slug, allow=["*"]))
    elif grant == "admins":
        await add_grant(work, actor, GrantCreate(subject="role", role="admin", server=slug, allow=["*"]))


def _switch(work: Work, row: Server, *, enabled: bool) -> None:
    if row.enabled != enabled:
        row.enabled = enabled
        note_state(work, row, "connecting" if enabled else "disabled", None, None)


def _note_change(work: Work, actor: Actor, row: Server, body: ServerPatch) -> None:
    data: JsonValue = {"fields": [*sorted(body.model_fields_set)]}
    write_journal(
        work, actor, "server.changed", server_changed(row, body), subject_id=row.server_id, data=data
    )


async def _settled(hub: Hub, server_id: str) -> ServerView:
    await hub.settle()
    async with hub.database.read() as session:
        return await view_server(hub, session, server_id)
