"""A server of bytes: each connection runs a script that says exactly what goes over the wire."""

import asyncio
import os
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpcore2

Script = Callable[["Wire"], Awaitable[None]]


class Wire:
    """One accepted connection. `number` counts the connections of its server from 1."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self.number = number
        self._reader = reader
        self._writer = writer

    async def request(self) -> tuple[bytes, bytes]:
        """Return head and body of the next request. Raises `IncompleteReadError` when there is none."""
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0
        )
        return head, await self._reader.readexactly(length)

    async def send(self, *pieces: bytes) -> None:
        """Write pieces, each in a packet of its own as far as that can be had."""
        for piece in pieces:
            self._writer.write(piece)
            await self._writer.drain()
            await asyncio.sleep(0)

    async def serve(self, *answers: bytes) -> None:
        """Answer one request after the other."""
        for answer in answers:
            await self.request()
            await self.send(answer)

    async def gone(self) -> None:
        """Wait until the client has closed."""
        try:
            while await self._reader.read(65_536):
                continue
        except ConnectionError:
            return

    def reset(self) -> None:
        """Close at once, without a word: the network has it when this returns."""
        with socket.socket(fileno=os.dup(self._writer.get_extra_info("socket").fileno())) as same:
            same.shutdown(socket.SHUT_RDWR)
        self._writer.transport.abort()


@asynccontextmanager
async def scripted(script: Script, tls: ssl.SSLContext | None = None) -> AsyncIterator[httpcore2.URL]:
    """Run `script` for every connection; yields the URL. A failing script fails the test."""
    count = 0
    faults: list[BaseException] = []

    async def run(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        try:
            await script(Wire(reader, writer, count))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        except AssertionError as error:
            faults.append(error)
        finally:
            writer.close()

    server = await asyncio.start_server(run, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    scheme = b"https" if tls else b"http"
    try:
        yield httpcore2.URL(
            scheme=scheme, host=b"localhost" if tls else b"127.0.0.1", port=port, target=b"/mcp"
        )
    finally:
        server.close()
        await server.wait_closed()
    assert not faults, faults
