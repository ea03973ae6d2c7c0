"""One MCP session in a task of its own, which opens it, keeps it and closes it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import mcp_types as types
import structlog
from mcp.client.session import ClientSession, IncomingMessage
from mcp.shared.exceptions import MCPError
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp_types import CONNECTION_CLOSED, REQUEST_TIMEOUT
from pydantic import BaseModel, TypeAdapter

from omni2.kernel.errors import Problem
from omni2.upstream.direct import DirectCalls
from omni2.upstream.exchange import Exchange, current_exchange
from omni2.upstream.faults import SERVER_FAULTS, connect_problem, timed_out
from omni2.upstream.http_link import Guard, http_link
from omni2.upstream.ports import ServerTarget
from omni2.upstream.stdio_link import check_command, stdio_link
from omni2.upstream.tail import Tail

CANCEL_NOTICE_S = 1.0
CLOSE_TIMEOUT_S = 8.0

# What the MCP client says to every waiting request when the session itself has ended.
DEAD_SESSION = "Connection closed"

_CLIENT = types.Implementation(name="omni2", version="0.1.0")

_RESULT: TypeAdapter[types.CallToolResult | types.InputRequiredResult] = TypeAdapter(
    types.CallToolResult | types.InputRequiredResult
)

T = TypeVar("T", bound=BaseModel)
log = structlog.get_logger(__name__)


class Session:
    """A session of one server. Requests may be made by any task; open and close happen in its own."""

    def __init__(
        self,
        target: ServerTarget,
        tail: Tail,
        *,
        allowed: frozenset[str],
        on_tools_changed: Callable[[str], None],
    ) -> None:
        self.target = target
        self.ended: str | None = None
        self._tail = tail
        self._allowed = allowed
        self._on_tools_changed = on_tools_changed
        self._closing = asyncio.Event()
        self._wire: JSONRPCDispatcher[Any] | None = None
        self._guard: Guard | None = None
        self._direct: DirectCalls | None = None
        self._ready: asyncio.Future[ClientSession] = asyncio.get_running_loop().create_future()
        self._requests: set[asyncio.Task[Any]] = set()
        self._task = asyncio.create_task(self._live(), name=f"mcp-session:{target.slug}")
        self._task.add_done_callback(self._note_end)

    async def opened(self, timeout_s: float) -> None:
        """Wait until the session is usable. Raises `Problem` when it is not, or not in time."""
        done, _ = await asyncio.wait(
            {self._ready, self._task}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED
        )
        if self._ready in done:
            self._ready.result()
            return
        if self._task in done:
            raise _unforeseen(self.target)
        raise timed_out(self.target)

    @property
    def info(self) -> tuple[str, str, str]:
        """The protocol revision, and the server's own name and version."""
        client = self._ready.result()
        server = client.server_info
        return client.protocol_version or "", server.name if server else "", server.version if server else ""

    async def ask(
        self, request: types.Request[Any, Any], shape: type[T] | TypeAdapter[Any], exchange: Exchange
    ) -> Any:
        """Make one request until the deadline of `exchange`; what it saw of the wire is noted there.

        Raises `TimeoutError` at the deadline, `SERVER_FAULTS` for a server's fault. A caller that is
        cancelled lets the server know first, for up to a second.
        """
        return await self._bounded(self._ready.result().send_request(request, shape), exchange)

    async def call_tool(
        self, params: types.CallToolRequestParams, exchange: Exchange
    ) -> types.CallToolResult | types.InputRequiredResult:
        """Call a tool the shortest way that the session has; raises like `ask`."""
        if self._direct is None:
            return await self.ask(types.CallToolRequest(params=params), _RESULT, exchange)
        sent = {"name": params.name, "arguments": params.arguments or {}}
        raw = await self._bounded(self._direct.call(sent, exchange), exchange)
        return _RESULT.validate_python(raw, by_name=False)

    async def ask_raw(self, method: str, params: dict[str, Any], exchange: Exchange) -> dict[str, Any] | None:
        """Like `ask`, but for the answer as it came; None on a session whose requests need an envelope."""
        client = self._ready.result()
        if self._wire is None or client.initialize_result is None:
            return None
        headers = {"mcp-protocol-version": client.protocol_version or ""}
        return await self._bounded(
            self._wire.send_raw_request(method, params, {"headers": headers}), exchange
        )

    async def _bounded(self, work: Coroutine[Any, Any, Any], exchange: Exchange) -> Any:
        token = current_exchange.set(exchange)
        try:
            task = asyncio.create_task(work)
        finally:
            current_exchange.reset(token)
        self._requests.add(task)
        task.add_done_callback(self._forget)
        remaining = exchange.deadline - asyncio.get_running_loop().time()
        try:
            await asyncio.wait({task}, timeout=remaining)
        except asyncio.CancelledError:
            await self._withdraw(task, exchange)
            raise
        if not task.done():
            task.cancel()
            exchange.abandon()
            raise TimeoutError
        if task.cancelled():
            raise MCPError(CONNECTION_CLOSED, DEAD_SESSION)
        return task.result()

    async def close(self) -> None:
        """End the session; requests that still run end with it. Safe to call twice and from any task."""
        self.ended = self.ended or "The session was closed."
        self._closing.set()
        if not self._ready.done():
            self._task.cancel()
        _, late = await asyncio.wait({self._task}, timeout=CLOSE_TIMEOUT_S)
        if late:
            self._task.cancel()
            await asyncio.wait(late, timeout=CLOSE_TIMEOUT_S)

    def fault(self) -> str | None:
        """Why the session is of no use any more, or None."""
        if self.ended is None and self._task.done():
            self.ended = "The session ended."
        return self.ended

    async def _withdraw(self, task: asyncio.Task[Any], exchange: Exchange) -> None:
        task.cancel()
        try:
            await asyncio.wait({task}, timeout=CANCEL_NOTICE_S)
        finally:
            exchange.abandon()

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._requests.discard(task)
        if not task.cancelled():
            task.exception()

    async def _live(self) -> None:
        exchange = Exchange(asyncio.get_running_loop().time() + self.target.timeout_ms / 1000)
        current_exchange.set(exchange)
        try:
            async with self._link() as (incoming, outgoing):
                self._wire = JSONRPCDispatcher[Any](incoming, outgoing)
                client = ClientSession(
                    dispatcher=self._wire, client_info=_CLIENT, message_handler=self._on_message
                )
                async with client:
                    await self._introduce(client, exchange)
                    await self._closing.wait()
        except (Problem, *SERVER_FAULTS) as error:
            self._fail(connect_problem(self.target, error, exchange))
        finally:
            self.ended = self.ended or "The session ended."

    async def _introduce(self, client: ClientSession, exchange: Exchange) -> None:
        try:
            async with asyncio.timeout_at(exchange.deadline):
                await self._handshake(client, exchange)
        except (Problem, *SERVER_FAULTS) as error:
            self._fail(connect_problem(self.target, error, exchange))
            self._closing.set()
        else:
            if self._guard is not None and client.initialize_result is not None:
                revision = client.protocol_version or ""
                self._direct = DirectCalls(self._guard, self.target.headers, revision, self._on_notice)
            if not self._ready.done():
                self._ready.set_result(client)

    async def _handshake(self, client: ClientSession, exchange: Exchange) -> None:
        """Use the handshake of every revision before 2026-07-28, or the newer one where that is refused."""
        try:
            await client.initialize()
        except MCPError as error:
            if error.code in {CONNECTION_CLOSED, REQUEST_TIMEOUT} or not exchange.was_read:
                raise
            await client.discover()

    def _fail(self, problem: Problem) -> None:
        self.ended = problem.detail
        if not self._ready.done():
            self._ready.set_exception(problem)
            self._ready.exception()

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("mcp_session_failed", server=self.target.slug, error=type(error).__name__)

    def _link(self) -> AbstractAsyncContextManager[Any]:
        if self.target.transport == "http":
            self._guard = Guard(self.target)
            return http_link(self.target, self._guard)
        check_command(self.target, self._allowed)
        return stdio_link(self.target, self._tail, self._on_process_end)

    def _on_process_end(self, reason: str) -> None:
        self.ended = self.ended or reason
        self._closing.set()

    async def _on_message(self, message: IncomingMessage) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._on_notice(message.method)

    def _on_notice(self, method: str) -> None:
        if method == "notifications/tools/list_changed":
            self._on_tools_changed(self.target.server_id)


def _unforeseen(target: ServerTarget) -> Problem:
    return Problem("server_not_mcp", 502, f"{target.title} cannot be talked to: its answers make no sense.")
