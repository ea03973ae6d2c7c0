"""One bad server among several: its caller is told in time, little of it is kept, and nobody else notices."""

import asyncio
from collections.abc import Mapping

import pytest
from pydantic import JsonValue

from omni2.upstream.http_link import MAX_STREAM_BYTES
from omni2.upstream.pool import SessionPool
from tests.support.mcp_servers.raw_http import RawHttp, serving
from tests.support.mcp_servers.villain import ATTACKS, Villain
from tests.upstream.targets import over_http
from tests.upstream.test_bazaar import Link, tool

SHORT_MS, LONG_MS = 400, 25_000
SOCKET_BYTES = 16 * 1024 * 1024
ENDS = {
    "drip": "timeout",
    "endless_progress": "timeout",
    "endless_questions": "timeout",
    "hang": "timeout",
    "invalid": "upstream_error",
    "wrong_id": "upstream_error",
}


@pytest.mark.parametrize("attack", [*ATTACKS, "hang", "invalid", "wrong_id"])
async def test_a_hostile_server_hurts_its_own_caller_alone(pool: SessionPool, attack: str) -> None:
    villain, first, second = Villain(), RawHttp(), RawHttp()
    async with serving(villain) as bad, serving(first) as good, serving(second) as other:
        target = over_http(bad, server_id="bad")
        ends = ENDS.get(attack, "upstream_error")
        timeout_ms = SHORT_MS if ends == "timeout" else LONG_MS
        attacked = asyncio.create_task(pool.request(target, tool(attack), Link(), timeout_ms))
        fine = [
            await pool.request(over_http(url, server_id=url), tool("echo", text="fine"), Link())
            for url in (good, other, good, other)
        ]
        outcome = await asyncio.wait_for(attacked, 30)
        if attack in ATTACKS and attack != "not_a_result":
            await asyncio.wait_for(villain.stopped.wait(), 10)
        again = await pool.request(target, tool("echo", text="again"), Link())
        await pool.aclose()
    assert outcome.status == ends
    assert outcome.result is None
    assert villain.sent_bytes < MAX_STREAM_BYTES + SOCKET_BYTES
    assert [came.text for came in fine] == ["fine"] * 4
    assert again.text == "again"


async def test_progress_prolongs_a_call_that_would_have_timed_out(pool: SessionPool) -> None:
    villain, link = Villain(), Link()
    async with serving(villain) as url:
        greeted = await pool.request(over_http(url), tool("echo", text="hello"), Link())
        assert greeted.status == "ok"  # so that the time of the next one is not that of the handshake
        outcome = await pool.request(over_http(url), tool("endless_progress"), link, 100)
        await pool.aclose()
    assert outcome.status == "timeout"
    assert len(link.reports) > 100 // 20


class Slow(Link):
    """A caller who takes their time to answer."""

    def __init__(self) -> None:
        super().__init__()
        self.asking, self.gate = asyncio.Event(), asyncio.Event()

    async def ask(
        self, requests: Mapping[str, dict[str, JsonValue]], state: JsonValue = None
    ) -> Mapping[str, JsonValue]:
        """Answer when the gate is open."""
        self.asking.set()
        await self.gate.wait()
        return await super().ask(requests, state)


async def test_the_time_that_the_caller_takes_to_answer_does_not_count(pool: SessionPool) -> None:
    slow = Slow()
    async with serving(RawHttp()) as url:
        task = asyncio.create_task(pool.request(over_http(url), tool("patient"), slow, 300))
        await asyncio.wait_for(slow.asking.wait(), 10)
        await asyncio.wait({task}, timeout=0.6)
        assert not task.done()
        slow.gate.set()
        outcome = await asyncio.wait_for(task, 10)
        await pool.aclose()
    assert outcome.text == "thank you"


async def test_a_caller_who_does_not_answer_keeps_no_place_from_others(pool: SessionPool) -> None:
    slow = Slow()
    async with serving(RawHttp()) as url:
        target = over_http(url, concurrency=1)
        task = asyncio.create_task(pool.request(target, tool("patient"), slow))
        await asyncio.wait_for(slow.asking.wait(), 10)
        assert (await pool.request(target, tool("echo", text="free"))).text == "free"
        slow.gate.set()
        assert (await asyncio.wait_for(task, 10)).text == "thank you"
        again = [pool.request(target, tool("echo", text="again")) for _ in range(3)]
        assert [outcome.text for outcome in await asyncio.gather(*again)] == ["again"] * 3
        await pool.aclose()
