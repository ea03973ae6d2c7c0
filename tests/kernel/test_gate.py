"""The gate of the single writer: one at a time, the urgent first, and no turn lost to a cancellation."""

import asyncio

import pytest

from omni2.kernel.gate import Gate


class Queue:
    """Callers that stand at a gate, and the order in which they passed."""

    def __init__(self) -> None:
        self.gate = Gate()
        self.passed: list[str] = []
        self.inside = 0
        self.open = asyncio.Event()

    async def pass_through(self, name: str, *, urgent: bool = False) -> None:
        """Hold the gate until `open` is set, alone."""
        async with self.gate.hold(urgent=urgent):
            self.inside += 1
            assert self.inside == 1
            self.passed.append(name)
            try:
                await self.open.wait()
            finally:
                self.inside -= 1

    async def start(self, name: str, *, urgent: bool = False) -> asyncio.Task[None]:
        """Stand in the queue."""
        task = asyncio.get_running_loop().create_task(self.pass_through(name, urgent=urgent))
        await asyncio.sleep(0)
        return task


async def test_the_urgent_pass_first_and_each_queue_keeps_its_order() -> None:
    queue = Queue()
    tasks = [await queue.start(name) for name in ("holder", "a", "b")]
    tasks += [await queue.start(name, urgent=True) for name in ("block", "record")]
    queue.open.set()
    await asyncio.gather(*tasks)
    assert queue.passed == ["holder", "block", "record", "a", "b"]


async def test_a_cancelled_waiter_leaves_the_queue_and_the_next_one_passes() -> None:
    queue = Queue()
    holder, waiter, last = [await queue.start(name) for name in ("holder", "waiter", "last")]
    waiter.cancel()
    queue.open.set()
    await asyncio.gather(holder, last)
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert queue.passed == ["holder", "last"]


async def test_a_waiter_cancelled_in_the_moment_of_its_turn_hands_the_turn_on() -> None:
    queue = Queue()
    holder, waiter, last = [await queue.start(name) for name in ("holder", "waiter", "last")]
    holder.cancel()
    await asyncio.sleep(0)
    waiter.cancel()
    queue.open.set()
    async with asyncio.timeout(5):
        await last
    assert "last" in queue.passed
    await asyncio.gather(holder, waiter, return_exceptions=True)


async def test_an_error_inside_opens_the_gate_again() -> None:
    gate = Gate()
    with pytest.raises(ZeroDivisionError):
        async with gate.hold(urgent=False):
            raise ZeroDivisionError
    async with asyncio.timeout(5), gate.hold(urgent=True):
        pass
