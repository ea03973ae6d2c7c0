"""What the tests of the thin client share: a client of a server of bytes, requests and answers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from omni2.upstream.thin_http import Head, ThinPool, request_head
from tests.support.raw_server import Script, scripted

POST = request_head(b"POST", b"/mcp", [(b"host", b"a.example"), (b"accept", b"application/json")])
GET = request_head(b"GET", b"/mcp", [(b"host", b"a.example")])
OK = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
MIB = 1024 * 1024


@asynccontextmanager
async def client_of(script: Script, *, places: int = 4, keepalive_s: float = 4.0) -> AsyncIterator[ThinPool]:
    """A client of a server that runs `script` for each connection."""
    async with scripted(script) as url:
        pool = ThinPool(url, allow_private=True, max_connections=places, keepalive_s=keepalive_s)
        try:
            yield pool
        finally:
            await pool.aclose()


def soon(seconds: float = 5.0) -> float:
    """A deadline."""
    return asyncio.get_running_loop().time() + seconds


async def body_of(pool: ThinPool, head: Head = POST, content: bytes = b"{}") -> bytes | None:
    """Send and read the whole answer."""
    answer = await pool.send(head, content, deadline=soon())
    return await answer.read(MIB)
