"""The bus: one behaviour within a process and between replicas, and what a loss of the server does."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from omni2.kernel.bus import Bus, MemoryBus
from omni2.kernel.bus_redis import RedisBus
from tests.support.services import Valkey

WAIT_S = 10.0


@pytest.fixture(params=["memory", "redis"])
async def bus(request: pytest.FixtureRequest) -> AsyncIterator[Bus]:
    bus = MemoryBus() if request.param == "memory" else RedisBus(request.getfixturevalue("valkey").url)
    await bus.open()
    yield bus
    await bus.aclose()


@pytest.fixture
def own_valkey() -> Iterator[Valkey]:
    server = Valkey()
    yield server
    server.stop()


@pytest.fixture
async def pair(own_valkey: Valkey) -> AsyncIterator[tuple[RedisBus, RedisBus]]:
    one, other = RedisBus(own_valkey.url), RedisBus(own_valkey.url)
    await one.open()
    await other.open()
    yield one, other
    await one.aclose()
    await other.aclose()


async def back(bus: RedisBus) -> None:
    """Wait until a bus says that it came back."""
    returned = asyncio.Event()
    bus.on_reconnect(returned.set)
    async with asyncio.timeout(WAIT_S):
        await returned.wait()


async def test_a_bus_is_connected_once_it_is_open(bus: Bus) -> None:
    assert bus.connected


async def test_a_subscriber_receives_what_is_published_on_its_topic_in_order(bus: Bus) -> None:
    async with asyncio.timeout(WAIT_S), bus.subscribe("user:1", "user:2") as inbox:
        await bus.publish("user:1", {"n": 1})
        await bus.publish("user:3", {"n": 2})
        await bus.publish("user:2", ["three", None, 3.5])
        assert await inbox.get() == ("user:1", {"n": 1})
        assert await inbox.get() == ("user:2", ["three", None, 3.5])


async def test_every_subscriber_of_a_topic_receives_each_message_once(bus: Bus) -> None:
    async with asyncio.timeout(WAIT_S), bus.subscribe("t") as one, bus.subscribe("t") as other:
        await bus.publish("t", 1)
        await bus.publish("t", 2)
        assert [await one.get(), await one.get()] == [("t", 1), ("t", 2)]
        assert [await other.get(), await other.get()] == [("t", 1), ("t", 2)]


async def test_a_subscriber_that_left_receives_nothing_while_another_still_does(bus: Bus) -> None:
    async with asyncio.timeout(WAIT_S), bus.subscribe("t") as stays:
        async with bus.subscribe("t") as leaves:
            pass
        await bus.publish("t", "after")
        assert await stays.get() == ("t", "after")
        assert leaves.take_missed() == 0
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await leaves.get()


async def test_a_full_inbox_drops_the_oldest_and_counts_it(bus: Bus) -> None:
    async with asyncio.timeout(WAIT_S), bus.subscribe("t", limit=2) as inbox:
        for number in range(5):
            await bus.publish("t", number)
        assert inbox.take_missed() == 3
        assert inbox.take_missed() == 0
        assert [await inbox.get(), await inbox.get()] == [("t", 3), ("t", 4)]


async def test_a_message_reaches_the_other_replica(pair: tuple[RedisBus, RedisBus]) -> None:
    one, other = pair
    async with asyncio.timeout(WAIT_S), other.subscribe("t") as inbox:
        await one.publish("t", {"from": "one"})
        assert await inbox.get() == ("t", {"from": "one"})


async def test_a_topic_taken_up_again_directly_after_it_was_left_still_receives(
    pair: tuple[RedisBus, RedisBus],
) -> None:
    one, other = pair
    async with asyncio.timeout(WAIT_S):
        for number in range(20):
            async with other.subscribe("t") as inbox:
                await one.publish("t", number)
                assert await inbox.get() == ("t", number)


async def test_what_others_write_into_our_channels_does_not_disturb(
    pair: tuple[RedisBus, RedisBus], own_valkey: Valkey
) -> None:
    one, other = pair
    async with asyncio.timeout(WAIT_S), other.subscribe("t") as inbox:
        reader, writer = await asyncio.open_connection("127.0.0.1", own_valkey.port)
        writer.write(b"PUBLISH omni2:t not-json\r\nPUBLISH omni2:t {}\r\n")
        assert await reader.readline() == b":1\r\n"
        assert await reader.readline() == b":1\r\n"
        await one.publish("t", "ours")
        assert await inbox.get() == ("t", "ours")
        writer.close()
        await writer.wait_closed()


async def test_a_lost_server_is_said_and_publishing_neither_raises_nor_waits_and_still_delivers_here(
    pair: tuple[RedisBus, RedisBus], own_valkey: Valkey
) -> None:
    one, _ = pair
    async with asyncio.timeout(WAIT_S), one.subscribe("t") as inbox:
        own_valkey.kill()
        while one.connected:
            await one.publish("t", "while it dies")
            await inbox.get()
        async with asyncio.timeout(1):
            for number in range(100):
                await one.publish("t", number)
        assert await inbox.get() == ("t", 0)


async def test_subscriptions_stand_again_when_the_server_comes_back_and_the_return_is_told(
    pair: tuple[RedisBus, RedisBus], own_valkey: Valkey
) -> None:
    one, other = pair
    async with asyncio.timeout(WAIT_S), other.subscribe("before") as before:
        own_valkey.kill()
        while one.connected or other.connected:
            await asyncio.gather(one.publish("x", None), other.publish("x", None))
            await asyncio.sleep(0)
        async with other.subscribe("during") as during:
            await asyncio.gather(back(one), back(other), asyncio.to_thread(own_valkey.start))
            assert one.connected
            assert other.connected
            await one.publish("before", 1)
            await one.publish("during", 2)
            assert await before.get() == ("before", 1)
            assert await during.get() == ("during", 2)


async def test_a_server_that_hangs_counts_as_lost(
    pair: tuple[RedisBus, RedisBus], own_valkey: Valkey
) -> None:
    one, _ = pair
    own_valkey.freeze()
    async with asyncio.timeout(WAIT_S):
        while one.connected:
            await one.publish("t", "into the void")
        await one.publish("t", "not stuck")
        own_valkey.thaw()
        await back(one)
    assert one.connected


async def test_a_bus_opens_without_a_server_and_finds_it_later() -> None:
    server = Valkey()
    server.kill()
    bus = RedisBus(server.url)
    await bus.open()
    assert not bus.connected
    await asyncio.gather(back(bus), asyncio.to_thread(server.start))
    assert bus.connected
    await bus.aclose()
    server.stop()
