"""The group commit: durable together, refused alone, bounded, and alive after every kind of failure."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from omni2.kernel.errors import Problem
from omni2.kernel.lane import (
    BATCH_LIMIT,
    QUEUE_LIMIT,
    Lane,
    Many,
    Outcome,
    Row,
    Step,
    Steps,
    UnitInvalid,
    UnitRefused,
    Value,
)
from omni2.kernel.statement import Statement
from tests.kernel.conftest import Store
from tests.support.lanes import insert, keys, rename


class ScriptedWriter:
    """A writer that waits to be let on, and remembers the sizes of its batches."""

    errors: tuple[type[Exception], ...] = (OSError,)

    def __init__(self) -> None:
        self.let_on = asyncio.Event()
        self.running = asyncio.Event()
        self.batches: list[int] = []
        self.fail: Exception | None = None

    async def open(self) -> None:
        """Nothing to connect."""

    async def run(self, batch: Sequence[Steps]) -> list[Outcome]:
        """Wait, then say that all is well, or fail as told."""
        self.batches.append(len(batch))
        self.running.set()
        await self.let_on.wait()
        if self.fail is not None:
            raise self.fail
        return [Outcome(rows=[None] * len(steps)) for steps in batch]

    async def aclose(self) -> None:
        """Nothing to disconnect."""


class Watched(list[Step]):
    """Steps that count when they are taken into the queue."""

    taken = 0

    def __iter__(self) -> Iterator[Step]:
        Watched.taken += 1
        return super().__iter__()


async def test_a_unit_is_durable_when_its_commit_returns(store: Store) -> None:
    await store.lane.commit([insert(1), insert(2)])
    assert await keys(store.database) == [1, 2]


async def test_what_waits_together_shares_one_transaction(store: Store) -> None:
    await asyncio.gather(*(store.lane.commit([insert(key)]) for key in range(50)))
    assert store.lane.units == 50
    assert store.lane.batches == 1


async def test_a_step_that_fetches_hands_back_its_row(store: Store) -> None:
    await store.lane.commit([insert(1)])
    step = Step("UPDATE items SET name = $1 WHERE key = $2 RETURNING key, name", ("new", 1), 1, fetch=True)
    assert await store.lane.commit([step, insert(2)]) == [(1, "new"), None]


async def test_a_refused_unit_leaves_nothing_and_hurts_no_other(store: Store) -> None:
    units = [[insert(1)], [insert(2), rename(99, "nobody")], [insert(3)]]
    results = await asyncio.gather(*map(store.lane.commit, units), return_exceptions=True)
    assert store.lane.batches == 1
    assert results[0] == [None]
    assert results[2] == [None]
    assert isinstance(results[1], UnitRefused)
    assert results[1].index == 1
    assert await keys(store.database) == [1, 3]


async def test_a_unit_that_breaks_a_rule_of_the_schema_is_undone_alone(store: Store) -> None:
    units = [[insert(1)], [insert(2), insert(1, "again")], [insert(3)]]
    results = await asyncio.gather(*map(store.lane.commit, units), return_exceptions=True)
    assert [isinstance(result, Exception) for result in results] == [False, True, False]
    assert isinstance(results[1], UnitInvalid)
    assert type(results[1].__cause__).__name__ in {"IntegrityError", "UniqueViolationError"}
    assert await keys(store.database) == [1, 3]


@pytest.mark.parametrize("value", [2**70, "\ud800"], ids=["a huge integer", "a lone surrogate"])
async def test_a_value_that_the_database_cannot_hold_fails_its_unit_alone(
    store: Store, value: int | str
) -> None:
    bad = Step(
        "INSERT INTO items (key, name) VALUES ($1, $2)",
        (value, "x") if isinstance(value, int) else (9, value),
    )
    results = await asyncio.gather(
        store.lane.commit([insert(1)]),
        store.lane.commit([bad]),
        store.lane.commit([insert(3)]),
        return_exceptions=True,
    )
    assert [isinstance(result, Exception) for result in results] == [False, True, False]
    await store.lane.commit([insert(4)])
    assert await keys(store.database) == [1, 3, 4]


@pytest.mark.parametrize("error", [KeyError("x"), IndexError(0), AttributeError("x"), ZeroDivisionError()])
async def test_a_unit_whose_values_cannot_be_made_fails_alone_and_the_lane_lives(
    store: Store, error: Exception
) -> None:
    def params(rows: Sequence[Row | None]) -> tuple[Value, ...]:
        del rows
        raise error

    bad = Step("INSERT INTO items (key, name) VALUES ($1, $2)", params)
    results = await asyncio.gather(
        store.lane.commit([insert(1)]),
        store.lane.commit([insert(2), bad]),
        store.lane.commit([insert(3)]),
        return_exceptions=True,
    )
    assert isinstance(results[1], UnitInvalid)
    await store.lane.commit([insert(4)])
    assert await keys(store.database) == [1, 3, 4]


async def test_a_statement_that_is_wrong_does_not_end_the_lane(store: Store) -> None:
    with pytest.raises(Problem):
        await store.lane.commit([Step("INSERT INTO nowhere (key) VALUES ($1)", (1,))])
    await store.lane.commit([insert(1)])
    assert await keys(store.database) == [1]


async def test_a_database_that_is_gone_refuses_by_name_and_the_lane_recovers_by_itself(store: Store) -> None:
    await store.lane.commit([insert(1)])
    await asyncio.to_thread(store.take_away)
    results = await asyncio.gather(
        *(store.lane.commit([insert(key)]) for key in (2, 3)), return_exceptions=True
    )
    assert [result.code for result in results if isinstance(result, Problem)] == ["database_unavailable"] * 2
    await asyncio.to_thread(store.give_back)
    await store.lane.commit([insert(4)])
    assert await keys(store.database) == [1, 4]


async def test_work_and_lane_write_side_by_side(store: Store) -> None:
    async def work(key: int) -> None:
        async with store.database.work() as work:
            connection = await work.session.connection()
            await connection.exec_driver_sql(f"INSERT INTO items (key, name) VALUES ({key}, '{key}')")

    lane = (store.lane.commit([insert(key)]) for key in range(100, 130))
    await asyncio.gather(*lane, *(work(key) for key in range(30)))
    assert len(await keys(store.database)) == 60


async def test_a_closed_lane_has_drained_what_it_took_and_takes_no_more(store: Store) -> None:
    pending = [asyncio.ensure_future(store.lane.commit([insert(key)])) for key in range(600)]
    await asyncio.sleep(0)
    await store.lane.aclose()
    assert await asyncio.gather(*pending) == [[None]] * 600
    with pytest.raises(Problem):
        await store.lane.commit([insert(1_000)])
    assert await keys(store.database) == list(range(600))


async def test_the_queue_is_bounded_and_the_rest_wait_their_turn() -> None:
    writer = ScriptedWriter()
    lane = Lane(writer)
    await lane.open()
    Watched.taken = 0
    commits = [asyncio.ensure_future(lane.commit(Watched([insert(1)]))) for _ in range(QUEUE_LIMIT + 500)]
    await writer.running.wait()
    assert Watched.taken == QUEUE_LIMIT
    writer.let_on.set()
    await asyncio.gather(*commits)
    assert sum(writer.batches) == QUEUE_LIMIT + 500
    assert max(writer.batches) <= BATCH_LIMIT
    await lane.aclose()


async def test_a_caller_that_went_away_before_its_turn_is_not_written() -> None:
    writer = ScriptedWriter()
    lane = Lane(writer)
    await lane.open()
    first = asyncio.ensure_future(lane.commit([insert(1)]))
    await writer.running.wait()
    second = asyncio.ensure_future(lane.commit([insert(2)]))
    third = asyncio.ensure_future(lane.commit([insert(3)]))
    await asyncio.sleep(0)
    second.cancel()
    writer.let_on.set()
    await asyncio.gather(first, third)
    assert writer.batches == [1, 1]
    await lane.aclose()


async def test_a_fault_of_the_writer_fails_whoever_waits_at_once_and_not_by_running_out_of_time() -> None:
    writer = ScriptedWriter()
    writer.fail = ZeroDivisionError()
    writer.let_on.set()
    lane = Lane(writer)
    await lane.open()
    async with asyncio.timeout(5):
        for _ in range(2):
            with pytest.raises(Problem):
                await lane.commit([insert(1)])
    with pytest.raises(ZeroDivisionError):
        await lane.aclose()


async def test_a_replica_that_lost_its_lease_writes_nothing() -> None:
    writer = ScriptedWriter()
    lane = Lane(writer, may_write=lambda: False)
    await lane.open()
    with pytest.raises(Problem) as caught:
        await lane.commit([insert(1)])
    assert caught.value.code == "lease_lost"
    assert writer.batches == []
    await lane.aclose()


PUT = Statement(
    "INSERT INTO items (key, name) WITH given (key, name) AS ({rows}) SELECT key, name FROM given WHERE true",
    ("bigint", "text"),
)
NAME = Statement(
    "UPDATE items SET name = given.name"
    " FROM (WITH given (key, name) AS ({rows}) SELECT * FROM given) given WHERE items.key = given.key",
    ("bigint", "text"),
)


def put(key: int, name: str) -> Step:
    """Return the step that adds an item, by a statement for many."""
    return Step(PUT, (key, name), 1)


async def test_what_many_ask_for_in_the_same_words_is_all_done(store: Store) -> None:
    units = [[put(key, f"first {key}"), Step(NAME, (key, f"second {key}"), 1)] for key in range(150)]
    await asyncio.gather(*map(store.lane.commit, units))
    assert await keys(store.database) == [*range(150)]
    async with store.database.read() as session:
        connection = await session.connection()
        names = await connection.exec_driver_sql("SELECT name FROM items ORDER BY key")
        assert [row[0] for row in names] == [f"second {key}" for key in range(150)]


@pytest.mark.parametrize(
    ("bad", "error"),
    [
        ([put(50, "a"), put(51, "a")], UnitInvalid),
        ([put(50, "b"), Step(NAME, (99, "nobody"), 1)], UnitRefused),
        ([put(50, "c"), rename(99, "nobody")], UnitRefused),
    ],
    ids=["impossible", "refused", "refused besides"],
)
async def test_among_many_who_ask_in_the_same_words_only_who_is_refused_is(
    store: Store, bad: list[Step], error: type[Exception]
) -> None:
    units = [[put(1, "one")], bad, [put(2, "two"), insert(3)], [put(4, "four")]]
    results = await asyncio.gather(*map(store.lane.commit, units), return_exceptions=True)
    assert [type(result) for result in results] == [list, error, list, list]
    assert store.lane.batches == 1
    assert await keys(store.database) == [1, 2, 3, 4]


async def test_many_rows_of_one_unit_are_written_together_or_not_at_all(store: Store) -> None:
    rows = [(key, f"item {key}") for key in range(150)]
    short = [Many(PUT, [(500, "a"), (501, "b")], 2), Many(NAME, [(500, "c"), (999, "nobody")], 2)]
    twice = [Many(PUT, [(600, "d"), (600, "e")], 2)]
    results = await asyncio.gather(
        store.lane.commit([Many(PUT, rows, 150), Many(NAME, [(7, "seven")], 1), insert(900)]),
        store.lane.commit(short),
        store.lane.commit(twice),
        store.lane.commit([put(901, "beside")]),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [list, UnitRefused, UnitInvalid, list]
    assert await keys(store.database) == [*range(150), 900, 901]
