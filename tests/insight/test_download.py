"""A download lasts as long as whoever takes it out may be here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from omni2.flows.checkpoints import ToolCall
from omni2.flows.phase import Entry
from omni2.identity.principal import Principal
from tests.support.house import House, open_house
from tests.support.stage import Person, staged

FLOWS, STEPS, STEP_BYTES = 40, 10, 60_000  # more than the buffers of a connection hold
PATHS = ("/api/insight/export/flows?tally=true", "/api/insight/export/users/{user_id}")


async def blocked(house: House) -> None:
    """Block Ann."""
    receipt = await house.block(house.ann)
    assert sum(replica["streams_cancelled"] for replica in receipt["replicas"]) == 1


async def signed_out(house: House) -> None:
    """Sign Ann out."""
    async with house.served.client(house.ann) as client:
        (await client.post("/api/auth/logout")).raise_for_status()


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path / "data") as house:
        yield house


async def record(house: House) -> None:
    """Let Ann have flows with much in them."""
    user = house.ann.user
    principal = Principal(user.user_id, user.email, user.name, user.role, "session", "none")
    call = ToolCall(server="shop", tool="echo", call_id="c", arguments={"text": "x" * STEP_BYTES})
    async with staged(house.served.database) as stage:
        for number in range(FLOWS):
            async with stage.flow(Person(user, principal, ""), f"Number {number}") as flow:
                await flow.write(*[Entry(call)] * STEPS)
                await flow.end("ok")


async def read(chunks: AsyncIterator[bytes], received: list[int]) -> None:
    """Read to the end, and note how much came."""
    async for chunk in chunks:
        received.append(len(chunk))


@pytest.mark.parametrize("path", PATHS, ids=["flows", "person"])
@pytest.mark.parametrize("goes", [blocked, signed_out], ids=["blocked", "signed out"])
async def test_whoever_may_not_be_here_any_more_gets_no_more_of_a_download(
    house: House, path: str, goes: Callable[[House], Awaitable[None]]
) -> None:
    await record(house)
    registry, received = house.served.process.registry, list[int]()
    async with house.served.client(house.ann) as client:
        async with client.stream("GET", path.format(user_id=house.ann.user_id)) as answer:
            assert answer.status_code == 200
            chunks = answer.aiter_raw()
            received.append(len(await anext(chunks)))
            assert registry.count(house.ann.user_id, "stream") == 1
            await goes(house)
            with pytest.raises(httpx.RemoteProtocolError):
                await read(chunks, received)
        assert 0 < sum(received) < FLOWS * STEPS * STEP_BYTES
        assert registry.count(house.ann.user_id, "stream") == 0
        assert (await client.get("/api/insight/export/flows")).status_code in {401, 403}


async def test_a_download_that_is_over_is_kept_nowhere(house: House) -> None:
    async with house.served.client(house.ann) as client:
        assert (await client.get("/api/insight/export/flows?tally=true")).text == "#flows 0\n"
    assert house.served.process.registry.count(house.ann.user_id, "stream") == 0
