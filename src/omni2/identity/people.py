"""Creates and changes people. The last administrator can never be locked out."""

from dataclasses import dataclass
from datetime import timedelta

from pydantic import JsonValue
from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.blocks import stands
from omni2.identity.epochs import Mirror, bump, serialise
from omni2.identity.links import NewLink, create_link, drop_links
from omni2.identity.models import AccessToken, Block, User, UserSession
from omni2.identity.oauth_consents import count_connected, end_consents
from omni2.identity.oauth_resource import MCP_SCOPE
from omni2.identity.roles import Role
from omni2.identity.schemas import UserPatch
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem, not_found
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal

ENDED_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ended:
    """What does not open anything any more: how many sessions, and the names of access tokens."""

    sessions: int
    tokens: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The same in words."""
        return f"Sessions ended: {self.sessions}; access tokens revoked: {len(self.tokens)}."


async def get_user(session: AsyncSession, user_id: str) -> User:
    """Return a person; raise `Problem` for one who does not exist."""
    user = await session.get(User, user_id)
    if user is None:
        raise not_found("user")
    return user


async def find_user(session: AsyncSession, email: str) -> User | None:
    """Return the person with this normalised e-mail address, or None."""
    return await session.scalar(select(User).where(User.email == email))


async def add_user(
    work: Work, email: str, name: str | None, role: Role, password_hash: str | None = None
) -> User:
    """Add a person to this transaction: invited, or active with a password; raise `Problem` email_taken."""
    await serialise(work)
    if await find_user(work.session, email) is not None:
        raise Problem("email_taken", 409, f"{email} has an account already.", field="email")
    user = User(
        user_id=new_id(),
        email=email,
        name=name or email.partition("@")[0],
        role=role,
        status="active" if password_hash else "invited",
        password_hash=password_hash,
        created_at=now(),
        last_seen_at=None,
    )
    work.session.add(user)
    await work.session.flush()
    return user


async def create_user(
    database: Database, email: str, name: str | None, role: Role, actor: Actor
) -> tuple[User, NewLink]:
    """Add a person and return the link of the invitation."""
    async with database.work() as work:
        user = await add_user(work, email, name, role)
        link = await create_link(work, user)
        sentence = f"Invited {email} as {role}."
        write_journal(work, actor, "user.created", sentence, subject_id=user.user_id, data={"role": role})
    return user, link


async def create_active_user(
    database: Database, email: str, name: str | None, role: Role, password_hash: str, actor: Actor
) -> User:
    """Add a person who has a password already."""
    async with database.work() as work:
        user = await add_user(work, email, name, role, password_hash)
        sentence = f"Created {email} as {role}."
        write_journal(work, actor, "user.created", sentence, subject_id=user.user_id, data={"role": role})
    return user


async def list_users(session: AsyncSession) -> list[User]:
    """Return everybody, by e-mail address."""
    return list(await session.scalars(select(User).order_by(User.email)))


async def renew_link(database: Database, mirror: Mirror, user_id: str, actor: Actor) -> tuple[NewLink, Ended]:
    """Return a new one-time link: another invitation, or a password reset, and what a reset ended.

    Who needs a reset may have lost more than the password: sessions end and access tokens are revoked when
    the link is made, and again when it is used. The old password works until then.
    """
    async with database.work(urgent=True) as work:
        await serialise(work)
        user = await get_user(work.session, user_id)
        if user.status == "deactivated":
            raise Problem("deactivated", 409, f"{user.email} is deactivated. Activate the account first.")
        link = await create_link(work, user)
        purpose, ended, told = "an invitation", Ended(0, ()), ""
        if user.password_hash:
            purpose, ended = "a password reset", await end_credentials(work, user_id)
            told = f" {ended.sentence}"
        sentence = f"Made {purpose} link for {user.email}.{told}"
        data: JsonValue = {"sessions": ended.sessions, "tokens": [*ended.tokens]}
        write_journal(work, actor, "user.link_created", sentence, subject_id=user_id, data=data)
    await mirror.catch_up()
    return link, ended


async def end_credentials(work: Work, user_id: str) -> Ended:
    """End all sessions and revoke all access tokens of a person; what a block ended keeps its voice."""
    sessions = await work.session.scalars(
        delete(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .returning(UserSession.session_id)
    )
    tokens = await work.session.scalars(
        update(AccessToken)
        .where(AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None))
        .values(revoked_at=now())
        .returning(AccessToken.name)
    )
    named = sorted([*tokens, *await end_consents(work, user_id)])
    ended = Ended(len(sessions.all()), tuple(named))
    await bump(work, "user", user_id)
    return ended


async def change_user(
    database: Database, mirror: Mirror, user_id: str, patch: UserPatch, actor: Actor
) -> User:
    """Change name, role or status; raise `Problem` last_admin when nobody could administer afterwards."""
    async with database.work(urgent=True) as work:
        await serialise(work)
        user = await get_user(work.session, user_id)
        before = {"name": user.name, "role": user.role, "status": user.status}
        status = _next_status(user, patch.status)
        if user.role == "admin" and (status == "deactivated" or patch.role not in {None, "admin"}):
            await require_other_admin(work.session, user_id)
        user.name, user.role, user.status = patch.name or user.name, patch.role or user.role, status
        after = {"name": user.name, "role": user.role, "status": user.status}
        if before == after:
            return user
        if status == "deactivated":
            await work.session.execute(delete(UserSession).where(UserSession.user_id == user_id))
            await drop_links(work, user_id)
        await bump(work, "user", user_id)
        changed = [key for key in before if before[key] != after[key]]
        data: JsonValue = {key: {"from": before[key], "to": after[key]} for key in changed}
        sentence = " ".join(_changed(key, user.email, before[key], after[key]) for key in changed)
        write_journal(work, actor, "user.changed", sentence, subject_id=user_id, data=data)
    await mirror.catch_up()
    return user


async def list_admin_ids(session: AsyncSession) -> set[str]:
    """Return who administers now."""
    found = await session.scalars(select(User.user_id).where(User.role == "admin", User.status == "active"))
    return set(found)


async def require_other_admin(session: AsyncSession, user_id: str) -> None:
    """Raise `Problem` unless another administrator is active and not blocked everywhere."""
    shut_out = select(Block.user_id).where(Block.scope == "everywhere", stands())
    others = await session.scalar(
        select(func.count())
        .select_from(User)
        .where(
            User.role == "admin",
            User.status == "active",
            User.user_id != user_id,
            User.user_id.not_in(shut_out),
        )
    )
    if not others:
        raise Problem(
            "last_admin", 409, "This is the last active administrator. Make somebody else one first."
        )


async def end_sessions_by_block(work: Work, user_id: str) -> int:
    """End the browser sessions but keep their rows a while, so that a browser that comes back hears why."""
    await work.session.execute(
        delete(UserSession).where(UserSession.user_id == user_id, UserSession.expires_at <= now())
    )
    ended = await work.session.execute(
        update(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
        .values(ended_at=now(), expires_at=now() + ENDED_KEPT)
        .returning(UserSession.session_id)
    )
    count = len(ended.scalars().all())
    await bump(work, "user", user_id)
    return count


async def count_tokens(session: AsyncSession, user_id: str, doors: frozenset[str]) -> int:
    """Return how many tokens of a person, or of their programs, are valid and open one of these doors."""
    rows = await session.scalars(
        select(AccessToken).where(AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None))
    )
    own = sum(
        isinstance(token.scopes, list)
        and not doors.isdisjoint(str(scope) for scope in token.scopes)
        and (token.expires_at is None or token.expires_at > now())
        for token in rows
    )
    return own + (await count_connected(session, user_id, now()) if MCP_SCOPE in doors else 0)


def _next_status(user: User, wished: str | None) -> str:
    if wished == "active":
        return "active" if user.password_hash else "invited"
    return wished or user.status


def _changed(field: str, email: str, before: str, after: str) -> str:
    """Return what was changed of a person, as a sentence."""
    match field:
        case "name":
            return f"Renamed {email} from {before or 'no name'} to {after}."
        case "role":
            return f"Made {email} {_one(after)} instead of {_one(before)}."
        case _:
            return f"Deactivated {email}." if after == "deactivated" else f"Let {email} back in."


def _one(role: str) -> str:
    return f"an {role}" if role[0] in "aeiou" else f"a {role}"
