"""The stdio loop: one JSON-RPC message a line, each relayed to `/mcp`, what comes back written as lines."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import cast

import httpx2
import orjson
from pydantic import JsonValue

from omni2.gateway.request import NAMED_BY, VERSION_KEY
from omni2.gateway.wire import INTERNAL_ERROR, REFUSED, Fault, Id, Message, Object, fault_bytes, parse

CONNECT_S = 10.0
AGAIN_S = 1.0
LEAVE_S = 2.0
READ_BYTES = 65_536
_STREAM = "text/event-stream"


async def relay(url: str, token: str) -> None:
    """Relay until the input ends or the process is told to stop."""
    headers = {"Authorization": f"Bearer {token}", "Accept": f"application/json, {_STREAM}"}
    timeout = httpx2.Timeout(None, connect=CONNECT_S)
    async with httpx2.AsyncClient(headers=headers, timeout=timeout) as http:
        relaying = Relay(http, url)
        task = asyncio.ensure_future(relaying.run(_lines()))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, task.cancel)
        with suppress(asyncio.CancelledError):
            await task
        await relaying.leave()


class Relay:
    """One client: its session, if its revision has them, and what of it runs."""

    def __init__(self, http: httpx2.AsyncClient, url: str) -> None:
        self._http = http
        self._url = url
        self._session: dict[str, str] = {}
        self._opening: Message | None = None
        self._running: dict[Id, asyncio.Task[None]] = {}
        self._stream: asyncio.Task[None] | None = None

    async def run(self, lines: AsyncIterator[bytes]) -> None:
        """Serve every line; whatever goes wrong with one of them ends that one alone."""
        async for line in lines:
            try:
                await self._take(parse(line))
            except Fault as fault:
                _write(fault_bytes(None, fault))
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def leave(self) -> None:
        """End what runs, and the session."""
        tasks = [*self._running.values(), *([self._stream] if self._stream else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session:
            with suppress(httpx2.HTTPError, TimeoutError):
                async with asyncio.timeout(LEAVE_S):
                    await self._http.delete(self._url, headers=self._session)

    async def _take(self, message: Message) -> None:
        cancelled = message.params.get("requestId")
        if message.method == "notifications/cancelled" and not self._session:
            task = self._running.get(cancelled) if isinstance(cancelled, int | str) else None
            if task is not None:
                task.cancel()  # closing the response is how the newest revision cancels
            return
        if message.kind != "request" or message.method == "initialize":
            await self._relay(message)
            if message.method == "notifications/initialized" and self._session:
                self._stream = asyncio.ensure_future(self._listen())
            return
        assert message.id is not None  # noqa: S101
        task = self._running[message.id] = asyncio.ensure_future(self._relay(message))
        task.add_done_callback(lambda done: self._forget(message.id, done))

    def _forget(self, message_id: Id | None, task: "asyncio.Task[None]") -> None:
        if message_id is not None and self._running.get(message_id) is task:
            del self._running[message_id]

    async def _relay(self, message: Message) -> None:
        """Send a message and write what comes back; a request always gets an answer."""
        try:
            if not await self._post(message):
                await self._open_again()
                await self._post(message, last=True)
        except Exception as error:  # noqa: BLE001 the stdio loop, one of the five legal places
            if message.kind == "request":
                words = f"omni2 cannot be reached at {self._url}: {type(error).__name__}."
                _write(fault_bytes(message.id, Fault(INTERNAL_ERROR, words)))

    async def _post(self, message: Message, *, last: bool = False, quiet: bool = False) -> bool:
        """Return whether the message was served; not when its session is over and another try is left."""
        content = orjson.dumps(message.body)
        async with self._http.stream(
            "POST", self._url, content=content, headers=self._headers(message)
        ) as answer:
            if answer.status_code == 404 and self._session and not last and message.method != "initialize":
                return False
            if message.method == "initialize" and answer.status_code == 200:
                self._opening = message
                self._begin(answer.headers.get("mcp-session-id"))
            async for body in _bodies(answer):
                found = _error(message, answer, body)
                if message.method == "initialize":
                    self._negotiated(found)
                if not quiet and (message.kind == "request" or "method" in found):
                    _write(orjson.dumps(found))
        return True

    def _headers(self, message: Message) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        version = message.meta.get(VERSION_KEY)
        if isinstance(version, str):
            headers |= {"MCP-Protocol-Version": version, "Mcp-Method": message.method}
            named = message.params.get(NAMED_BY.get(message.method, ""))
            return {**headers, "Mcp-Name": named} if isinstance(named, str) else headers
        return headers if message.method == "initialize" else {**headers, **self._session}

    def _begin(self, session_id: str | None) -> None:
        self._session = {"Mcp-Session-Id": session_id} if session_id else {}

    def _negotiated(self, answer: Object) -> None:
        result = answer.get("result")
        revision = result.get("protocolVersion") if isinstance(result, dict) else None
        if self._session and isinstance(revision, str):
            self._session["MCP-Protocol-Version"] = revision

    async def _open_again(self) -> None:
        """Open a new session in place of one that is over, as the client opened the first."""
        if self._opening is not None:
            await self._post(self._opening, last=True, quiet=True)

    async def _listen(self) -> None:
        """Hold the session's stream open, and open it again when it ends."""
        while self._session:
            with suppress(httpx2.HTTPError):
                headers = {**self._session, "Accept": _STREAM}
                async with self._http.stream("GET", self._url, headers=headers) as answer:
                    if answer.status_code in {401, 403, 404, 405}:
                        return
                    async for body in _bodies(answer):
                        _write(body)
            await asyncio.sleep(AGAIN_S)


async def _lines() -> AsyncIterator[bytes]:
    """Return the lines of standard input, whatever kind of file that is.

    The thread reads without a buffer of the interpreter's, whose lock it would hold when the process ends.
    """
    loop, waiting = asyncio.get_running_loop(), asyncio.Queue[bytes]()

    def read() -> None:
        begun = b""
        while data := os.read(sys.stdin.fileno(), READ_BYTES):
            *lines, begun = (begun + data).split(b"\n")
            for line in lines:
                loop.call_soon_threadsafe(waiting.put_nowait, line + b"\n")
        if begun:
            loop.call_soon_threadsafe(waiting.put_nowait, begun)
        loop.call_soon_threadsafe(waiting.put_nowait, b"")

    threading.Thread(target=read, daemon=True, name="stdin").start()
    while line := await waiting.get():
        if line.strip():
            yield line


async def _bodies(answer: httpx2.Response) -> AsyncIterator[bytes]:
    """Return the messages of an answer, one or a stream of them."""
    if not answer.headers.get("content-type", "").startswith(_STREAM):
        body = await answer.aread()
        if body:
            yield body
        return
    async for line in answer.aiter_lines():
        if line.startswith("data:") and line[5:].strip():
            yield line[5:].strip().encode()


def _error(message: Message, answer: httpx2.Response, body: bytes) -> Object:
    """Return the message of a body; a refusal over HTTP becomes an error with its words."""
    found = cast("JsonValue", orjson.loads(body))
    whole: Object = found if isinstance(found, dict) else {}
    if "jsonrpc" in whole:
        return whole
    words = whole.get("detail")
    fault = Fault(REFUSED, str(words or f"omni2 answered {answer.status_code}."), {"code": whole.get("code")})
    refused: Object = orjson.loads(fault_bytes(message.id, fault))
    return refused


def _write(body: bytes) -> None:
    sys.stdout.buffer.write(body + b"\n")
    sys.stdout.buffer.flush()
