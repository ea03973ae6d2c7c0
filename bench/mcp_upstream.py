"""A server of tools that costs next to nothing: `python -m bench.mcp_upstream PORT [TOOLS]`."""

import asyncio
import sys
from typing import Any, cast

import orjson
import uvloop

TOOLS = [
    {
        "name": "echo",
        "description": "Says it again.",
        "inputSchema": {"type": "object", "properties": {"text": {"type": "string"}}},
    }
]
NAMES = ["echo", *(f"echo_{number}" for number in range(1, int((sys.argv[2:] or ["1"])[0])))]
HELLO: dict[str, Any] = {
    "protocolVersion": "2025-11-25",
    "capabilities": {"tools": {}},
    "serverInfo": {"name": "bench", "version": "1"},
}


class Wire(asyncio.Protocol):
    """One connection; knows just the HTTP that clients of tools write."""

    def __init__(self) -> None:
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._data += data
        while (end := self._data.find(b"\r\n\r\n")) >= 0:
            head = self._data[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._data) < end + 4 + length:
                return
            body, self._data = self._data[end + 4 : end + 4 + length], self._data[end + 4 + length :]
            if self._transport is not None:
                self._transport.write(answer(head, body))


def answer(head: bytes, body: bytes) -> bytes:
    """Return the bytes of an answer."""
    if not head.startswith(b"post"):
        return b"HTTP/1.1 405 Method Not Allowed\r\ncontent-length: 0\r\n\r\n"
    message: dict[str, Any] = orjson.loads(body)
    if "id" not in message:
        return b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
    result: dict[str, Any] = {}
    match message["method"]:
        case "initialize":
            result = HELLO
        case "tools/list":
            result = {"tools": [{**TOOLS[0], "name": name} for name in NAMES]}
        case "tools/call":
            text = f"echo: {message['params'].get('arguments', {}).get('text')}"
            result = {"content": [{"type": "text", "text": text}]}
        case _:
            pass
    content = orjson.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result})
    return (
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(content)
        + content
    )


async def main(port: int) -> None:
    """Serve until ended."""
    server = await asyncio.get_running_loop().create_server(Wire, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
