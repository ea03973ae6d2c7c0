"""Watching across replicas: the watcher sits on one, the flows run on the other, with the bus and without."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from tests.support.app import Served, serving_app
from tests.support.house import House, open_house
from tests.support.scripted_model import says, wants
from tests.support.services import Postgres, Valkey
from tests.support.watchers import Watcher, monitor, stored

KEY = SecretStr("the same on every replica")


@dataclass
class Pair:
    """A house, another replica of it, and the bus between them."""

    house: House
    other: Served
    bus: Valkey


@pytest.fixture
def bus() -> Iterator[Valkey]:
    """A bus of the test's own, which it may kill."""
    server = Valkey()
    yield server
    server.stop()


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database that several replicas can share."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
async def pair(postgres_url: str, bus: Valkey, tmp_path: Path) -> AsyncIterator[Pair]:
    shared: dict[str, Any] = {"bus_url": SecretStr(bus.url), "secret_key": KEY}
    async with (
        open_house(postgres_url, tmp_path / "one", **shared) as house,
        serving_app(postgres_url, tmp_path / "two", **shared) as other,
    ):
        yield Pair(house, other, bus)


async def test_a_watcher_on_one_replica_sees_what_runs_on_the_other_also_when_the_bus_is_lost(
    pair: Pair,
) -> None:
    house = pair.house
    await monitor(house.served, house.boss, house.ann)
    watcher = await Watcher.connect(pair.other, house.boss)
    await watcher.watch(house.ann)
    house.model.play(wants("shop__hold"), says("Done."))
    chat = await house.chat()
    flow_id = (await chat.say())["flow_id"]
    await house.workshop.gate.reached.wait()
    await watcher.client.until(
        lambda: any(step["kind"] == "tool_call" for step in watcher.flow(flow_id)) or None
    )
    await watcher.client.until(
        lambda: any(frame["state"] == "thinking" for frame in watcher.of("presence")) or None
    )
    async with house.served.client(house.boss) as client:
        listed = (await client.get("/api/monitoring")).json()["items"]
    assert listed[0]["watchers"] == ["boss@example.org"]
    pair.bus.kill()
    house.workshop.gate.opened.set()
    await chat.turn(flow_id)
    cut_off = (await chat.ask())[-1]["flow_id"]
    for one in (flow_id, cut_off):
        steps = await watcher.end_of(one)
        head, items = await stored(pair.other, house.boss, one)
        assert (steps, watcher.heads[one]) == (items, head)
