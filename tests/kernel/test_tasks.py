"""Work that a cancellation may not cut in half, and loops that go on after a failure."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

import pytest

from omni2.kernel import tasks
from omni2.kernel.tasks import Patient, Supervisor, by, end, finish, finish_here

Finish = Callable[[Coroutine[Any, Any, str]], Awaitable[str]]
both = pytest.mark.parametrize("way", [finish, finish_here])


class Deed:
    """Something to finish, which stops half-way until it is let on."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.let_on = asyncio.Event()
        self.ended = False

    async def do(self) -> str:
        """Begin, wait, end."""
        self.begun.set()
        await self.let_on.wait()
        self.ended = True
        return "done"

    async def fail(self) -> str:
        """Begin, wait, fail."""
        await self.do()
        raise ValueError("broken")


async def awaiting(awaitable: Awaitable[str]) -> str:
    """Await what a task cannot be made of."""
    return await awaitable


@both
async def test_finish_returns_the_result(way: Finish) -> None:
    deed = Deed()
    deed.let_on.set()
    assert await way(deed.do()) == "done"


@both
async def test_finish_raises_what_the_work_raises(way: Finish) -> None:
    deed = Deed()
    deed.let_on.set()
    with pytest.raises(ValueError, match="broken"):
        await way(deed.fail())


@both
async def test_a_cancelled_caller_still_finishes_and_is_cancelled_afterwards(way: Finish) -> None:
    deed = Deed()
    task = asyncio.get_running_loop().create_task(awaiting(way(deed.do())))
    await deed.begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    deed.let_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert deed.ended


@both
async def test_a_cancellation_is_not_lost_when_the_work_fails_after_it(way: Finish) -> None:
    deed = Deed()
    task = asyncio.get_running_loop().create_task(awaiting(way(deed.fail())))
    await deed.begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    deed.let_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task


@both
async def test_work_that_waits_for_work_that_is_finished_in_turn_is_cut_nowhere(way: Finish) -> None:
    deed = Deed()

    async def outer() -> str:
        before = await way(deed.do())
        await asyncio.sleep(0)
        return f"{before} and more"

    whole: list[str] = []

    async def caller() -> None:
        whole.append(await way(outer()))

    task = asyncio.get_running_loop().create_task(caller())
    await deed.begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    deed.let_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert deed.ended
    assert whole == []


@both
async def test_finishing_leaves_the_wait_of_others_alone(way: Finish) -> None:
    gate: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def wait() -> str:
        return await gate

    first, second = (asyncio.create_task(awaiting(way(wait()))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    assert not gate.cancelled()
    gate.set_result("open")
    assert await second == "open"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_what_is_there_in_time_is_returned_whether_it_had_to_wait_or_not() -> None:
    loop = asyncio.get_running_loop()
    open_, closed = Deed(), Deed()
    open_.let_on.set()
    assert await by(loop.time() - 1, open_.do()) == "done"
    waiting = asyncio.create_task(by(loop.time() + 60, closed.do()))
    await closed.begun.wait()
    closed.let_on.set()
    assert await waiting == "done"
    with pytest.raises(ValueError, match="broken"):
        await by(loop.time() + 60, open_.fail())


async def test_work_that_is_not_done_in_time_is_cancelled() -> None:
    deed = Deed()
    ended: list[str] = []

    async def work() -> str:
        try:
            return await deed.do()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    with pytest.raises(TimeoutError):
        await by(asyncio.get_running_loop().time(), work())
    assert ended == ["cancelled"]


async def test_a_caller_that_is_cancelled_cancels_what_it_waits_for_in_time() -> None:
    deed = Deed()
    waiting = asyncio.create_task(by(asyncio.get_running_loop().time() + 60, deed.do()))
    await deed.begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    deed.let_on.set()
    await asyncio.sleep(0)
    assert not deed.ended


async def test_a_supervised_loop_goes_on_after_a_failure_and_ends_at_close() -> None:
    supervisor = Supervisor()
    third = asyncio.Event()
    rounds = 0

    async def body() -> None:
        nonlocal rounds
        rounds += 1
        if rounds < 3:
            raise OSError("gone")
        third.set()
        await asyncio.Event().wait()

    supervisor.loop("test", body)
    async with asyncio.timeout(10):
        await third.wait()
    assert supervisor.running == 1
    await supervisor.aclose()
    assert supervisor.running == 0


async def test_closing_ends_tasks_that_start_others_while_they_end() -> None:
    supervisor = Supervisor()

    async def waits() -> None:
        await asyncio.Event().wait()

    async def starts_another() -> None:
        try:
            await waits()
        finally:
            supervisor.spawn(waits(), name="late")

    supervisor.spawn(starts_another(), name="first")
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await supervisor.aclose()
    assert supervisor.running == 0


async def test_a_cancellation_that_got_lost_holds_up_no_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "CANCEL_AGAIN_S", 0.01)
    supervisor = Supervisor()

    async def loses_it() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    async def goes_on() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(3_600)

    supervisor.spawn(loses_it(), name="once")
    supervisor.loop("loop", goes_on)
    alone = asyncio.create_task(loses_it())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await supervisor.aclose()
        await end(alone)
    assert supervisor.running == 0
    assert alone.cancelled()


@both
async def test_what_nobody_may_cut_is_waited_for_whatever_happens_to_the_caller(way: Finish) -> None:
    result: Patient[str] = Patient()

    async def work() -> str:
        return await result + "!"

    task = asyncio.create_task(awaiting(way(work())))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    result.set_result("done")
    with pytest.raises(asyncio.CancelledError):
        await task
    assert result.result() == "done"


async def test_without_that_it_can_be_cancelled_like_any_other() -> None:
    result: Patient[str] = Patient()
    task = asyncio.ensure_future(awaiting(result))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert result.cancelled()
