"""A person's own sessions and access tokens: list, create, end."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.auth import TOKEN_PREFIX
from omni2.identity.epochs import Mirror, bump, serialise
from omni2.identity.models import AccessToken, User, UserSession
from omni2.identity.principal import Principal
from omni2.identity.schemas import SCOPES, TokenCreate
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem, invalid, not_found
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.secrets import digest

TOKENS_LIMIT = 100


async def list_sessions(session: AsyncSession, user_id: str) -> Sequence[UserSession]:
    """Return the browsers that are signed in, the last seen first."""
    rows = await session.scalars(
        select(UserSession)
        .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None), UserSession.expires_at > now())
        .order_by(UserSession.last_seen_at.desc())
    )
    return rows.all()


async def end_session(database: Database, mirror: Mirror, user_id: str, session_id: str) -> None:
    """End one session of this person; raise `Problem` for one that is not theirs."""
    async with database.work(urgent=True) as work:
        await serialise(work)
        ended = await work.session.scalar(
            delete(UserSession)
            .where(UserSession.user_id == user_id, UserSession.session_id == session_id)
            .returning(UserSession.session_id)
        )
        if ended is None:
            raise not_found("session")
        await bump(work, "user", user_id)
    await mirror.catch_up()


async def end_other_sessions(database: Database, mirror: Mirror, user_id: str, kept: str) -> None:
    """End all sessions of this person but the one whose hash is `kept`."""
    async with database.work(urgent=True) as work:
        await serialise(work)
        await work.session.execute(
            delete(UserSession).where(UserSession.user_id == user_id, UserSession.session_hash != kept)
        )
        await bump(work, "user", user_id)
    await mirror.catch_up()


async def list_tokens(session: AsyncSession, user_id: str) -> Sequence[AccessToken]:
    """Return the tokens that were not revoked, the newest first."""
    rows = await session.scalars(
        select(AccessToken)
        .where(AccessToken.user_id == user_id, AccessToken.revoked_at.is_(None))
        .order_by(AccessToken.created_at.desc())
    )
    return rows.all()


async def create_token(
    database: Database, user: User, body: TokenCreate, actor: Actor
) -> tuple[AccessToken, str]:
    """Return a new token of `user` and its secret, which is stored nowhere."""
    secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
    days = body.expires_in_days
    token = AccessToken(
        token_hash=digest(secret),
        token_id=new_id(),
        user_id=user.user_id,
        name=body.name,
        scopes=[scope for scope in SCOPES if scope in body.scopes],
        servers=None if body.servers is None else sorted(set(body.servers)),
        created_at=now(),
        expires_at=None if days is None else now() + timedelta(days=days),
        last_used_at=None,
        revoked_at=None,
    )
    async with database.work() as work:
        await serialise(work)
        count = await work.session.scalar(
            select(func.count())
            .select_from(AccessToken)
            .where(AccessToken.user_id == user.user_id, AccessToken.revoked_at.is_(None))
        )
        if (count or 0) >= TOKENS_LIMIT:
            raise Problem(
                "too_many_tokens", 409, f"There are {TOKENS_LIMIT} access tokens already. Revoke one first."
            )
        work.session.add(token)
        doors = ", ".join(scope for scope in SCOPES if scope in body.scopes)
        doors += "" if body.servers is None else f", limited to {', '.join(sorted(set(body.servers)))}"
        sentence = f"Created the access token {body.name} of {user.email} for {doors}."
        write_journal(
            work, actor, "token.created", sentence, subject_id=user.user_id, data={"name": body.name}
        )
    return token, secret


def require_within(wished: Sequence[str], held: frozenset[str]) -> None:
    """Raise `Problem` when a credential would create a token that opens more than it opens itself."""
    beyond = sorted(set(wished) - held)
    if beyond:
        raise invalid("scopes", f"This token does not open {', '.join(beyond)}, so it cannot give that on.")


def require_servers_within(wished: Sequence[str] | None, limit: frozenset[str] | None) -> None:
    """Raise `Problem` when a credential limited to servers would create a token that reaches others."""
    if limit is not None and (wished is None or not limit.issuperset(wished)):
        raise invalid("servers", f"This token reaches only {', '.join(sorted(limit))}. Name some of these.")


async def require_no_longer(session: AsyncSession, principal: Principal, days: int | None) -> None:
    """Raise `Problem` when a credential that ends would create a token that outlives it."""
    if principal.method == "session":
        return
    held = await session.get(AccessToken, principal.credential_id)
    if held is None:
        raise Problem("forbidden", 403, "This credential makes no access tokens. Sign in to make one.")
    if held.expires_at is None:
        return
    if days is None or now() + timedelta(days=days) > held.expires_at:
        raise invalid(
            "expires_in_days",
            f"This token ends at {held.expires_at:%Y-%m-%d %H:%M} UTC, so it makes none that ends later.",
        )


async def revoke_token(database: Database, mirror: Mirror, user_id: str, token_id: str, actor: Actor) -> None:
    """Revoke a token of this person; raise `Problem` for one that is not theirs."""
    async with database.work(urgent=True) as work:
        await serialise(work)
        token = await work.session.scalar(
            update(AccessToken)
            .where(
                AccessToken.token_id == token_id,
                AccessToken.user_id == user_id,
                AccessToken.revoked_at.is_(None),
            )
            .values(revoked_at=now())
            .returning(AccessToken)
        )
        if token is None:
            raise not_found("access token")
        await bump(work, "user", user_id)
        sentence = f"Revoked the access token {token.name}."
        write_journal(work, actor, "token.revoked", sentence, subject_id=user_id)
    await mirror.catch_up()
