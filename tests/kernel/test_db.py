"""Units of work: what is told follows the commit, and a store that is gone refuses by name."""

import asyncio
import threading
from contextlib import AsyncExitStack, suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem
from tests.kernel.conftest import Store
from tests.support.lanes import keys

COUNT_FOR_LONG = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2e7) SELECT count(*) FROM n"
)


async def add(work: Work, key: int) -> None:
    """Insert an item in this transaction."""
    await work.session.execute(
        text("INSERT INTO items (key, name) VALUES (:key, :name)"), {"key": key, "name": f"{key}"}
    )


async def test_events_leave_after_the_commit_and_not_before(store: Store) -> None:
    database = store.database
    async with database.bus.subscribe("items", limit=1) as inbox:
        async with database.work() as work:
            await add(work, 1)
            work.emit("items", {"key": 1})
            assert await keys(database) == []
            await database.bus.publish("items", "published before")
        assert inbox.take_missed() == 1
        async with asyncio.timeout(5):
            assert await inbox.get() == ("items", {"key": 1})
    assert await keys(database) == [1]


async def test_nothing_is_told_and_nothing_is_kept_of_work_that_fails(store: Store) -> None:
    database = store.database
    called: list[str] = []

    async def fail() -> None:
        async with database.work() as work:
            await add(work, 1)
            work.emit("items", 1)
            work.after_commit(lambda: called.append("callback"))
            await add(work, 1)

    async with database.bus.subscribe("items") as inbox:
        with pytest.raises(IntegrityError):
            await fail()
        async with database.work() as work:
            work.emit("items", "the next")
        assert await inbox.get() == ("items", "the next")
    assert called == []
    assert await keys(database) == []


async def test_callbacks_run_directly_behind_the_commit_before_any_event(store: Store) -> None:
    order: list[str] = []
    async with store.database.work() as work:
        await add(work, 1)
        work.after_commit(lambda: order.append("callback"))
        order.append("body")
    order.append("after")
    assert order == ["body", "callback", "after"]


async def cancelled_while_it_commits(database: Database) -> None:
    """Do work whose task is cancelled in the moment of its commit."""
    task = asyncio.current_task()
    assert task is not None

    def cancel() -> None:
        task.cancel()

    async with database.work() as work:
        await add(work, 1)
        work.emit("items", 1)
        work.after_commit(cancel)


async def test_a_cancellation_during_the_commit_neither_undoes_it_nor_silences_its_events(
    store: Store,
) -> None:
    database = store.database
    async with database.bus.subscribe("items") as inbox:
        with pytest.raises(asyncio.CancelledError):
            await asyncio.get_running_loop().create_task(cancelled_while_it_commits(database))
        async with asyncio.timeout(5):
            assert await inbox.get() == ("items", 1)
    assert await keys(database) == [1]


async def test_a_cancellation_before_the_commit_undoes_it_and_the_next_work_goes_on(store: Store) -> None:
    database = store.database
    added = asyncio.Event()

    async def waits() -> None:
        async with database.work() as work:
            await add(work, 1)
            added.set()
            await asyncio.Event().wait()

    task = asyncio.get_running_loop().create_task(waits())
    await added.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(5), database.work() as work:
        await add(work, 2)
    assert await keys(database) == [2]


async def test_many_writers_at_once_all_succeed(store: Store) -> None:
    async def write(key: int) -> None:
        async with store.database.work(urgent=key % 2 == 0) as work:
            await add(work, key)

    await asyncio.gather(*(write(key) for key in range(40)))
    assert await keys(store.database) == list(range(40))


async def test_a_broken_rule_of_the_schema_is_an_integrity_error_not_an_outage(store: Store) -> None:
    async with store.database.work() as work:
        await add(work, 1)
    with pytest.raises(IntegrityError):
        async with store.database.work() as work:
            await add(work, 1)


async def test_a_database_that_is_gone_refuses_by_name_and_serves_again_when_it_is_back(store: Store) -> None:
    await asyncio.to_thread(store.take_away)
    with pytest.raises(Problem) as caught:
        async with store.database.work() as work:
            await add(work, 1)
    assert caught.value.code == "database_unavailable"
    assert caught.value.status == 503
    await asyncio.to_thread(store.give_back)
    async with store.database.work() as work:
        await add(work, 2)
    assert await keys(store.database) == [2]


async def test_no_thread_of_a_database_outlives_it(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'gone.db'}", MemoryBus())

    async def read_for_long() -> None:
        async with database.read() as session:
            await session.execute(text(COUNT_FOR_LONG))

    async with database.read() as session:
        await session.execute(text("SELECT 1"))
    reading = asyncio.create_task(read_for_long())
    for _ in range(2):  # the second one cuts the closing of the connection as well
        for _ in range(100):  # until the statement, then its closing, has reached the thread
            await asyncio.sleep(0)
        reading.cancel()
    await asyncio.wait((reading,))
    await database.aclose()
    assert set(threading.enumerate()) - before == set()


async def test_what_is_urgent_waits_for_nobody_who_holds_the_connections(store: Store) -> None:
    database = store.database
    async with AsyncExitStack() as stack:
        for _ in range(15):
            with suppress(Problem, TimeoutError):
                async with asyncio.timeout(0.2):
                    session = await stack.enter_async_context(database.read())
                    await session.execute(text("SELECT 1"))
        async with asyncio.timeout(2):
            async with database.work(urgent=True) as work:
                await add(work, 1)
            async with database.read(urgent=True) as session:
                assert await session.scalar(text("SELECT count(*) FROM items")) == 1
