"""The mirror: never decides by an old view, and sees what others write."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.identity import epochs
from omni2.identity.epochs import STALE_S, Kind, Mirror, Standing, bump
from omni2.identity.follower import follow_epochs
from omni2.identity.models import User
from omni2.identity.people import add_user
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database, unavailable
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.tasks import Supervisor

STANDING = Standing("b1", "everywhere", "Call us.", now(), None, "ada@example.org")


class LostDatabase(Database):
    """A database that can be lost for reading."""

    lost = False

    @asynccontextmanager
    async def read(self, *, urgent: bool = False) -> AsyncIterator[AsyncSession]:
        if self.lost:
            raise unavailable()
        async with super().read(urgent=urgent) as session:
            yield session


class Clock:
    """Seconds, moved by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(epochs, "uptime", clock)
    return clock


async def test_a_view_that_is_too_old_is_read_again_and_refuses_when_it_cannot_be(
    database_url: str, clock: Clock
) -> None:
    database = LostDatabase(database_url, MemoryBus())
    mirror = Mirror(database)
    assert mirror.refused("bob", "chat")
    await mirror.require_open("bob", "chat")
    clock.now += STALE_S / 2
    assert not mirror.refused("bob", "chat")
    clock.now += STALE_S
    assert mirror.refused("bob", "chat")
    await mirror.require_open("bob", "chat")
    clock.now += STALE_S + 0.1
    database.lost = True
    with pytest.raises(Problem) as refused:
        await mirror.require_open("bob", "chat")
    assert refused.value.status == 503
    await database.aclose()


async def test_a_failed_catch_up_decides_nothing_until_a_read_succeeds(database_url: str) -> None:
    database = LostDatabase(database_url, MemoryBus())
    mirror = Mirror(database)
    await mirror.refresh()
    database.lost = True
    await mirror.catch_up()
    assert mirror.refused("bob", "chat")
    database.lost = False
    await mirror.refresh()
    assert not mirror.refused("bob", "chat")
    await database.aclose()


async def test_an_older_look_never_shortens_freshness(database: Database, clock: Clock) -> None:
    mirror = Mirror(database)
    await mirror.refresh()
    mirror.keep_fresh(clock.now - 10)
    assert mirror.fresh


async def test_a_settled_mark_goes_with_the_next_read_and_an_open_one_stays(database: Database) -> None:
    mirror = Mirror(database)
    mirror.mark("bob", STANDING)
    await mirror.refresh()
    assert mirror.refused("bob", "mcp")
    mirror.settle("bob", "b1")
    assert mirror.refused("bob", "mcp")
    await mirror.refresh()
    assert not mirror.refused("bob", "mcp")


async def test_a_commit_of_any_process_is_seen(database: Database, database_url: str) -> None:
    other = Database(database_url, MemoryBus())
    async with other.work() as work:
        user = await add_user(work, "bob@example.org", "Bob", "member", "no password")
    mirror, supervisor, seen = Mirror(database), Supervisor(), asyncio.Event()

    def note(kind: Kind, key: str) -> None:
        if (kind, key) == ("user", user.user_id):
            seen.set()

    mirror.on_change(note)
    follow_epochs(supervisor, database, mirror, database.bus)
    async with other.work() as work:
        gone = update(User).where(User.user_id == user.user_id).values(status="deactivated")
        await work.session.execute(gone)
        await bump(work, "user", user.user_id)
    async with asyncio.timeout(10):
        await seen.wait()
    assert mirror.refused(user.user_id, "chat")
    assert not mirror.is_active(user.user_id)
    await supervisor.aclose()
    await other.aclose()


async def test_a_database_file_that_goes_away_refuses_everybody(tmp_path: Path, clock: Clock) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'gone' / 'omni2.db'}", MemoryBus())
    mirror = Mirror(database)
    with pytest.raises(Problem):
        await mirror.require_open("bob", "chat")
    assert mirror.refused("bob", "chat")
    assert clock.now
    await database.aclose()


async def test_epochs_count_without_loss_when_many_write_at_once(database_url: str) -> None:
    databases = [Database(database_url, MemoryBus()) for _ in range(3)]

    async def write(number: int) -> None:
        async with databases[number % 3].work() as work:
            await bump(work, "user", f"u{number % 2}")

    mirror = Mirror(databases[0])
    changes: list[str] = []
    mirror.on_change(lambda _, key: changes.append(key))
    await asyncio.gather(*map(write, range(24)))
    await mirror.refresh()
    assert [mirror.version("user", f"u{number}") for number in range(2)] == [12, 12]
    assert mirror.seq == 24
    assert sorted(changes) == ["u0", "u1"]
    for database in databases:
        await database.aclose()
