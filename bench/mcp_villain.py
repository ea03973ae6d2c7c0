"""A server that is good until it is called, a path for each vice: `python -m bench.mcp_villain PORT`."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import orjson
import uvloop

from bench.mcp_upstream import answer

GIB = 1 << 30
PIECE = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


class Villain(asyncio.Protocol):
    """One connection."""

    def __init__(self) -> None:
        self._data = b""
        self._transport: asyncio.Transport | None = None
        self._room = asyncio.Event()
        self._room.set()
        self._doing: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop whatever is being done."""
        del exc
        if self._doing is not None:
            self._doing.cancel()

    def pause_writing(self) -> None:
        """The client does not read as fast."""
        self._room.clear()

    def resume_writing(self) -> None:
        """The client read on."""
        self._room.set()

    def data_received(self, data: bytes) -> None:
        """Answer what is no call in good order, and a call by its vice."""
        self._data += data
        end = self._data.find(b"\r\n\r\n")
        if end < 0 or self._transport is None:
            return
        head = self._data[:end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self._data) < end + 4 + length:
            return
        body, self._data = self._data[end + 4 : end + 4 + length], self._data[end + 4 + length :]
        message: dict[str, Any] = orjson.loads(body) if body else {}
        if message.get("method") != "tools/call":
            self._transport.write(answer(head, body))
            return
        vice = VICES[head.split(b" ", 2)[1].strip(b"/").decode()]
        self._doing = asyncio.get_running_loop().create_task(self._do(vice(message)))

    async def _do(self, pieces: AsyncIterator[bytes]) -> None:
        async for piece in pieces:
            await self._room.wait()
            if self._transport is not None:
                self._transport.write(piece)


async def hang(message: dict[str, Any]) -> AsyncIterator[bytes]:
    """Never answer."""
    del message
    await asyncio.Event().wait()
    yield b""


async def drip(message: dict[str, Any]) -> AsyncIterator[bytes]:
    """Answer a byte at a time, for ever."""
    del message
    yield HEAD + b"content-length: 1000000\r\n\r\n"
    while True:
        await asyncio.sleep(0.02)
        yield b" "


async def flood(message: dict[str, Any]) -> AsyncIterator[bytes]:
    """Answer with a gigabyte."""
    del message
    yield HEAD + b"transfer-encoding: chunked\r\n\r\n"
    for _ in range(GIB // 0x10000):
        yield PIECE


async def garble(message: dict[str, Any]) -> AsyncIterator[bytes]:
    """Answer with what is no JSON."""
    del message
    yield HEAD + b"content-length: 9\r\n\r\n{nonsense"


async def mistake(message: dict[str, Any]) -> AsyncIterator[bytes]:
    """Answer another request."""
    body = orjson.dumps({"jsonrpc": "2.0", "id": message["id"] + 1, "result": {"content": []}})
    yield HEAD + b"content-length: %d\r\n\r\n" % len(body) + body


async def progress(message: dict[str, Any]) -> AsyncIterator[bytes]:
    """Make progress, and never an end."""
    token = message["params"].get("_meta", {}).get("progressToken", 1)
    yield STREAM
    for number in range(1 << 40):
        params = {"progressToken": token, "progress": number}
        said = orjson.dumps({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})
        event = b"data: " + said + b"\n\n"
        yield b"%x\r\n%b\r\n" % (len(event), event)
        await asyncio.sleep(0.005)


VICES: dict[str, Callable[[dict[str, Any]], AsyncIterator[bytes]]] = {
    "hang": hang,
    "drip": drip,
    "flood": flood,
    "garble": garble,
    "mistake": mistake,
    "progress": progress,
}


async def main(port: int) -> None:
    """Serve until ended."""
    os.nice(19)  # it has a machine of its own where it is met
    server = await asyncio.get_running_loop().create_server(Villain, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
