"""One MCP session in a task of its own, which opens it, keeps it and closes it."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, cast

import mcp_types as types
import structlog
from mcp.client.session import ClientSession, IncomingMessage
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import MCPError
from mcp.shared.jsonrpc_dispatcher import JSONRPCDispatcher
from mcp_types import CONNECTION_CLOSED, INTERNAL_ERROR, PARSE_ERROR, REQUEST_TIMEOUT
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.direct import DirectCalls, hand_on
from omni2.upstream.envelope import INPUT_REQUIRED, Object, enveloped, input_required, is_modern
from omni2.upstream.exchange import Exchange, current_exchange
from omni2.upstream.faults import DEAD_SESSION, SERVER_FAULTS, connect_problem, has_closed, timed_out
from omni2.upstream.greeting import Eras, greet
from omni2.upstream.http_link import Guard, http_link
from omni2.upstream.in_flight import InFlight
from omni2.upstream.listening import Listening
from omni2.upstream.ports import ServerTarget
from omni2.upstream.questions import ask
from omni2.upstream.sse_link import SseGuard, sse_link
from omni2.upstream.stdio_link import check_command, stdio_link
from omni2.upstream.tail import Tail

CANCEL_NOTICE_S = 1.0
CLOSE_TIMEOUT_S = 8.0
MAX_ROUNDS = 16
LISTEN_S = 3_600.0

_CLIENT = types.Implementation(name="omni2", version="0.1.0")

log = structlog.get_logger(__name__)


class Session:
    """A session of one server. Requests may be made by any task; open and close happen in its own."""

    def __init__(
        self,
        target: ServerTarget,
        tail: Tail,
        *,
        allowed: frozenset[str],
        eras: Eras,
        on_notice: Callable[[str, JsonValue], None],
    ) -> None:
        self.target = target
        self.ended: str | None = None
        self._eras = eras
        self._died_of_question = False
        self._tail = tail
        self._allowed = allowed
        self._tell_notice = on_notice
        self._in_flight = InFlight()
        self._listening: Listening | None = None
        self._uris: set[str] = set()
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
        if self._ready.done():
            self._ready.result()
            return
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
    def is_open(self) -> bool:
        """Whether it is usable now, without any wait."""
        return self._direct is not None and self.fault() is None

    @property
    def info(self) -> tuple[str, str, str]:
        """The protocol revision, and the server's own name and version."""
        client = self._ready.result()
        server = client.server_info
        return client.protocol_version or "", server.name if server else "", server.version if server else ""

    @property
    def revision(self) -> str:
        """The negotiated protocol revision."""
        return self._ready.result().protocol_version or ""

    @property
    def capabilities(self) -> Object:
        """What the server says that it can do, as it came."""
        found = self._ready.result().server_capabilities
        return found.model_dump(by_alias=True, mode="json", exclude_none=True) if found else {}

    @property
    def instructions(self) -> str | None:
        """What the server says about its use."""
        return self._ready.result().instructions

    @property
    def is_busy(self) -> bool:
        """Whether requests are running."""
        return len(self._in_flight) > 0

    async def request(self, method: str, params: Object, exchange: Exchange) -> Object:
        """Make one request until the deadline of `exchange`, and return its raw result.

        Where the server wants input first, the caller is asked, and the request made again with the answers.
        Raises `TimeoutError` at the deadline, `SERVER_FAULTS` for a server's fault, `Problem` when the caller
        does not answer. A caller that is cancelled lets the server know first, for up to a second.
        """
        resumed = exchange.link.resumed if exchange.link is not None else None
        if resumed is not None:
            params = {**params, "inputResponses": resumed.answers, "requestState": resumed.state}
        with self._in_flight.hold(exchange):
            for _ in range(MAX_ROUNDS):
                raw = await self._request(method, params, exchange)
                if raw.get("resultType") != INPUT_REQUIRED:
                    return raw
                requests, state = input_required(raw)
                with exchange.paused():
                    answers = await ask(exchange, requests, state if is_modern(self.revision) else None)
                params = {**params, "inputResponses": answers}
                if state is not None:
                    params["requestState"] = state
        raise MCPError(INTERNAL_ERROR, "it asks for more input again and again")

    async def subscribe(self, uri: str, exchange: Exchange) -> None:
        """Let the server say when a resource changes; raises like `request`."""
        self._uris.add(uri)
        if self._listening is None:
            await self.request("resources/subscribe", {"uri": uri}, exchange)
        else:
            self._listening.listen_to(sorted(self._uris))
            await self._listening.heard()

    async def unsubscribe(self, uri: str, exchange: Exchange) -> None:
        """Let the server be silent about a resource; raises like `request`."""
        self._uris.discard(uri)
        if self._listening is None:
            await self.request("resources/unsubscribe", {"uri": uri}, exchange)
        else:
            self._listening.listen_to(sorted(self._uris))

    async def set_level(self, level: str, exchange: Exchange) -> None:
        """Choose how much the server logs; each request says so itself where there are no sessions."""
        if self._listening is None and "logging" in self.capabilities:
            await self.request("logging/setLevel", {"level": level}, exchange)

    async def _listen(self, params: Object) -> object:
        exchange = Exchange(asyncio.get_running_loop().time() + LISTEN_S)
        return await self._request("subscriptions/listen", params, exchange)

    async def _request(self, method: str, params: Object, exchange: Exchange) -> Object:
        if self._direct is not None:
            raw = await self._direct.request(method, params, exchange)
        else:
            self._ready.result()
            raw = await self._bounded(self._over_pipes(method, params, exchange), exchange)
        if not isinstance(raw, dict):
            raise MCPError(PARSE_ERROR, "the result is not an object")
        return cast("Object", raw)

    async def _over_pipes(self, method: str, params: Object, exchange: Exchange) -> dict[str, Any]:
        options: CallOptions = {}
        link = exchange.link
        if link is not None:

            async def on_progress(progress: float, total: float | None, message: str | None) -> None:
                given: Object = {"progress": progress, "total": total, "message": message}
                kept: Object = {name: value for name, value in given.items() if value is not None}
                await hand_on("notifications/progress", {**kept, "progressToken": ""}, "", exchange)

            options["on_progress"] = on_progress
        if self._wire is None:
            raise MCPError(CONNECTION_CLOSED, DEAD_SESSION)
        sent = enveloped(params, self.revision, link, "")
        try:
            return await self._wire.send_raw_request(method, sent, options)
        except MCPError as error:
            if not has_closed(error) and error.code != REQUEST_TIMEOUT:
                exchange.refused_with = error.code
            raise

    async def _bounded(self, work: Coroutine[Any, Any, Any], exchange: Exchange) -> Any:
        token = current_exchange.set(exchange)
        try:
            task = asyncio.create_task(work)
        finally:
            current_exchange.reset(token)
        self._requests.add(task)
        task.add_done_callback(self._forget)
        loop = asyncio.get_running_loop()
        try:
            while not task.done() and (remaining := exchange.deadline - loop.time()) > 0:
                await asyncio.wait({task}, timeout=remaining)  # the deadline may have moved meanwhile
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
        if self._listening is not None:
            self._listening.stop()
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
            await self._linked(exchange)
            if self._died_of_question:
                self.ended = None
                self._closing.clear()
                await self._linked(exchange)
        except (Problem, *SERVER_FAULTS) as error:
            self._fail(connect_problem(self.target, error, exchange))
        finally:
            self.ended = self.ended or "The session ended."
            if self._listening is not None:
                self._listening.stop()

    async def _linked(self, exchange: Exchange) -> None:
        """Open the session and keep it until it is closed, or ends by itself."""
        async with self._link() as (incoming, outgoing):
            self._wire = JSONRPCDispatcher[Any](incoming, outgoing)
            client = self._client(self._wire)
            async with client:
                await self._introduce(client, exchange)
                await self._closing.wait()

    def _client(self, wire: JSONRPCDispatcher[Any]) -> ClientSession:
        return ClientSession(
            dispatcher=wire,
            client_info=_CLIENT,
            message_handler=self._on_message,
            sampling_callback=self._in_flight.sample,
            elicitation_callback=self._in_flight.elicit,
            list_roots_callback=self._in_flight.roots,
            logging_callback=self._in_flight.log,
        )

    async def _introduce(self, client: ClientSession, exchange: Exchange) -> None:
        try:
            async with asyncio.timeout_at(exchange.deadline):
                await greet(client, exchange, self._eras.of(self.target), self.target.transport)
                await self._heard_us(client)
        except (Problem, *SERVER_FAULTS) as error:
            self._died_of_question = self._may_have_died_of_it(error)
            self._eras.learn(self.target, "handshake" if self._died_of_question else None)
            if not self._died_of_question:
                self._fail(connect_problem(self.target, error, exchange))
            self._closing.set()
        else:
            self._eras.learn(
                self.target, "modern" if is_modern(client.protocol_version or "") else "handshake"
            )
            if self._guard is not None and self.target.transport == "http":
                revision = client.protocol_version or ""
                self._direct = DirectCalls(self._guard, self.target.headers, revision, self._on_notice)
            if not self._ready.done():
                self._ready.set_result(client)
            if is_modern(self.revision):
                self._listening = Listening(self.capabilities, self._listen)

    async def _heard_us(self, client: ClientSession) -> None:
        """Wait until nothing that we ask can be ahead of the end of the handshake."""
        modern = is_modern(client.protocol_version or "")
        if self._guard is not None and self.target.transport == "http" and not modern:
            await self._guard.introduced.wait()

    def _may_have_died_of_it(self, error: Exception) -> bool:
        """Whether a program ended when it was first asked: some end at what they do not know."""
        return has_closed(error) and self.target.transport == "stdio" and self._eras.of(self.target) is None

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
        if self.target.transport == "sse":
            return sse_link(self.target, SseGuard(self.target, self._on_link_end))
        check_command(self.target, self._allowed)
        return stdio_link(self.target, self._tail, self._on_link_end)

    def _on_link_end(self, reason: str) -> None:
        self.ended = self.ended or reason
        self._closing.set()

    def _on_notice(self, method: str, params: JsonValue) -> None:
        if method == "notifications/subscriptions/acknowledged" and self._listening is not None:
            self._listening.acknowledge()
        self._tell_notice(method, params)

    async def _on_message(self, message: IncomingMessage) -> None:
        match message:
            case types.ToolListChangedNotification() | types.PromptListChangedNotification():
                self._on_notice(message.method, None)
            case types.ResourceListChangedNotification() | types.SubscriptionsAcknowledgedNotification():
                self._on_notice(message.method, None)
            case types.ResourceUpdatedNotification(params=params):
                self._on_notice(message.method, {"uri": params.uri})
            case _:
                return


def _unforeseen(target: ServerTarget) -> Problem:
    return Problem("server_not_mcp", 502, f"{target.title} cannot be talked to: its answers make no sense.")
