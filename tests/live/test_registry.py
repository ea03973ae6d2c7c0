"""The registry: everything ends at once, within a bound, and nothing slips in behind a block."""

import asyncio
from contextlib import ExitStack

import pytest

from omni2.identity.epochs import Mirror, Standing
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.live.registry import Ending, Handle, Registry
from tests.live.replicas import Recorded

STANDING = Standing("b1", "everywhere", "Call us.", now(), None, "ada@example.org")


@pytest.fixture
async def registry(database: Database) -> Registry:
    mirror = Mirror(database)
    await mirror.refresh()
    return Registry(mirror)


async def test_a_handle_whose_end_hangs_delays_neither_the_others_nor_the_receipt(registry: Registry) -> None:
    cancelled = asyncio.Event()

    async def hang(ending: Ending) -> None:
        del ending
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    others = [Recorded("bob") for _ in range(50)]
    stuck = Handle("socket", "bob", "chat", "c", hang)
    with ExitStack() as held:
        for handle in (stuck, *(other.handle for other in others)):
            held.enter_context(registry.hold(handle))
        receipt = await registry.end_blocked("bob", STANDING)
    assert all([ending.code for ending in other.endings] == ["blocked"] for other in others)
    assert receipt.sockets_closed == 51
    await cancelled.wait()


async def test_an_end_that_fails_hurts_no_other_and_is_counted(registry: Registry) -> None:
    async def fail(ending: Ending) -> None:
        raise RuntimeError(ending.code)

    other = Recorded("bob", "turn")
    with registry.hold(Handle("socket", "bob", "chat", "c", fail)), registry.hold(other.handle):
        receipt = await registry.end_blocked("bob", STANDING)
    assert (receipt.sockets_closed, receipt.turns_cancelled, len(other.endings)) == (1, 1, 1)


async def test_who_ends_a_second_time_waits_for_the_first_and_counts_nothing(registry: Registry) -> None:
    release, told = asyncio.Event(), list[Ending]()

    async def end(ending: Ending) -> None:
        told.append(ending)
        await release.wait()

    with registry.hold(Handle("socket", "bob", "chat", "c", end)):
        first = asyncio.ensure_future(registry.end_blocked("bob", STANDING))
        second = asyncio.ensure_future(registry.end_blocked("bob", STANDING))
        await asyncio.wait((first, second), timeout=0.05)
        assert not first.done()
        assert not second.done()
        release.set()
        assert ((await first).sockets_closed, (await second).sockets_closed) == (1, 0)
    assert len(told) == 1


async def test_a_block_of_one_door_leaves_the_other_open(registry: Registry) -> None:
    chat, mcp = Recorded("bob", "socket", "chat"), Recorded("bob", "stream", "mcp")
    standing = Standing("b1", "mcp", "No MCP.", now(), None, "ada")
    with registry.hold(chat.handle), registry.hold(mcp.handle):
        receipt = await registry.end_blocked("bob", standing)
    assert (receipt.sockets_closed, receipt.streams_cancelled) == (0, 1)
    assert (len(chat.endings), [ending.message for ending in mcp.endings]) == (0, ["No MCP."])


async def test_of_a_thousand_that_connect_while_a_block_falls_none_survives(database: Database) -> None:
    mirror = Mirror(database)
    await mirror.refresh()
    registry = Registry(mirror)
    over = asyncio.Event()
    settled: asyncio.Queue[None] = asyncio.Queue()
    outcome = {"ended": 0, "blocked": 0, "survived": 0}

    async def connect(number: int) -> None:
        for _ in range(number % 40):
            await asyncio.sleep(0)
        thing = Recorded("bob")
        try:
            with registry.hold(thing.handle):
                settled.put_nowait(None)
                await over.wait()
                outcome["ended" if thing.endings else "survived"] += 1
        except Problem as problem:
            settled.put_nowait(None)
            outcome[problem.code] += 1

    connecting = [asyncio.ensure_future(connect(number)) for number in range(1_000)]
    for _ in range(20):
        await asyncio.sleep(0)
    mirror.mark("bob", STANDING)
    await registry.end_blocked("bob", STANDING)
    for _ in connecting:
        await settled.get()
    over.set()
    await asyncio.gather(*connecting)
    assert outcome["survived"] == 0
    assert outcome["ended"] > 0
    assert outcome["blocked"] > 0
    assert registry.users() == ()


async def test_what_a_user_does_here_is_told_in_one_word(registry: Registry) -> None:
    assert registry.state("bob") == "offline"
    with registry.hold(Recorded("bob").handle):
        assert registry.state("bob") == "idle"
        with registry.hold(Recorded("bob", "turn").handle):
            assert registry.state("bob") == "thinking"
    assert registry.state("bob") == "offline"


async def test_a_connection_that_finds_out_by_itself_before_it_is_ended_is_in_the_receipt(
    registry: Registry,
) -> None:
    first, second, call = (Recorded("bob").handle for _ in range(3))
    call.kind = "call"
    with ExitStack() as held:
        for handle in (first, second, call):
            held.enter_context(registry.hold(handle))
        before = registry.connections("bob", STANDING)
        registry.remove(first)
        registry.remove(call)  # it came to its end: nobody cancelled it
        receipt = await registry.end_blocked("bob", STANDING, before)
    assert (receipt.sockets_closed, receipt.calls_cancelled) == (2, 0)
