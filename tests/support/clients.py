"""Clients of the chat socket: one that reads, and one on bare TCP that does what it should not."""

import asyncio
import base64
import json
import os
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, cast

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

PATIENCE_S = 20.0
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # for plain HTTP; one that knows the world takes 20 ms
Frame = dict[str, Any]


@dataclass
class ChatClient:
    """A connection that keeps every frame it was sent; `received` wakes whoever waits for one."""

    socket: ClientConnection
    frames: list[Frame] = field(default_factory=list[Frame])
    close_code: int | None = None
    on_frame: Callable[[Frame], None] | None = None
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _reader: asyncio.Task[None] | None = None
    _numbers: int = 0

    @classmethod
    async def connect(
        cls, url: str, headers: Mapping[str, str], *protocols: str, path: str = "/ws/chat"
    ) -> Self:
        """Connect to a socket of an origin, offering subprotocols."""
        where = url.replace("http", "ws", 1) + path
        origin = {name: value for name, value in headers.items() if name.lower() != "origin"}
        wanted = cast("Any", headers.get("Origin"))
        opened = await connect(
            where,
            additional_headers=origin,
            origin=wanted,
            subprotocols=cast("Any", protocols or None),
            max_size=None,
            ping_interval=None,
            compression=None,
        )
        client = cls(opened)
        client._reader = asyncio.create_task(client._read(), name="test reader")
        return client

    async def welcome(self) -> Frame:
        """Wait for the greeting."""
        return await self.wait_for("welcome")

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.socket.send(json.dumps(frame))

    async def say(self, text: str = "Hello", conversation_id: str | None = None, **more: Any) -> Frame:
        """Ask something; return the frame that accepts it."""
        self._numbers += 1
        frame_id = f"say {id(self)} {self._numbers}"
        await self.send(type="say", id=frame_id, text=text, conversation_id=conversation_id, **more)
        found = await self.until(
            lambda: next((frame for frame in self.frames if frame.get("id") == frame_id), None)
        )
        assert found["type"] == "accepted", found
        return found

    async def ask(self, text: str = "Hello", conversation_id: str | None = None) -> list[Frame]:
        """Ask something and return all frames of its turn."""
        accepted = await self.say(text, conversation_id)
        return await self.turn(accepted["flow_id"])

    async def turn(self, flow_id: str) -> list[Frame]:
        """Wait for the end of a turn; return all of its frames."""
        await self.until(lambda: any(f["type"] == "done" for f in self.of(flow_id)) or None)
        return self.of(flow_id)

    def of(self, flow_id: str) -> list[Frame]:
        """Return what came of a turn so far."""
        return [frame for frame in self.frames if frame.get("flow_id") == flow_id and "n" in frame]

    async def wait_for(self, kind: str, number: int = 1) -> Frame:
        """Wait for the `number`-th frame of a type."""

        def found() -> Frame | None:
            same = [frame for frame in self.frames if frame["type"] == kind]
            return same[number - 1] if len(same) >= number else None

        return await self.until(found)

    async def until(self, look: Any) -> Any:
        """Wait until `look` returns something, asking after every frame."""
        async with asyncio.timeout(PATIENCE_S):
            while (found := look()) is None:
                assert self.close_code is None, f"closed with {self.close_code}: {self.frames[-3:]}"
                changed = self._changed
                await changed.wait()
        return found

    async def closed(self) -> int:
        """Wait for the end of the connection; return the close code."""
        assert self._reader is not None
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.shield(self._reader)
        assert self.close_code is not None
        return self.close_code

    def cut(self) -> None:
        """Cut the connection off, without a word."""
        self.socket.transport.abort()

    async def aclose(self) -> None:
        """Leave."""
        await self.socket.close()
        if self._reader is not None:
            await self._reader

    async def _read(self) -> None:
        try:
            async for message in self.socket:
                self.frames.append(json.loads(message))
                if self.on_frame is not None:
                    self.on_frame(self.frames[-1])
                self._wake()
        except ConnectionClosed:
            pass
        finally:
            self.close_code = self.socket.close_code or 1006
            self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


class RawClient:
    """A WebSocket over a bare TCP connection with a tiny receive buffer: reads only when told to."""

    path = "/ws/chat"

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    @classmethod
    async def connect(cls, url: str, headers: Mapping[str, str], *, upgrade: bool = True) -> Self:
        """Connect, and ask for the upgrade unless told not to."""
        host, _, port = url.removeprefix("http://").partition(":")
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.setblocking(False)  # noqa: FBT003 the socket's own interface
        await asyncio.get_running_loop().sock_connect(connection, (host, int(port)))
        client = cls(connection)
        if upgrade:
            await client.handshake(f"{host}:{port}", headers)
        return client

    async def handshake(self, host: str, headers: Mapping[str, str], part: int | None = None) -> None:
        """Ask for the upgrade, or send only the first `part` bytes of that."""
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [
            f"GET {self.path} HTTP/1.1",
            f"Host: {host}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        await self.write(("\r\n".join(lines) + "\r\n\r\n").encode()[:part])

    async def send(self, **frame: Any) -> None:
        """Send one text frame."""
        body = json.dumps(frame).encode()
        await self.frame(0x1, body)

    async def frame(self, opcode: int, body: bytes) -> None:
        """Send one masked frame."""
        size = len(body)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65_536:
            head += bytes([0x80 | 126]) + size.to_bytes(2, "big")
        else:
            head += bytes([0x80 | 127]) + size.to_bytes(8, "big")
        await self.write(head + b"\0\0\0\0" + body)

    async def write(self, data: bytes) -> None:
        """Write bytes."""
        await asyncio.get_running_loop().sock_sendall(self.connection, data)

    async def read(self, size: int = 65_536) -> bytes:
        """Read what is there; empty at the end, also after a reset."""
        try:
            return await asyncio.get_running_loop().sock_recv(self.connection, size)
        except ConnectionError:
            return b""

    async def read_until(self, words: bytes) -> bytes:
        """Read until these bytes came or the connection ended; return everything."""
        data = b""
        async with asyncio.timeout(PATIENCE_S):
            while words not in data:
                more = await self.read()
                if not more:
                    break
                data += more
        return data

    async def rest(self) -> bytes:
        """Read everything up to the end."""
        data = b""
        async with asyncio.timeout(PATIENCE_S):
            while more := await self.read():
                data += more
        return data

    def reset(self) -> None:
        """Cut the connection with a reset."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        self.connection.close()

    def close(self) -> None:
        """Close the connection without a closing handshake."""
        self.connection.close()
