"""The limit that counts is that of the moment of the commit, whatever was read before."""

import pytest

from omni2.kernel.lane import UnitRefused
from omni2.usage.budgets import EVERYONE, Charge, end_hold, reserve
from omni2.usage.models import Budget, BudgetWindow
from omni2.usage.verify import verify_ledger
from tests.usage.books import Books, Figures


async def set_limit(books: Books, user_id: str, micros: int) -> None:
    """Set a limit as an admin does, in a transaction of its own."""
    async with books.database.work() as work:
        await work.session.merge(Budget(user_id=user_id, limit_micros=micros))


async def limit_of(books: Books, user_id: str) -> int:
    """Return the limit of the window as stored."""
    async with books.database.read() as session:
        window = await session.get(BudgetWindow, (await books.budgets.window(user_id)).window_id)
    assert window is not None
    return window.limit_micros


@pytest.mark.parametrize("whose", ["bob", EVERYONE])
async def test_a_limit_that_is_lowered_while_a_call_reserves_holds_for_that_call(
    books: Books, whose: str
) -> None:
    await set_limit(books, whose, 900)
    assert await books.reserve("bob", 100) is not None
    _, steps = reserve(await books.budgets.window("bob"), "f", 500)
    await set_limit(books, whose, 300)
    with pytest.raises(UnitRefused) as refusal:
        await books.lane.commit(steps)
    assert refusal.value.index == 1
    assert await books.reserve("bob", 200) is not None
    assert await limit_of(books, "bob") == 300


async def test_a_limit_that_is_raised_while_a_call_reserves_is_not_written_back(books: Books) -> None:
    await set_limit(books, "bob", 300)
    _, steps = reserve(await books.budgets.window("bob"), "f", 200)
    await set_limit(books, "bob", 900)
    await books.lane.commit(steps)
    assert await limit_of(books, "bob") == 900


async def test_a_user_without_any_limit_has_the_built_in_one(books: Books) -> None:
    assert await books.reserve("bob", 1_000) is not None
    assert await books.reserve("bob", 1) is None
    assert await limit_of(books, "bob") == 1_000


@pytest.mark.parametrize(("charge", "used"), [(Charge("model", 70), 70), (None, 0)])
async def test_a_hold_that_may_have_ended_already_is_ended_once(
    books: Books, charge: Charge | None, used: int
) -> None:
    hold = await books.reserve("bob", 100)
    assert hold is not None
    for _ in range(3):
        await books.lane.commit(end_hold(hold, charge))
    assert await books.figures("bob") == Figures(used, used, 0, 0)
    async with books.database.read() as session:
        assert await verify_ledger(session) == []
