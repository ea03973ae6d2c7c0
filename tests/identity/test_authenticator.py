"""The cache of principals: never older than the last change that was seen."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity.auth import Authenticator
from omni2.identity.credentials import create_token
from omni2.identity.epochs import Mirror, bump
from omni2.identity.models import User
from omni2.identity.people import add_user
from omni2.identity.schemas import TokenCreate
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.journal import CONSOLE


class GatedDatabase(Database):
    """A database that lets something happen between a read and what is made of it."""

    between: Callable[[], Awaitable[None]] | None = None

    @asynccontextmanager
    async def read(self, *, urgent: bool = False) -> AsyncIterator[AsyncSession]:
        async with super().read(urgent=urgent) as session:
            yield session
        between, self.between = self.between, None
        if between is not None:
            await between()


async def _token(database: Database) -> tuple[User, str]:
    async with database.work() as work:
        user = await add_user(work, "bob@example.org", "Bob", "admin", "no password")
    _, secret = await create_token(database, user, TokenCreate(name="t", scopes=["api"]), CONSOLE)
    return user, secret


async def test_a_change_between_the_read_and_the_cache_is_not_missed(database_url: str) -> None:
    database = GatedDatabase(database_url, MemoryBus())
    mirror = Mirror(database)
    authenticator = Authenticator(database, mirror)
    user, secret = await _token(database)
    await mirror.refresh()

    async def demote() -> None:
        async with database.work() as work:
            await work.session.execute(update(User).where(User.user_id == user.user_id).values(role="member"))
            await bump(work, "user", user.user_id)
        await mirror.refresh()

    database.between = demote
    await authenticator.by_token(secret)
    assert (await authenticator.by_token(secret)).role == "member"
    await database.aclose()


async def test_what_is_rechecked_may_be_a_session_or_a_token(database: Database) -> None:
    authenticator = Authenticator(database, Mirror(database))
    _, secret = await _token(database)
    principal = await authenticator.by_token(secret)
    await authenticator.recheck(principal.credential_id)
    with pytest.raises(Problem) as refused:
        await authenticator.recheck("unknown")
    assert refused.value.code == "not_signed_in"


async def test_a_token_is_not_a_session_cookie_however_recently_it_was_used(database: Database) -> None:
    authenticator = Authenticator(database, Mirror(database))
    _, secret = await _token(database)
    await authenticator.by_token(secret)
    with pytest.raises(Problem) as refused:
        await authenticator.by_session(secret)
    assert refused.value.code == "not_signed_in"


async def test_the_cache_asks_the_database_once_while_nothing_changes(database_url: str) -> None:
    reads: list[str] = []

    class CountedDatabase(GatedDatabase):
        @asynccontextmanager
        async def read(self, *, urgent: bool = False) -> AsyncIterator[AsyncSession]:
            reads.append("read")
            async with super().read(urgent=urgent) as session:
                yield session

    database = CountedDatabase(database_url, MemoryBus())
    authenticator = Authenticator(database, Mirror(database))
    _, secret = await _token(database)
    await authenticator.by_token(secret)
    before = len(reads)
    await authenticator.by_token(secret)
    assert len(reads) == before
    await database.aclose()
