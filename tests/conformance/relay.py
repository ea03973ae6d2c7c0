"""A relay in front of `/mcp` that adds a bearer token, since the conformance suite brings none.

`Host` and `Origin` go through as they are, but for the relay's own address, which becomes that of the target.
"""

import asyncio
from contextlib import suppress


async def serve(port: int, target: int, token: str) -> None:
    """Relay until ended."""

    async def on_client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", target)
        down = asyncio.create_task(_copy(up_reader, writer))
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                up_writer.write(_rewritten(head, port, target, token))
                up_writer.write(await reader.readexactly(_length(head)))
                await up_writer.drain()
        up_writer.close()
        down.cancel()

    server = await asyncio.start_server(on_client, "127.0.0.1", port)
    await server.serve_forever()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.close()


def _rewritten(head: bytes, port: int, target: int, token: str) -> bytes:
    first, *lines = head[:-4].split(b"\r\n")
    own, theirs = f":{port}".encode(), f":{target}".encode()
    lines = [
        line.replace(own, theirs) if line.lower().startswith((b"host:", b"origin:")) else line
        for line in lines
    ]
    return b"\r\n".join([first, *lines, f"authorization: Bearer {token}".encode(), b"", b""])


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
