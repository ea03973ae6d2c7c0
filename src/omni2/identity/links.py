"""One-time links: the first administrator, invitations, password resets. Only their SHA-256 is stored."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.epochs import serialise
from omni2.identity.models import Link, User
from omni2.identity.schemas import PURPOSES, LinkView, Purpose
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.secrets import digest

LIFETIMES: dict[Purpose, timedelta] = {
    "first_admin": timedelta(hours=24),
    "invite": timedelta(days=7),
    "reset": timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link just made. The token is shown once and stored nowhere."""

    token: str
    expires_at: datetime

    def url(self, origin: str) -> str:
        """Return the address to open; the token stands behind `#`, so that no server logs it."""
        return f"{origin}/setup#{self.token}"


async def first_admin_link(database: Database) -> NewLink | None:
    """Return a new link for the first administrator, or None once anybody exists; older ones stop working."""
    async with database.work() as work:
        await serialise(work)
        if await anybody_exists(work.session):
            return None
        await work.session.execute(delete(Link).where(Link.purpose == "first_admin"))
        return _add(work, "first_admin", None)


async def create_link(work: Work, user: User) -> NewLink:
    """Return a new invitation or, for who has a password, a password reset; older ones stop working."""
    await drop_links(work, user.user_id)
    return _add(work, "reset" if user.password_hash else "invite", user.user_id)


async def drop_links(work: Work, user_id: str) -> None:
    """Let no unused link of this person work any more."""
    await work.session.execute(delete(Link).where(Link.user_id == user_id, Link.used_at.is_(None)))


async def inspect_link(session: AsyncSession, token: str) -> LinkView:
    """Return what a link is for; raise `Problem` link_invalid for one that does not work."""
    query = select(Link, User).outerjoin(User, User.user_id == Link.user_id)
    found = (await session.execute(query.where(Link.link_hash == digest(token), _usable()))).one_or_none()
    if found is None:
        raise link_invalid()
    link, user = found
    purpose: Purpose = next(known for known in PURPOSES if known == link.purpose)
    if purpose == "first_admin" and await anybody_exists(session):
        raise link_invalid()
    return LinkView(
        purpose=purpose,
        email=user.email if user else None,
        name=user.name if user else None,
        expires_at=link.expires_at,
    )


async def consume_link(work: Work, token: str) -> Link:
    """Use a link up and return it; exactly one of several that try at once succeeds."""
    link = await work.session.scalar(
        update(Link)
        .where(Link.link_hash == digest(token), Link.used_at.is_(None), Link.expires_at > now())
        .values(used_at=now())
        .returning(Link)
    )
    if link is None or (link.purpose == "first_admin" and await anybody_exists(work.session)):
        raise link_invalid()
    return link


async def anybody_exists(session: AsyncSession) -> bool:
    """Whether there is at least one user: the setup is over."""
    return (await session.scalar(select(User.user_id).limit(1))) is not None


def link_invalid() -> Problem:
    """Return the problem of a link that does not work, whatever the reason."""
    return Problem(
        "link_invalid",
        404,
        "This link does not work: it was used, is too old or was replaced. Ask for a new one.",
    )


def _add(work: Work, purpose: Purpose, user_id: str | None) -> NewLink:
    token = secrets.token_urlsafe(32)
    expires_at = now() + LIFETIMES[purpose]
    work.session.add(
        Link(
            link_hash=digest(token),
            purpose=purpose,
            user_id=user_id,
            created_at=now(),
            expires_at=expires_at,
            used_at=None,
        )
    )
    return NewLink(token, expires_at)


def _usable() -> ColumnElement[bool]:
    """A link that was not used, has not run out, and whose person may still come in."""
    return and_(
        Link.used_at.is_(None),
        Link.expires_at > now(),
        or_(Link.user_id.is_(None), User.status != "deactivated"),
    )
