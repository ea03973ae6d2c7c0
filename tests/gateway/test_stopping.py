"""Streams that wait for nothing but news end in good order when the server stops, and do not hold it up."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.gateway.hearing import LISTEN, hearing, listening
from tests.support.app import eventually
from tests.support.house import House, open_house
from tests.support.mcp_client import raw_client


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite_url, tmp_path / "data") as house:
        yield house


async def test_streams_end_in_good_order_when_the_server_stops(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with raw_client(house, house.ann) as newest, raw_client(house, house.ann) as older:
        await older.initialize()
        wished = listening({"toolsListChanged": True})
        async with hearing(newest, "POST", wished, **LISTEN) as listened, hearing(older) as heard:
            await eventually(lambda: listened.messages != [])
            await house.served.stop()
            await eventually(lambda: listened.over and heard.over)
    assert listened.messages[-1]["result"]["resultType"] == "complete"
    assert heard.messages == []
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
