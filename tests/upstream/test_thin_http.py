"""The connections of the thin client: kept and given up, repeated or not, in time or not."""

import asyncio
from collections.abc import Callable, Coroutine

import httpcore2
import pytest
import uvloop

from omni2.kernel.errors import Problem
from omni2.upstream.net import ssl_context
from omni2.upstream.thin_connection import Lost, NeverReceived
from omni2.upstream.thin_http import Head, ThinPool, request_head
from tests.support.certificates import certificate_for
from tests.support.raw_server import Wire, scripted
from tests.upstream.thin import GET, MIB, OK, POST, body_of, client_of, soon


async def test_one_connection_serves_one_request_after_the_other() -> None:
    seen: list[tuple[int, bytes, bytes]] = []

    async def script(wire: Wire) -> None:
        while True:
            head, body = await wire.request()
            seen.append((wire.number, head, body))
            await wire.send(OK)

    async with client_of(script) as pool:
        for body in (b"1", b"22"):
            answer = await pool.send(POST, body, deadline=soon())
            assert (answer.status, answer.header(b"content-type")) == (200, "text/plain")
            assert await answer.read(10) == b"ok"
    assert [(number, body) for number, _, body in seen] == [(1, b"1"), (1, b"22")]
    assert seen[1][1] == (
        b"POST /mcp HTTP/1.1\r\nhost: a.example\r\naccept: application/json\r\ncontent-length: 2\r\n\r\n"
    )


async def test_many_at_once_wait_for_their_turn_and_each_gets_its_own_answer() -> None:
    numbers: set[int] = set()

    async def script(wire: Wire) -> None:
        numbers.add(wire.number)
        while True:
            _, body = await wire.request()
            await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body))

    async with client_of(script, places=3) as pool:
        bodies = [str(number).encode() for number in range(200)]
        assert await asyncio.gather(*(body_of(pool, content=body) for body in bodies)) == bodies
    assert len(numbers) == 3


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used() -> None:
    closed = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.serve(OK)
        wire.reset()
        closed.set()

    async with client_of(script) as pool:
        for _ in range(3):
            closed.clear()
            assert await body_of(pool) == b"ok"
            await closed.wait()


@pytest.mark.parametrize(("head", "requests"), [(POST, 2), (GET, 3)])
async def test_only_what_may_be_repeated_is_repeated_when_a_kept_connection_breaks(
    head: Head, requests: int
) -> None:
    count = 0

    async def script(wire: Wire) -> None:
        nonlocal count
        while True:
            await wire.request()
            count += 1
            if count == 2:
                return
            await wire.send(OK)

    async with client_of(script) as pool:
        assert await body_of(pool, head, b"") == b"ok"
        if head is POST:
            with pytest.raises(Lost):
                await body_of(pool, head)
        else:
            assert await body_of(pool, head, b"") == b"ok"
    assert count == requests


async def test_a_request_that_did_not_leave_whole_was_never_received() -> None:
    async def script(wire: Wire) -> None:
        await asyncio.sleep(0)
        wire.reset()

    sent: list[str] = []
    async with client_of(script) as pool:
        with pytest.raises((NeverReceived, httpcore2.ConnectError)):
            await pool.send(POST, b"x" * 64 * MIB, deadline=soon(), on_sent=lambda: sent.append("sent"))


