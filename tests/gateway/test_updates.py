"""Resources that change: told to whoever subscribed and may read them, through servers of both eras."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.gateway.hearing import LISTEN, hearing, listening
from tests.support.app import eventually, grant
from tests.support.house import House, open_house
from tests.support.mcp_client import error_of, raw_client
from tests.support.mcp_servers.garden import BED, Garden
from tests.support.mcp_yard import add_server, serving_sdk

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
WATER: dict[str, Any] = {"name": "garden__water", "arguments": {}}
UPDATED = "notifications/resources/updated"


@dataclass
class Place:
    """A house with a garden."""

    house: House
    garden: Garden


@pytest.fixture(params=["an older server", "a newest server"])
async def place(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> AsyncIterator[Place]:
    garden = Garden()
    async with (
        open_house(sqlite_url, tmp_path / "data") as house,
        serving_sdk(garden.app(), newest="newest" in request.param) as url,
    ):
        await add_server(house, "garden", url)
        await grant(house.served.database, "garden", ["*"], [], "the garden for all")
        await house.served.process.mirror.refresh()
        yield Place(house, garden)


async def test_a_session_hears_of_a_resource_until_it_does_not_want_to(place: Place) -> None:
    house = place.house
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        assert error_of(await client.call("resources/subscribe", {"uri": "garden://gate"})) == (200, -32002)
        async with hearing(client) as heard:
            assert (await client.call("resources/subscribe", {"uri": BED})).json()["result"] == {}
            await client.call("tools/call", WATER)
            await eventually(lambda: heard.methods() == [UPDATED])
            assert heard.messages[0]["params"] == {"uri": BED}
            assert (await client.call("resources/unsubscribe", {"uri": BED})).json()["result"] == {}
            await client.call("tools/call", WATER)
            assert heard.methods() == [UPDATED]
    assert place.garden.subscribed == []


async def test_a_stream_hears_what_its_session_subscribed_to_before(place: Place) -> None:
    house = place.house
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        await client.call("resources/subscribe", {"uri": BED})
        async with hearing(client) as heard:
            while UPDATED not in heard.methods():
                await client.call("tools/call", WATER)


async def test_a_listener_hears_of_a_resource_and_no_more_once_it_may_not_read_it(place: Place) -> None:
    house = place.house
    async with raw_client(house, house.ann) as client:
        wished = listening({"resourceSubscriptions": [BED, "garden://gate"], "resourcesListChanged": True})
        async with hearing(client, "POST", wished, **LISTEN) as heard:
            await eventually(lambda: heard.messages != [])
            assert heard.messages[0]["params"]["notifications"]["resourceSubscriptions"] == [BED]
            while UPDATED not in heard.methods():
                await client.modern("tools/call", WATER)
            await grant(house.served.database, "garden", [], ["resource:*"], "closed")
            await house.served.process.mirror.refresh()
            await eventually(lambda: "notifications/resources/list_changed" in heard.methods())
            stream = next(iter(house.served.process.gateway.handlers.streams.opened))
            await eventually(lambda: stream.followed == {})
            before = len(heard.messages)
            await client.modern("tools/call", WATER)
            assert len(heard.messages) == before


@pytest.mark.parametrize("place", ["an older server"], indirect=True)
async def test_a_listener_is_told_that_it_listens_once_the_server_heard_so(place: Place) -> None:
    house, garden = place.house, place.garden
    async with raw_client(house, house.ann) as client:
        garden.gate.clear()
        wished = listening({"resourceSubscriptions": [BED]})
        async with hearing(client, "POST", wished, **LISTEN) as heard:
            await garden.reached.wait()
            assert heard.messages == []
            garden.gate.set()
            await eventually(lambda: heard.messages != [])
            await client.modern("tools/call", WATER)
            await eventually(lambda: UPDATED in heard.methods())


@pytest.mark.parametrize("place", ["an older server"], indirect=True)
async def test_a_subscription_on_its_way_does_not_outlive_the_stream_that_wanted_it(place: Place) -> None:
    house, garden = place.house, place.garden
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        garden.gate.clear()
        async with hearing(client):
            subscribing = asyncio.create_task(client.call("resources/subscribe", {"uri": BED}))
            await garden.reached.wait()
        await eventually(lambda: house.served.process.gateway.handlers.streams.opened == ())
        garden.gate.set()
        assert (await subscribing).json()["result"] == {}
        await eventually(lambda: garden.subscribed == [] and garden.sessions == {})
        await garden_rests(garden)


async def garden_rests(garden: Garden) -> None:
    """Assert that nothing is subscribed to, also once all that was under way has run."""
    for _ in range(200):
        await asyncio.sleep(0)
        assert garden.subscribed == []


@pytest.mark.parametrize("place", ["an older server"], indirect=True)
async def test_what_waits_for_a_slow_server_ends_with_the_process(place: Place) -> None:
    house, garden = place.house, place.garden
    async with raw_client(house, house.ann) as client:
        await client.initialize()
        await client.call("resources/subscribe", {"uri": BED})
        garden.gate.clear()
        async with hearing(client):
            await garden.reached.wait()
            await house.served.stop()
            garden.gate.set()
    assert not {task.get_name() for task in asyncio.all_tasks()} & {"mcp follow", "mcp unsubscribe"}
