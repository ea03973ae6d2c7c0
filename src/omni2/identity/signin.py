"""Signing in: by password or by a one-time link. Hashing happens outside of any transaction."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from omni2.identity.auth import open_session
from omni2.identity.epochs import Mirror, bump, serialise
from omni2.identity.links import consume_link, drop_links, inspect_link, link_invalid
from omni2.identity.models import Attempt, Link, User, UserSession
from omni2.identity.passwords import Passwords, require_strong
from omni2.identity.people import add_user, end_credentials, find_user, get_user
from omni2.identity.principal import Principal
from omni2.identity.schemas import LinkRedeem, LinkView, normalise_email
from omni2.identity.throttle import Throttle
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.ids import now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.secrets import digest

FAILURES_KEPT = timedelta(days=30)
UNKNOWN = "unknown"
SESSIONS_LIMIT = 100


@dataclass(frozen=True, slots=True)
class Desk:
    """What signing in needs of the process."""

    database: Database
    mirror: Mirror
    passwords: Passwords
    throttle: Throttle
    session_days: int


@dataclass(frozen=True, slots=True)
class Visitor:
    """The browser that asks, and where from."""

    client: str
    address: str


async def sign_in(desk: Desk, email: str, password: str, visitor: Visitor) -> tuple[User, str]:
    """Return the person and the cookie of a new session.

    Raises `Problem` wrong_credentials (as slowly for an unknown address), throttled, or blocked with the
    administrator's words, which only the right password reveals.
    """
    key = _comparable(email)
    desk.throttle.begin(key, visitor.address)
    async with desk.database.read() as session:
        user = await find_user(session, key)
    stored = user.password_hash if user is not None and user.status == "active" else None
    if not await desk.passwords.verify(password, stored) or user is None:
        await _count_failure(desk.database, user)
        raise _wrong_credentials()
    desk.throttle.succeeded(key, visitor.address)
    await desk.mirror.require_open(user.user_id, "everywhere")
    return await _enter(desk, user, visitor)


async def redeem_link(desk: Desk, body: LinkRedeem, visitor: Visitor) -> tuple[User, str]:
    """Use a one-time link to set a password; return the person and the cookie of a new session."""
    async with desk.database.read() as session:
        view = await inspect_link(session, body.token)
    if view.purpose == "first_admin" and body.email is None:
        raise invalid("email", "Give the e-mail address that you will sign in with.")
    if view.email is not None and body.email not in {None, view.email}:
        raise invalid("email", "This link is for another e-mail address.")
    password_hash = await desk.passwords.hash(body.password)
    async with desk.database.work(urgent=True) as work:
        await serialise(work)
        link = await consume_link(work, body.token)
        if link.user_id is None:
            user = await _first_admin(work, body, password_hash)
        else:
            await desk.mirror.require_open(link.user_id, "everywhere")
            user = await _set_password(work, link, body, password_hash)
        cookie = _open(work, user, visitor, desk.session_days)
    await desk.mirror.catch_up()
    return user, cookie


async def view_link(database: Database, token: str) -> LinkView:
    """Return what a one-time link is for."""
    async with database.read() as session:
        return await inspect_link(session, token)


async def change_password(desk: Desk, principal: Principal, current: str, new: str) -> None:
    """Set another password; end all other sessions and links; raise `Problem` when `current` is wrong."""
    address = principal.address or "unknown"
    require_strong(new, "new")
    desk.throttle.begin(principal.email, address)
    async with desk.database.read() as session:
        stored = (await get_user(session, principal.user_id)).password_hash
    if not await desk.passwords.verify(current, stored):
        raise Problem("wrong_credentials", 422, "This is not your current password.", field="current")
    desk.throttle.succeeded(principal.email, address)
    fresh = await desk.passwords.hash(new)
    async with desk.database.work(urgent=True) as work:
        await serialise(work)
        changed = await work.session.scalar(
            update(User)
            .where(User.user_id == principal.user_id, User.password_hash == stored)
            .values(password_hash=fresh)
            .returning(User.user_id)
        )
        if changed is None:
            raise Problem(
                "conflict", 409, "The password was changed elsewhere at the same time. Sign in again."
            )
        await work.session.execute(
            delete(UserSession).where(
                UserSession.user_id == principal.user_id,
                UserSession.session_hash != principal.credential_id,
            )
        )
        await drop_links(work, principal.user_id)
        await bump(work, "user", principal.user_id)
        sentence = f"{principal.email} changed the password; all other sessions ended."
        write_journal(work, principal.actor, "user.password_changed", sentence, subject_id=principal.user_id)
    await desk.mirror.catch_up()


async def sign_out(database: Database, mirror: Mirror, cookie: str) -> None:
    """End the session of a cookie, if there is one."""
    async with database.work() as work:
        await serialise(work)
        user_id = await work.session.scalar(
            delete(UserSession)
            .where(UserSession.session_hash == digest(cookie), UserSession.ended_at.is_(None))
            .returning(UserSession.user_id)
        )
        if user_id is None:
            return
        await bump(work, "user", user_id)
    await mirror.catch_up()


async def _enter(desk: Desk, user: User, visitor: Visitor) -> tuple[User, str]:
    async with desk.database.work(urgent=True) as work:
        await serialise(work)
        fresh = await get_user(work.session, user.user_id)
        if fresh.status != "active" or fresh.password_hash != user.password_hash:
            raise _wrong_credentials()
        await _make_room(work, fresh.user_id)
        cookie = _open(work, fresh, visitor, desk.session_days)
    return fresh, cookie


async def _make_room(work: Work, user_id: str) -> None:
    """End the sessions seen longest ago, so that a program that signs in for each request fills nothing."""
    oldest = await work.session.scalars(
        select(UserSession.session_hash)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .order_by(UserSession.last_seen_at.desc(), UserSession.created_at.desc())
        .offset(SESSIONS_LIMIT - 1)
    )
    if ended := list(oldest):
        await work.session.execute(delete(UserSession).where(UserSession.session_hash.in_(ended)))
        await bump(work, "user", user_id)


def _open(work: Work, user: User, visitor: Visitor, days: int) -> str:
    cookie = open_session(work, user, client=visitor.client, address=visitor.address, days=days)
    actor = Actor(user.user_id, user.email)
    data = {"client": visitor.client, "address": visitor.address}
    sentence = f"{user.email} signed in."
    write_journal(work, actor, "user.signed_in", sentence, subject_id=user.user_id, data={**data})
    return cookie


async def _first_admin(work: Work, body: LinkRedeem, password_hash: str) -> User:
    if body.email is None:
        raise invalid("email", "Give the e-mail address that you will sign in with.")
    user = await add_user(work, body.email, body.name, "admin", password_hash)
    sentence = f"{user.email} set omni2 up as its first administrator."
    write_journal(work, Actor(user.user_id, user.email), "setup.completed", sentence, subject_id=user.user_id)
    return user


async def _set_password(work: Work, link: Link, body: LinkRedeem, password_hash: str) -> User:
    user = await get_user(work.session, link.user_id or "")
    if user.status == "deactivated":
        raise link_invalid()
    user.password_hash, user.status = password_hash, "active"
    user.name = body.name or user.name
    ended = await end_credentials(work, user.user_id)
    kind, words = ("user.joined", "accepted the invitation.")
    if link.purpose == "reset":
        kind, words = ("user.password_reset", f"set a new password by a reset link. {ended.sentence}")
    actor = Actor(user.user_id, user.email)
    write_journal(work, actor, kind, f"{user.email} {words}", subject_id=user.user_id)
    return user


async def _count_failure(database: Database, user: User | None) -> None:
    """Count by account and hour; what names no account shares one row, so that strangers fill nothing."""
    hour = int(now().timestamp()) // 3600
    oldest = hour - int(FAILURES_KEPT.total_seconds()) // 3600
    async with database.work() as work:
        insert = sqlite.insert if database.is_sqlite else postgresql.insert
        await work.session.execute(
            insert(Attempt)
            .values(bucket=user.user_id if user else UNKNOWN, hour=hour, n=1)
            .on_conflict_do_update(index_elements=["bucket", "hour"], set_={"n": Attempt.n + 1})
        )
        await work.session.execute(delete(Attempt).where(Attempt.hour < oldest))


def _comparable(email: str) -> str:
    try:
        return normalise_email(email)
    except ValueError:
        return ""


def _wrong_credentials() -> Problem:
    return Problem("wrong_credentials", 401, "E-mail address or password is wrong.")