async def test_an_early_answer_to_a_long_request_stands_and_the_connection_goes() -> None:
    async def script(wire: Wire) -> None:
        if wire.number == 1:
            await wire.send(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n")
            await wire.gone()
        await wire.serve(OK)

    async with client_of(script) as pool:
        answer = await pool.send(POST, b"x" * 64 * MIB, deadline=soon())
        assert answer.status == 413
        assert await body_of(pool) == b"ok"


async def test_a_server_that_drips_is_given_up_at_the_deadline_and_the_connection_is_closed() -> None:
    closed = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.request()
        await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\na")
        await wire.gone()
        closed.set()

    async with client_of(script) as pool:
        answer = await pool.send(POST, b"{}", deadline=soon(0.2))
        with pytest.raises(httpcore2.ReadTimeout):
            await answer.read(MIB)
        await asyncio.wait_for(closed.wait(), 5)


async def test_a_deadline_can_move_while_the_answer_runs() -> None:
    go = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.request()
        await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\na")
        await go.wait()
        await wire.send(b"b")

    async with client_of(script) as pool:
        answer = await pool.send(POST, b"{}", deadline=soon(0.3))
        answer.prolong(soon(30))
        await asyncio.sleep(0.4)
        go.set()
        assert await answer.read(MIB) == b"ab"


@pytest.mark.parametrize("headed", [False, True])
async def test_whoever_is_cancelled_closes_the_connection(*, headed: bool) -> None:
    arrived, closed = asyncio.Event(), asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.request()
        if headed:
            await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
        arrived.set()
        await wire.gone()
        closed.set()

    async def ask(pool: ThinPool) -> None:
        answer = await pool.send(POST, b"{}", deadline=soon())
        try:
            await answer.read(MIB)
        finally:
            await answer.aclose()

    async with client_of(script) as pool:
        task = asyncio.create_task(ask(pool))
        await arrived.wait()
        await asyncio.sleep(0.05)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        await asyncio.wait_for(closed.wait(), 5)


async def test_whoever_is_cancelled_in_the_queue_passes_the_turn_on() -> None:
    go = asyncio.Event()

    async def script(wire: Wire) -> None:
        while True:
            await wire.request()
            await go.wait()
            await wire.send(OK)

    async with client_of(script, places=1) as pool:
        tasks = [asyncio.create_task(body_of(pool)) for _ in range(6)]
        await asyncio.sleep(0.05)
        tasks[1].cancel()
        tasks[3].cancel()
        go.set()
        done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [one for one in done if isinstance(one, bytes)] == [b"ok"] * 4


async def test_a_full_pool_is_a_connection_that_did_not_come_in_time() -> None:
    async def script(wire: Wire) -> None:
        await wire.request()
        await wire.gone()

    async with client_of(script, places=1) as pool:
        stuck = asyncio.create_task(body_of(pool))
        await asyncio.sleep(0.05)
        with pytest.raises(httpcore2.ConnectTimeout):
            await pool.send(POST, b"{}", deadline=soon(0.1))
        stuck.cancel()
        await asyncio.wait({stuck})


async def test_events_are_handed_out_as_they_come() -> None:
    seen = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.request()
        await wire.send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\ndata: 1\n\n")
        await seen.wait()
        await wire.send(b"data: 2\n\n")

    async with client_of(script) as pool:
        answer = await pool.send(POST, b"{}", deadline=soon())
        assert await answer.chunk() == b"data: 1\n\n"
        seen.set()
        assert await answer.chunk() == b"data: 2\n\n"
        assert await answer.chunk() is None


async def test_nothing_listens_there() -> None:
    url = httpcore2.URL(scheme=b"http", host=b"127.0.0.1", port=1, target=b"/")
    with pytest.raises(httpcore2.ConnectError):
        await body_of(ThinPool(url, allow_private=True, max_connections=1))


async def test_an_address_that_is_refused_is_never_connected_to() -> None:
    reached = asyncio.Event()

    async def script(wire: Wire) -> None:
        reached.set()
        await wire.gone()

    async with scripted(script) as url:
        with pytest.raises(Problem) as refused:
            await body_of(ThinPool(url, allow_private=False, max_connections=1))
    assert refused.value.code == "url_refused"
    assert not reached.is_set()


async def test_a_server_over_tls_is_believed_by_its_certificate_for_its_name_alone() -> None:
    async def script(wire: Wire) -> None:
        await wire.serve(OK)

    steps = (("localhost", False, False), ("b.example", True, False), ("localhost", True, True))
    for name, trusted, works in steps:
        certificate = certificate_for(name)
        if trusted:
            ssl_context().load_verify_locations(cadata=certificate.pem)
        async with scripted(script, certificate.context) as url:
            pool = ThinPool(url, allow_private=True, max_connections=1)
            if works:
                assert await body_of(pool) == b"ok"
            else:
                with pytest.raises(httpcore2.ConnectError):
                    await body_of(pool)
            await pool.aclose()


@pytest.mark.parametrize(
    "build",
    [
        lambda: request_head(b"POST", b"/a b", []),
        lambda: request_head(b"POST", b"/a\r\nx: y", []),
        lambda: request_head(b"PO ST", b"/", []),
        lambda: request_head(b"POST", b"/", [(b"x", b"a\r\ny: b")]),
        lambda: request_head(b"POST", b"/", [(b"x", b"a\nb")]),
        lambda: request_head(b"POST", b"/", [(b"x", b"a\x00b")]),
        lambda: request_head(b"POST", b"/", [(b"x: y\r\nz", b"a")]),
        lambda: request_head(b"POST", b"/", [(b"", b"a")]),
        lambda: request_head(b"POST", b"/", [(b"Transfer-Encoding", b"chunked")]),
        lambda: POST.plus([(b"Content-Length", b"7")]),
    ],
)
def test_nothing_that_could_be_read_as_more_than_it_is_goes_out(build: Callable[[], Head]) -> None:
    with pytest.raises(httpcore2.LocalProtocolError):
        build()


@pytest.mark.parametrize(
    "holds",
    [
        test_many_at_once_wait_for_their_turn_and_each_gets_its_own_answer,
        test_a_connection_that_the_server_closed_meanwhile_is_not_used,
        test_a_request_that_did_not_leave_whole_was_never_received,
        test_an_early_answer_to_a_long_request_stands_and_the_connection_goes,
        test_a_server_that_drips_is_given_up_at_the_deadline_and_the_connection_is_closed,
        test_whoever_is_cancelled_in_the_queue_passes_the_turn_on,
        test_events_are_handed_out_as_they_come,
        test_a_server_over_tls_is_believed_by_its_certificate_for_its_name_alone,
    ],
)
def test_the_same_holds_on_the_loop_that_serves(holds: Callable[[], Coroutine[None, None, None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(holds())
