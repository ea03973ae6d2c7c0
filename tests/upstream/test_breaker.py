"""A server that fails again and again is left alone, tried by one call, and used again when it works."""

import asyncio
from urllib.parse import urlsplit

import pytest

from omni2.kernel.errors import Problem
from omni2.upstream.breaker import FAILURES, FIRST_PAUSE_S, MAX_PAUSE_S, Breaker
from omni2.upstream.pool import SessionPool
from tests.support.mcp_servers.raw_http import RawHttp, serving
from tests.support.pools import call_tool
from tests.upstream.targets import over_http


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        with breaker.trying("Shop") as trial:
            trial.failed()


def test_it_opens_after_five_failures_in_a_row_and_says_when_to_try_again() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, FAILURES - 1)
    with breaker.trying("Shop") as trial:
        trial.worked()
    fail(breaker, FAILURES - 1)
    assert breaker.state == "closed"
    fail(breaker)
    assert breaker.state == "open"
    with pytest.raises(Problem) as caught, breaker.trying("Shop"):
        pass
    assert (caught.value.code, caught.value.extra["retry_after_ms"]) == ("server_unavailable", 5_000)


def test_one_call_tries_it_again_and_each_failure_doubles_the_pause() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, FAILURES)
    pauses: list[float] = []
    for _ in range(6):
        began = clock.now
        while breaker.state == "open":
            clock.now += 1.0
        pauses.append(clock.now - began)
        fail(breaker)
    assert pauses == [FIRST_PAUSE_S, 10, 20, 40, MAX_PAUSE_S, MAX_PAUSE_S]
    clock.now += MAX_PAUSE_S
    with breaker.trying("Shop") as trial:
        with pytest.raises(Problem), breaker.trying("Shop"):
            pass
        trial.worked()
    assert breaker.state == "closed"


def test_a_call_that_was_cancelled_counts_for_nothing_and_gives_its_place_back() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    fail(breaker, FAILURES)
    clock.now += FIRST_PAUSE_S
    with pytest.raises(asyncio.CancelledError), breaker.trying("Shop"):
        raise asyncio.CancelledError
    assert breaker.state == "half_open"
    with breaker.trying("Shop") as trial:
        trial.worked()
    assert breaker.state == "closed"


async def test_a_server_that_is_away_is_asked_no_more_and_others_are(pool: SessionPool) -> None:
    gone, here = RawHttp(), RawHttp()
    async with serving(gone) as url:
        port = urlsplit(url).port
    async with serving(here) as other:
        away, other_target = over_http(url), over_http(other, server_id="s2")
        for _ in range(FAILURES):
            assert (await call_tool(pool, away, "echo", {})).status == "upstream_error"
        async with serving(gone, port):
            refused = await call_tool(pool, away, "echo", {})
            fine = await call_tool(pool, other_target, "echo", {"text": "fine"})
            states = pool.breaker_state("s1"), pool.breaker_state("s2")
            await pool.list_tools(away)
            again = await call_tool(pool, away, "echo", {"text": "back"})
            await pool.aclose()
    assert "left alone" in (refused.error or "")
    assert states == ("open", "closed")
    assert (fine.text, again.text) == ("fine", "back")


async def test_what_is_not_the_servers_fault_never_opens_it(pool: SessionPool) -> None:
    app = RawHttp()
    async with serving(app) as url:
        target = over_http(url)
        for _ in range(FAILURES + 1):
            assert (await call_tool(pool, target, "no_such_tool", {})).code == -32602
            task = asyncio.create_task(call_tool(pool, target, "hang", {}))
            await app.hanging.wait()
            task.cancel()
            await asyncio.wait({task})
        assert pool.breaker_state("s1") == "closed"
        await pool.aclose()


@pytest.mark.parametrize("tool", ["invalid", "giant", "broken"])
async def test_answers_that_make_no_sense_open_it(pool: SessionPool, tool: str) -> None:
    async with serving(RawHttp()) as url:
        for _ in range(FAILURES):
            await call_tool(pool, over_http(url), tool, {})
        assert pool.breaker_state("s1") == "open"
        await pool.aclose()
