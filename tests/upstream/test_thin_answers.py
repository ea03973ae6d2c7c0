"""Answers to the thin client: every framing is read exactly, hostile ones end their own request alone."""

import asyncio
from collections.abc import Callable, Coroutine

import httpcore2
import pytest
import uvloop

from tests.support.raw_server import Wire
from tests.upstream.thin import MIB, OK, POST, body_of, client_of, soon


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n",
            b"abcde",
        ),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nx-late: v\r\n\r\n", b"a"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\n" + OK, b"ok"),
        (b"HTTP/1.1 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.0 200 OK\r\n\r\nold", b"old"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b""),
        (b"HTTP/1.1 302 Found\r\nlocation: http://169.254.169.254/\r\ncontent-length: 0\r\n\r\n", b""),
    ],
)
@pytest.mark.parametrize("dripped", [False, True])
async def test_every_framing_of_a_body_is_read_exactly(answer: bytes, body: bytes, *, dripped: bool) -> None:
    async def script(wire: Wire) -> None:
        await wire.request()
        await wire.send(*([bytes([byte]) for byte in answer] if dripped else [answer]))

    async with client_of(script) as pool:
        got = await pool.send(POST, b"{}", deadline=soon())
        assert await got.read(MIB) == body
        assert got.header(b"x-late") is None
        assert got.header(b"link") is None


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"nonsense\r\n\r\n", id="garbage"),
        pytest.param(b"SSH-2.0-OpenSSH_9\r\n", id="another protocol"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabc", id="too short"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nabc", id="two"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: 2, 2\r\n\r\nab", id="a list of lengths"),
        pytest.param(b"HTTP/1.1 200 OK\r\ncontent-length: -2\r\n\r\nab", id="a negative length"),
        pytest.param(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\n0\r\n\r\n", id="both"
        ),
        pytest.param(b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nab", id="an unknown coding"),
        pytest.param(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n", id="a bad chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab", id="a cut chunk"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 300 + b"\r\n", id="too many headers"),
        pytest.param(b"HTTP/1.1 200 OK\r\na: " + b"b" * 70_000 + b"\r\n\r\n", id="a long header"),
        pytest.param(b"HTTP/1.1 200 OK\r\na\x00b: c\r\n\r\n", id="a bad name"),
        pytest.param(b"HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n", id="an upgrade"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" * 4_000, id="endless interim answers"),
        pytest.param(b"HTTP/1.1 200 OK\r\na: b\r\n", id="half a head"),
        pytest.param(b"", id="nothing"),
    ],
)
async def test_a_broken_answer_is_an_error_and_the_next_request_works(answer: bytes) -> None:
    async def script(wire: Wire) -> None:
        await wire.serve(answer if wire.number == 1 else OK)

    async with client_of(script) as pool:
        with pytest.raises((httpcore2.RemoteProtocolError, httpcore2.ReadError)):
            await body_of(pool)
        assert await body_of(pool) == b"ok"


async def test_endless_headers_are_cut_off() -> None:
    async def script(wire: Wire) -> None:
        await wire.request()
        await wire.send(b"HTTP/1.1 200 OK\r\n")
        while True:
            await wire.send(b"x" * 1000)

    async with client_of(script) as pool:
        with pytest.raises(httpcore2.RemoteProtocolError):
            await body_of(pool)


async def test_endless_chunk_extensions_are_cut_off() -> None:
    async def script(wire: Wire) -> None:
        await wire.request()
        await wire.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;")
        while True:
            await wire.send(b"x" * 65_536)

    async with client_of(script) as pool:
        with pytest.raises(httpcore2.RemoteProtocolError):
            await body_of(pool)


async def test_a_gibibyte_is_neither_kept_nor_read_to_the_end() -> None:
    sent = 0

    async def script(wire: Wire) -> None:
        nonlocal sent
        await wire.request()
        await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % (1024 * MIB))
        while True:
            await wire.send(b"x" * MIB)
            sent += MIB

    async with client_of(script) as pool:
        assert await body_of(pool) is None
    assert sent < 64 * MIB


async def test_a_slow_reader_holds_the_server_back() -> None:
    filled = asyncio.Event()
    total = 32 * MIB

    async def script(wire: Wire) -> None:
        await wire.request()
        await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % total)
        sending = asyncio.create_task(wire.send(b"x" * total))
        _, waiting = await asyncio.wait((sending,), timeout=0.5)
        assert waiting
        filled.set()
        await sending

    async with client_of(script) as pool:
        answer = await pool.send(POST, b"{}", deadline=soon(20))
        await filled.wait()
        assert sum([len(chunk) async for chunk in answer]) == total


async def test_bytes_behind_an_answer_are_nobodys_answer() -> None:
    async def script(wire: Wire) -> None:
        await wire.request()
        if wire.number == 1:
            return await wire.send(OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
        return await wire.send(OK)

    async with client_of(script) as pool:
        assert [await body_of(pool), await body_of(pool)] == [b"ok", b"ok"]


async def test_bytes_that_come_before_a_request_are_nobodys_answer() -> None:
    sent = asyncio.Event()

    async def script(wire: Wire) -> None:
        await wire.serve(OK)
        if wire.number == 1:
            await wire.send(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
            sent.set()
            await wire.gone()

    async with client_of(script) as pool:
        assert await body_of(pool) == b"ok"
        await sent.wait()
        assert await body_of(pool) == b"ok"


@pytest.mark.parametrize(
    "holds",
    [
        test_endless_headers_are_cut_off,
        test_a_slow_reader_holds_the_server_back,
        test_bytes_behind_an_answer_are_nobodys_answer,
        test_bytes_that_come_before_a_request_are_nobodys_answer,
    ],
)
def test_the_same_holds_on_the_loop_that_serves(holds: Callable[[], Coroutine[None, None, None]]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(holds())
