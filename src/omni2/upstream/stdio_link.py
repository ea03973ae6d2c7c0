"""A stdio server as a child process behind its warden: clean environment, no shell, bounded lines."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectSendStream
from mcp.shared.message import SessionMessage

from omni2.kernel.errors import Problem
from omni2.upstream.exchange import Exchange, current_exchange
from omni2.upstream.ports import ServerTarget
from omni2.upstream.tail import Tail

MAX_LINE_BYTES = 4 * 1024 * 1024 + 64 * 1024
EXIT_GRACE_S = 1.0
KILL_GRACE_S = 3.0

_WARDEN = str(Path(__file__).with_name("warden.py"))
_INHERITED = ("PATH", "HOME", "LANG")

Outgoing = tuple[Exchange | None, SessionMessage]


def check_command(target: ServerTarget, allowed: frozenset[str]) -> None:
    """Raise `Problem` command_not_allowed or server_unreachable for a command that must not or cannot run."""
    if not target.command:
        raise Problem("command_not_allowed", 422, f"{target.title} has no command.")
    program = target.command[0]
    if not target.builtin and program not in allowed:
        raise Problem(
            "command_not_allowed", 403, f"The command {program} is not on the list of allowed stdio commands."
        )
    if shutil.which(program, path=_environment(target).get("PATH")) is None:
        raise Problem("server_unreachable", 502, f"The command {program} was not found on this machine.")


@asynccontextmanager
async def stdio_link(target: ServerTarget, tail: Tail, on_end: Callable[[str], None]) -> AsyncIterator[Any]:
    """Yield the MCP message streams of a new child process; `on_end` is told why it ended by itself."""
    lifeline_read, lifeline = os.pipe()
    try:
        try:
            process = await _spawn(target, lifeline_read)
        finally:
            os.close(lifeline_read)
        pipes = _Pipes(process, tail, on_end)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(pipes.read_stdout)
            tasks.start_soon(pipes.write_stdin)
            tasks.start_soon(pipes.read_stderr)
            try:
                yield pipes.incoming, pipes.outgoing
            finally:
                pipes.closing = True
                with anyio.CancelScope(shield=True):
                    lifeline = await pipes.shut(lifeline)
                tasks.cancel_scope.cancel()
                pipes.release()
    finally:
        if lifeline >= 0:
            os.close(lifeline)


class _Outgoing:
    """The sending end of a message stream that keeps, beside each message, the exchange it belongs to."""

    def __init__(self, inner: MemoryObjectSendStream[Outgoing]) -> None:
        self._inner = inner

    async def send(self, message: SessionMessage) -> None:
        """Send, as the caller whose exchange this is."""
        await self._inner.send((current_exchange.get(), message))

    def close(self) -> None:
        """End the stream."""
        self._inner.close()

    async def aclose(self) -> None:
        """End the stream."""
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()


class _Pipes:
    """The traffic between one process and the message streams of its session."""

    def __init__(
        self, process: asyncio.subprocess.Process, tail: Tail, on_end: Callable[[str], None]
    ) -> None:
        self._process = process
        self._tail = tail
        self._on_end = on_end
        self._to_session, self.incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        outgoing, self._from_session = anyio.create_memory_object_stream[Outgoing](0)
        self.outgoing = _Outgoing(outgoing)
        self.closing = False

    def release(self) -> None:
        """Close the ends that were handed out: who never came to use them did not."""
        self.incoming.close()
        self.outgoing.close()

    async def read_stdout(self) -> None:
        """Hand on one message a line; what is plainly a log line goes to the tail."""
        stdout = self._process.stdout
        assert stdout is not None  # noqa: S101
        reason = "The server ended."
        async with self._to_session:
            while True:
                try:
                    line = await stdout.readline()
                except ValueError:
                    reason = "The server sent a message of more than 4 MiB."
                    break
                if not line:
                    break
                try:
                    message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError:
                    if line.lstrip()[:1] in {b"{", b"["}:
                        reason = "The server sent what is not a JSON-RPC message."
                        break
                    self._tail.add(line)
                    continue
                with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError):
                    await self._to_session.send(SessionMessage(message))
        if not self.closing:
            self._on_end(reason)
        while await stdout.read(65536):
            """Discard what nobody will read, so that the pipe ends."""

    async def write_stdin(self) -> None:
        """Write one message a line."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101
        async with self._from_session:
            async for exchange, message in self._from_session:
                if exchange is not None and isinstance(message.message, types.JSONRPCRequest):
                    exchange.note_sent()
                line = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                stdin.write(line.encode() + b"\n")
                try:
                    await stdin.drain()
                except ConnectionError:
                    return

    async def read_stderr(self) -> None:
        """Keep the tail of what the server says about itself."""
        stderr = self._process.stderr
        assert stderr is not None  # noqa: S101
        while chunk := await stderr.read(4096):
            self._tail.add(chunk)

    async def shut(self, lifeline: int) -> int:
        """Close stdin, wait, cut the lifeline, wait, kill; returns -1, the closed lifeline."""
        stdin = self._process.stdin
        assert stdin is not None  # noqa: S101
        self.incoming.close()
        stdin.close()
        if not await self._ended_within(EXIT_GRACE_S):
            os.close(lifeline)
            lifeline = -1
            if not await self._ended_within(KILL_GRACE_S):
                with suppress(ProcessLookupError):
                    self._process.kill()
                await self._ended_within(KILL_GRACE_S)
        for stream in (self._to_session, self.outgoing, self._from_session):
            stream.close()
        return lifeline

    async def _ended_within(self, seconds: float) -> bool:
        """Whether the process ended; asked of its code, as `wait` also waits for pipes that others hold."""
        end = anyio.current_time() + seconds
        while self._process.returncode is None:
            if anyio.current_time() >= end:
                return False
            await anyio.sleep(0.01)
        return True


async def _spawn(target: ServerTarget, lifeline: int) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-S",
            _WARDEN,
            str(lifeline),
            *target.command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_environment(target),
            cwd="/",
            pass_fds=(lifeline,),
            start_new_session=True,
            limit=MAX_LINE_BYTES,
        )
    except (OSError, ValueError) as error:
        raise Problem("server_unreachable", 502, f"{target.title} could not be started.") from error


def _environment(target: ServerTarget) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {"LANG": "C.UTF-8", **inherited, **dict(target.env)}
