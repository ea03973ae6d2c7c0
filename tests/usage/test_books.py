"""The books under concurrency: never overrun, every charge once, sums always right."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.ids import new_id
from omni2.kernel.journal import CONSOLE
from omni2.kernel.lane import UnitRefused
from omni2.usage.budgets import Budgets, Charge, refund, settle
from omni2.usage.models import BudgetWindow
from omni2.usage.recovery import charge_unknown, list_held
from omni2.usage.service import set_budget, set_default
from omni2.usage.verify import verify_ledger
from tests.support.front import Front
from tests.support.lanes import lane_of
from tests.usage.books import Books

LIMIT = 1_000
CALL = st.tuples(st.integers(1, 600), st.sampled_from(["settle", "refund", "keep"]), st.integers(0, 100))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(CALL, min_size=1, max_size=20))
def test_calls_side_by_side_never_overrun_and_the_sums_agree(
    database_url: str, calls: list[tuple[int, str, int]]
) -> None:
    async def run() -> None:
        database = Database(database_url, MemoryBus())
        lane = lane_of(database)
        await lane.open()
        books = Books(database, lane, Budgets(database, "UTC", LIMIT, 1_000))
        user_id = new_id()
        await asyncio.gather(*(books.call(user_id, *call) for call in calls))
        figures = await books.figures(user_id)
        assert figures.used == figures.ledger
        assert figures.reserved == figures.held
        assert max(books.most_seen, figures.used + figures.reserved) <= LIMIT
        async with database.read() as session:
            assert await verify_ledger(session) == []
        await lane.aclose()
        await database.aclose()

    asyncio.run(run())


async def test_of_many_reservations_at_once_exactly_as_many_pass_as_fit(books: Books) -> None:
    holds = await asyncio.gather(*(books.reserve("bob", 90) for _ in range(60)))
    assert sum(hold is not None for hold in holds) == LIMIT // 90
    assert await books.reserve("bob", LIMIT % 90) is not None
    assert await books.reserve("bob", 1) is None
    assert (await books.figures("bob")).reserved == LIMIT


async def test_a_hold_ends_once_however_often_and_in_whatever_way_it_is_tried(books: Books) -> None:
    hold = await books.reserve("bob", 500)
    assert hold is not None
    tries = [settle(hold, Charge("model", 200)), refund(hold), settle(hold, Charge("model", 300))]
    outcomes = await asyncio.gather(*map(books.lane.commit, tries), return_exceptions=True)
    assert sum(isinstance(outcome, UnitRefused) for outcome in outcomes) == 2
    figures = await books.figures("bob")
    assert figures.used == figures.ledger
    assert (figures.reserved, figures.held) == (0, 0)


async def test_what_a_dead_replica_held_is_charged_in_full_and_once(books: Books) -> None:
    hold = await books.reserve("bob", 400)
    assert hold is not None
    async with books.database.read() as session:
        (held,) = await list_held(session, hold.flow_id)
    await books.lane.commit(charge_unknown(held))
    with pytest.raises(UnitRefused):
        await books.lane.commit(charge_unknown(held))
    figures = await books.figures("bob")
    assert (figures.used, figures.ledger, figures.reserved, figures.held) == (400, 400, 0, 0)


async def test_a_lower_limit_counts_from_the_next_reservation_on(books: Books, front: Front) -> None:
    bob = await front.person("bob@example.org")
    assert await books.reserve(bob, 600) is not None
    await set_budget(books.database, books.budgets, bob, 700, CONSOLE)
    assert await books.reserve(bob, 200) is None
    assert await books.reserve(bob, 100) is not None
    await set_budget(books.database, books.budgets, bob, None, CONSOLE)
    await set_default(books.database, books.budgets, 750, CONSOLE)
    assert await books.reserve(bob, 100) is None
    assert await books.reserve(bob, 50) is not None


async def test_a_window_that_was_tampered_with_is_found(books: Books) -> None:
    await books.call("bob", 100, "settle", 50)
    await books.call("eve", 100, "settle", 50)
    async with books.database.work() as work:
        await work.session.execute(
            update(BudgetWindow).where(BudgetWindow.user_id == "bob").values(used_micros=49)
        )
    async with books.database.read() as session:
        (difference,) = await verify_ledger(session)
    assert (difference.used_micros, difference.ledger_micros) == (49, 50)
    assert difference.window_id.startswith("bob:")
