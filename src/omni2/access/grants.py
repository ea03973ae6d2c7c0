"""Grants: each change is journaled, and seen by every replica before it is answered."""

import asyncio

from sqlalchemy import delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.access.book import patterns
from omni2.access.models import Grant
from omni2.access.schemas import GrantCreate, GrantView
from omni2.catalog.models import Server
from omni2.identity.epochs import STALE_S, Mirror, bump
from omni2.identity.models import User
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import invalid, not_found
from omni2.kernel.ids import from_micros, new_id, now, to_micros
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.lease import list_live_replicas
from omni2.kernel.page import Page, cut, decode

_TIME_LIMIT = 1 << 56


async def list_grants(
    session: AsyncSession, *, server: str | None, user_id: str | None, limit: int, after: str | None
) -> Page[GrantView]:
    """Return grants, oldest first; `server` also finds those for all servers."""
    query = select(Grant, User.email).join(User, User.user_id == Grant.user_id, isouter=True)
    if server:
        query = query.where(Grant.server.in_((server, "*")))
    if user_id:
        query = query.where(Grant.user_id == user_id)
    cursor = decode(after, 2)
    if cursor is not None:
        if not isinstance(cursor[0], int) or not 0 <= cursor[0] < _TIME_LIMIT:
            raise invalid("after", "This page cursor is not valid. Start from the first page.")
        position = (from_micros(cursor[0]), str(cursor[1]))
        query = query.where(tuple_(Grant.created_at, Grant.grant_id) > position)
    query = query.order_by(Grant.created_at, Grant.grant_id).limit(limit + 1)
    rows = [(grant, email) for grant, email in (await session.execute(query))]
    kept, following = cut(rows, limit, lambda row: (to_micros(row[0].created_at), row[0].grant_id))
    return Page[GrantView](items=[grant_view(grant, email) for grant, email in kept], next=following)


async def create_grant(database: Database, mirror: Mirror, actor: Actor, wanted: GrantCreate) -> GrantView:
    """Add a grant; raise `Problem` for one that names nobody or nothing."""
    async with database.work() as work:
        email = await _require_sense(work.session, wanted)
        row = await add_grant(work, actor, wanted, email)
        view = grant_view(row, email)
    await acknowledge(database, mirror)
    return view


async def replace_grant(
    database: Database, mirror: Mirror, actor: Actor, grant_id: str, wanted: GrantCreate
) -> GrantView:
    """Put `wanted` in the place of a grant."""
    async with database.work() as work:
        row = await _get(work.session, grant_id)
        email = await _require_sense(work.session, wanted)
        before = sentence(row, await _email(work.session, row.user_id))
        _fill(row, wanted, email)
        words = f"Changed the grant {before}. Now it is {sentence(row, email)}."
        await _note(work, actor, "grant.changed", words, row)
        view = grant_view(row, email)
    await acknowledge(database, mirror)
    return view


async def delete_grant(database: Database, mirror: Mirror, actor: Actor, grant_id: str) -> None:
    """Take a grant away; once this returns, no replica decides by it."""
    async with database.work() as work:
        row = await _get(work.session, grant_id)
        words = f"Deleted the grant {sentence(row, await _email(work.session, row.user_id))}."
        await _note(work, actor, "grant.deleted", words, row)
        await work.session.delete(row)
    await acknowledge(database, mirror)


async def add_grant(work: Work, actor: Actor, wanted: GrantCreate, email: str | None = None) -> Grant:
    """Add a grant to this transaction, with its journal row and the epoch."""
    row = Grant(grant_id=new_id(), created_at=now(), created_by=actor.name)
    _fill(row, wanted, email)
    work.session.add(row)
    await _note(work, actor, "grant.created", f"Added the grant {sentence(row, email)}.", row)
    return row


async def forget_server(work: Work, slug: str) -> None:
    """Delete the grants of a deleted server, so that a later one of its name starts with none."""
    await work.session.execute(delete(Grant).where(Grant.server == slug))
    await bump(work, "grants")


async def acknowledge(database: Database, mirror: Mirror) -> None:
    """Return once no replica decides by the state before: here at once, elsewhere when that is stale."""
    await mirror.catch_up()
    if database.is_sqlite:
        return
    async with database.read() as session:
        others = len(await list_live_replicas(session)) > 1
    if others:
        await asyncio.sleep(STALE_S)


def grant_view(row: Grant, email: str | None) -> GrantView:
    """Return a grant as it is shown."""
    return GrantView.model_validate(
        {
            "grant_id": row.grant_id,
            "subject": row.subject,
            "role": row.role,
            "user_id": row.user_id,
            "user_email": email,
            "server": row.server,
            "allow": list(patterns(row.allow)),
            "deny": list(patterns(row.deny)),
            "name": row.name,
            "created_at": row.created_at,
            "created_by": row.created_by,
        }
    )


def sentence(row: Grant, email: str | None) -> str:
    """Return what a grant says, in words."""
    allow, deny = ", ".join(patterns(row.allow)), ", ".join(patterns(row.deny))
    parts = [f"may use {allow}" if allow else "", f"may not use {deny}" if deny else ""]
    where = "every server" if row.server == "*" else row.server
    return f'"{row.name}": {_named(row, email)} {" but ".join(filter(None, parts))} of {where}'


async def _note(work: Work, actor: Actor, kind: str, words: str, row: Grant) -> None:
    data = {"name": row.name, "server": row.server, "allow": row.allow, "deny": row.deny}
    write_journal(work, actor, kind, words, subject_id=row.grant_id, data=data)
    await bump(work, "grants")


def _fill(row: Grant, wanted: GrantCreate, email: str | None) -> None:
    row.subject = wanted.subject
    row.role = wanted.role if wanted.subject == "role" else None
    row.user_id = wanted.user_id if wanted.subject == "user" else None
    row.server = wanted.server
    row.allow = [*wanted.allow]
    row.deny = [*wanted.deny]
    where = "all servers" if wanted.server == "*" else wanted.server
    row.name = wanted.name or f"{_named(row, email)[:60]} on {where}"


def _named(row: Grant, email: str | None) -> str:
    if row.subject == "role":
        return f"role {row.role}"
    return "everyone" if row.subject == "everyone" else email or "one user"


async def _email(session: AsyncSession, user_id: str | None) -> str | None:
    user = await session.get(User, user_id) if user_id else None
    return user.email if user is not None else None


async def _get(session: AsyncSession, grant_id: str) -> Grant:
    row = await session.get(Grant, grant_id)
    if row is None:
        raise not_found("grant")
    return row


async def _require_sense(session: AsyncSession, wanted: GrantCreate) -> str | None:
    """Return the e-mail of the user named, if one is; raise `Problem` with the field that makes no sense."""
    if not wanted.allow and not wanted.deny:
        raise invalid("allow", "Name at least one tool to allow or to deny, such as get_* or *.")
    if wanted.server != "*" and not await _exists(session, wanted.server):
        raise invalid("server", f"No server is called {wanted.server}. Use the short name of a server, or *.")
    if wanted.subject == "role" and wanted.role is None:
        raise invalid("role", "Choose the role that this grant is for.")
    if wanted.subject != "user":
        return None
    email = await _email(session, wanted.user_id)
    if email is None:
        raise invalid("user_id", "Choose the person that this grant is for.")
    return email


async def _exists(session: AsyncSession, slug: str) -> bool:
    found = await session.scalar(select(Server.server_id).where(Server.slug == slug))
    return found is not None
