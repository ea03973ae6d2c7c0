"""Blocks a user with 200 open sockets, one of which never reads: the time until the others have the words."""

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import structlog

from omni2.app.server import settle_memory
from omni2.upstream.ports import TextDelta
from tests.support.clients import RawClient
from tests.support.house import House, open_house
from tests.support.scripted_model import Gate

SOCKETS, ROUNDS = 200, 5
PROMISED_MS = 100.0
FILL_LIMIT_S = 60.0


async def main() -> None:
    """Measure a few blocks in a row on SQLite, and print how the times are spread."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{folder}/omni2.db"
        async with open_house(
            url, Path(folder), max_sockets_per_user=SOCKETS + 8, max_output_tokens=1_000_000
        ) as house:
            settle_memory()
            times: list[float] = []
            for number in range(1, ROUNDS + 1):
                measured, receipt_ms = await one_block(house)
                times += measured
                print(f"  round {number}: {spread(measured)}; receipt after {receipt_ms:.0f} ms")
    print(f"  all: {spread(times)}; promised: p99 <= {PROMISED_MS:.0f} ms")


async def one_block(house: House) -> tuple[list[float], float]:
    """Open the sockets, block, and unblock; return the time to the words of each (ms), and to the receipt."""
    headers = house.served.credentials(house.ann, by_token=True)
    silent = await RawClient.connect(house.served.url, headers)
    await silent.read_until(b"welcome")
    chats = [await house.served.chat(house.ann, by_token=True) for _ in range(SOCKETS - 1)]
    arrived: list[float] = []
    for chat in chats:
        chat.on_frame = lambda frame: (
            arrived.append(time.perf_counter()) if frame["type"] == "blocked" else None
        )
    await fill(house, silent)
    async with house.served.client(house.boss) as client:
        await client.get("/api/auth/me")
        began = time.perf_counter()
        answer = await client.put(f"/api/users/{house.ann.user_id}/block", json={"message": "See me."})
        receipt_ms = (time.perf_counter() - began) * 1000
    assert answer.json()["sockets_closed"] == SOCKETS, answer.text
    for chat in chats:
        await chat.closed()
    assert len(arrived) == len(chats), f"{len(chats) - len(arrived)} sockets did not get the words"
    await house.unblock(house.ann)
    silent.close()
    house.served.chats.clear()
    return [(moment - began) * 1000 for moment in arrived], receipt_ms


async def fill(house: House, silent: RawClient) -> None:
    """Let the model say more than a peer that does not read can take, and wait in the middle of it."""
    gate = Gate()
    house.model.play([*(TextDelta("x" * 8_000) for _ in range(200)), gate])
    await silent.send(type="say", id="1", text="Talk")
    async with asyncio.timeout(FILL_LIMIT_S):
        await gate.reached.wait()


def spread(times: Sequence[float]) -> str:
    """Return p50, p99 and the longest of some times (ms)."""
    ordered = sorted(times)
    p50, p99 = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.99))
    return f"p50 {p50:.1f} ms, p99 {p99:.1f} ms, max {ordered[-1]:.1f} ms ({len(ordered)} sockets)"


if __name__ == "__main__":
    asyncio.run(main())
