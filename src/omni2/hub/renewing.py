"""Renews one stored sign-in: claimed by one replica, asked for outside any transaction, stored by compare."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from sqlalchemy import or_, update

from omni2.catalog.sign_in_models import ServerCredential
from omni2.hub.sign_in_store import Held, find_credential, open_held, seal_held, times_of
from omni2.identity.epochs import bump
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.secrets import Sealer
from omni2.upstream.oauth_tokens import renew
from omni2.upstream.oauth_wire import OAuthWire

log = structlog.get_logger(__name__)

MARGIN = timedelta(seconds=2)  # a token that is this close to its end is not shown any more
CLAIM = timedelta(seconds=20)
POSTPONED = timedelta(seconds=60)
WAIT_S = 25.0
PAUSE_S = 0.1
PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down"})
ITSELF = Actor(None, "omni2")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose sign-in at which server."""

    server_id: str
    owner: str
    title: str
    allow_private: bool


class Renewal:
    """Renews sign-ins. Of several replicas one asks, and the others wait for what it stores."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def renew(self, subject: Subject, refused: str | None) -> None:
        """Let what is stored be fresh: newer than the `refused` token, or not due any more.

        A sign-in that cannot be renewed ends, in words. Raises `Problem` when nobody can tell now.
        """
        try:
            async with asyncio.timeout(WAIT_S):
                while not await self._is_settled(subject, refused):  # noqa: ASYNC110 it is another replica
                    await asyncio.sleep(PAUSE_S)
        except TimeoutError as error:
            words = f"The sign-in to {subject.title} was not renewed in time. Try again."
            raise Problem("server_timeout", 504, words) from error

    async def _is_settled(self, subject: Subject, refused: str | None) -> bool:
        """Whether there is nothing left to wait for; false while somebody else is at it."""
        row = await self._read(subject)
        if row is None or row.sealed is None:
            return True
        held = open_held(self._sealer, row.sealed, subject.server_id, subject.owner)
        if _is_fresh(row, held, refused):
            return True
        if held.tokens.refresh is None:
            ran_out = "the authorisation ran out" if refused is None else "the server ended the authorisation"
            await self._end(subject, row, ran_out)
            return True
        if not await self._claim(row):
            return False
        await self._ask(subject, row, held)
        return True

    async def _read(self, subject: Subject) -> ServerCredential | None:
        async with self._database.read() as session:
            return await find_credential(session, subject.server_id, subject.owner)

    async def _claim(self, row: ServerCredential) -> bool:
        """Whether it is ours to renew: nobody else is at it, and it is still what we have read."""
        at = now()
        async with self._database.work() as work:
            result = await work.session.execute(
                update(ServerCredential)
                .where(
                    ServerCredential.credential_id == row.credential_id,
                    ServerCredential.sealed == row.sealed,
                    or_(ServerCredential.busy_until.is_(None), ServerCredential.busy_until < at),
                )
                .values(busy_until=at + CLAIM)
                .returning(ServerCredential.credential_id)
            )
            return result.scalar_one_or_none() is not None

    async def _ask(self, subject: Subject, row: ServerCredential, held: Held) -> None:
        wire = OAuthWire(allow_private=subject.allow_private)
        try:
            tokens = await renew(wire, held.server, held.client, held.tokens.refresh or "")
        except Problem as problem:
            error = problem.extra.get("error")
            if error is None or error in PASSING:
                await self._postpone(row, problem)
                words = f"The sign-in to {subject.title} could not be renewed. {problem.detail}"
                raise Problem("server_unreachable", 502, words) from problem
            await self._end(subject, row, f"the server ended the authorisation ({error})")
            return
        fresh, at = replace(held, tokens=tokens), now()
        expires_at, refresh_at = times_of(tokens, at)
        await self._write(
            row,
            sealed=seal_held(self._sealer, fresh, subject.server_id, subject.owner),
            expires_at=expires_at,
            refresh_at=refresh_at,
            refreshed_at=at,
            busy_until=None,
            last_error=None,
        )

    async def _postpone(self, row: ServerCredential, problem: Problem) -> None:
        log.warning("sign_in_not_renewed", server_id=row.server_id, code=problem.code)
        await self._write(row, busy_until=None, refresh_at=now() + POSTPONED, last_error=problem.detail)

    async def _end(self, subject: Subject, row: ServerCredential, why: str) -> None:
        words = f"Sign in to {subject.title} again: {why}."
        async with self._database.work() as work:
            found = await work.session.get(ServerCredential, row.credential_id, with_for_update=True)
            if found is None or found.sealed != row.sealed:
                return
            found.state, found.last_error, found.sealed = "ended", words, None
            found.expires_at = found.refresh_at = found.busy_until = None
            write_journal(work, ITSELF, "server.sign_in_ended", words, subject_id=subject.server_id)
            await bump(work, "credentials", row.credential_id)

    async def _write(self, row: ServerCredential, **values: object) -> None:
        """Store, unless somebody signed out or in meanwhile."""
        async with self._database.work() as work:
            await work.session.execute(
                update(ServerCredential)
                .where(
                    ServerCredential.credential_id == row.credential_id, ServerCredential.sealed == row.sealed
                )
                .values(**values)
            )


def _is_fresh(row: ServerCredential, held: Held, refused: str | None) -> bool:
    if refused is not None:
        return held.tokens.access != refused
    is_due = row.refresh_at is not None and row.refresh_at <= now()
    has_ended = row.expires_at is not None and row.expires_at <= now() + MARGIN
    return not is_due and not has_ended
