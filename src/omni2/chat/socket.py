"""One chat connection: authorise each frame anew, follow turns, send in order, end at once when told."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from omni2.chat.frames import BlockedFrame, Ping, Regenerate, Resume, Say, Stop, parse_frame, refused
from omni2.chat.greeting import Greeting
from omni2.engine.turn import Ask
from omni2.engine.turns import Turns
from omni2.identity.auth import Authenticator
from omni2.identity.deps import authenticate_socket
from omni2.identity.epochs import BLOCKED, Mirror
from omni2.identity.principal import Principal
from omni2.identity.tickets import chosen_protocol
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, uptime
from omni2.kernel.jsons import dumps
from omni2.live.registry import Ending, Handle, Registry

log = structlog.get_logger(__name__)

FRAME_LIMIT = 64 * 1024
QUEUE_LIMIT = 256
SEND_LIMIT_S = 20.0
END_LIMIT_S = 0.2
LOOK_AGAIN_S = 0.05
BURST = 500.0
PER_SECOND = 50.0
CLOSE_CODES: Mapping[str, int] = {
    "not_signed_in": 4401,
    "blocked": 4403,
    "deactivated": 4403,
    "forbidden": 4403,
    "insufficient_scope": 4403,
    "origin_refused": 4403,
    "too_many_sockets": 4409,
    "too_fast": 4429,
    "too_large": 1009,
    "database_unavailable": 1013,
}
ENDING = frozenset({"blocked", "not_signed_in", "deactivated", "forbidden"})
Frame = Mapping[str, Any]


class ChatDoor:
    """Serves `/ws/chat`."""

    def __init__(
        self,
        turns: Turns,
        mirror: Mirror,
        authenticator: Authenticator,
        registry: Registry,
        greeting: Greeting,
    ) -> None:
        self.turns = turns
        self.mirror = mirror
        self.authenticator = authenticator
        self.registry = registry
        self.greeting = greeting

    async def serve(self, socket: WebSocket, refusal: Problem | None = None) -> None:
        """Serve one connection to its end. A client that vanishes is no error; `refusal` ends it at once."""
        connection = Connection(self, socket)
        try:
            await socket.accept(chosen_protocol(socket.headers))
            if refusal is not None:
                raise refusal
            await connection.run()
        except (WebSocketDisconnect, ConnectionError):
            pass
        except Problem as problem:
            await connection.refuse(problem)
        except Exception as error:
            request_id = new_id()
            log.error("socket_failed", request_id=request_id, exc_info=error)
            await connection.refuse(Problem("internal", 500, "omni2 failed.", request_id=request_id), 1011)
        finally:
            await connection.aclose()


class Connection:
    """The state of one socket."""

    def __init__(self, door: ChatDoor, socket: WebSocket) -> None:
        self._door = door
        self._socket = socket
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(QUEUE_LIMIT)
        self._writer: asyncio.Task[None] | None = None
        self._followers: dict[str, asyncio.Task[None]] = {}
        self._principal: Principal | None = None
        self._over = False
        self._allowance, self._seen = BURST, uptime()

    async def run(self) -> None:
        """Sign in, greet, and serve frames until the client leaves."""
        principal = self._principal = await authenticate_socket(self._socket)
        if "chat" not in principal.scopes:
            raise Problem(
                "insufficient_scope", 403, "This token does not open chat. Create one with scope chat."
            )
        limit = self._socket.app.state.settings.max_sockets_per_user
        if self._door.registry.count(principal.user_id, "socket") >= limit:
            raise Problem("too_many_sockets", 409, f"At most {limit} connections a user. Close another tab.")
        handle = Handle("socket", principal.user_id, "chat", principal.credential_id, self._end)
        with self._door.registry.hold(handle):
            await self._door.mirror.require_open(principal.user_id, "chat")
            if not principal.may("chat.use"):
                raise Problem("forbidden", 403, f"Your role ({principal.role}) may not use chat.")
            self._writer = asyncio.create_task(self._write(), name="chat writer")
            await self._send(await self._door.greeting.welcome(principal))
            while not self._over:
                await self._serve_one(await self._receive())

    async def refuse(self, problem: Problem, close_code: int | None = None) -> None:
        """Tell why the connection ends, then end it."""
        code = close_code or CLOSE_CODES.get(problem.code, 4000 + problem.status)
        frame = refused(problem)
        if problem.code == "blocked":
            frame = BlockedFrame(message=problem.detail or BLOCKED).model_dump()
        await self._finish(frame, code)

    async def aclose(self) -> None:
        """End the tasks of this connection."""
        self._over = True
        tasks = [*self._followers.values(), *([self._writer] if self._writer else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve_one(self, text: str | None) -> None:
        try:
            if text is None:
                raise Problem("invalid_frame", 415, "Frames are JSON text, not binary.")
            if len(text) > FRAME_LIMIT or len(text.encode()) > FRAME_LIMIT:
                detail = f"A frame may hold {FRAME_LIMIT // 1024} KiB."
                raise Problem("too_large", 413, detail, limit=FRAME_LIMIT)
            self._count()
            frame = parse_frame(text)
        except Problem as problem:
            if problem.code in {"too_large", "too_fast"}:
                raise
            await self._send(refused(problem, _id_of(problem)))
            return
        try:
            await self._authorise()
            await self._dispatch(frame)
        except Problem as problem:
            if problem.code in ENDING:
                raise
            await self._send(refused(problem, getattr(frame, "id", None)))

    async def _authorise(self) -> None:
        """Remember nothing from connect time: credential, role, block and deactivation are asked anew."""
        principal = self._principal
        if principal is None:
            raise Problem("not_signed_in", 401, "Sign in to go on.")
        self._principal = await self._door.authenticator.renew(principal)
        await self._door.mirror.require_open(principal.user_id, "chat")
        if not self._principal.may("chat.use"):
            raise Problem("forbidden", 403, f"Your role ({self._principal.role}) may not use chat.")

    async def _dispatch(self, frame: Say | Stop | Regenerate | Resume | Ping) -> None:
        assert self._principal is not None  # noqa: S101
        principal, turns = self._principal, self._door.turns
        match frame:
            case Say():
                ask = await turns.say(principal, frame.text, frame.conversation_id, frame.model)
                await self._accept(frame.id, ask)
            case Regenerate():
                await self._accept(frame.id, await turns.regenerate(principal, frame.message_id))
            case Stop():
                await turns.stop(principal, frame.flow_id)
            case Resume():
                await self._resume(principal, frame)
            case Ping():
                await self._send({"type": "pong"})

    async def _accept(self, frame_id: str, ask: Ask) -> None:
        await self._send(
            {
                "type": "accepted",
                "id": frame_id,
                "conversation_id": ask.conversation_id,
                "flow_id": ask.flow_id,
                "message_id": ask.message_id,
                "title": self._door.greeting.title(ask.text),
            }
        )
        self._follow(ask.flow_id, 0)

    async def _resume(self, principal: Principal, frame: Resume) -> None:
        flow_id = frame.flow_id or await self._door.turns.running_flow(principal, frame.conversation_id)
        await self._send({"type": "resumed", "conversation_id": frame.conversation_id, "flow_id": flow_id})
        if flow_id is not None:
            self._follow(flow_id, frame.after)

    def _follow(self, flow_id: str, after: int) -> None:
        if (old := self._followers.pop(flow_id, None)) is not None:
            old.cancel()
        task = asyncio.create_task(self._pump(flow_id, after), name=f"follow {flow_id}")
        self._followers[flow_id] = task
        task.add_done_callback(lambda done: self._forget(flow_id, done))

    def _forget(self, flow_id: str, task: asyncio.Task[None]) -> None:
        if self._followers.get(flow_id) is task:
            self._followers.pop(flow_id)

    async def _pump(self, flow_id: str, after: int) -> None:
        assert self._principal is not None  # noqa: S101
        try:
            async for frame in self._door.turns.follow(self._principal, flow_id, after):
                after = int(str(frame.get("n", after)))
                await self._send(frame)
        except Problem as problem:
            await self._send(refused(problem))
            if problem.status >= 500:
                await self._send({"type": "gap", "flow_id": flow_id, "after": after})

    async def _send(self, frame: Frame) -> None:
        if not self._over:
            await self._queue.put(frame)

    async def _write(self) -> None:
        """Send in order. Nothing is awaited between the look at the block and the hand-over."""
        assert self._principal is not None  # noqa: S101
        user_id, mirror = self._principal.user_id, self._door.mirror
        try:
            while True:
                text = dumps(await self._queue.get())
                await self._require_fresh()
                if self._over or mirror.refused(user_id, "chat"):
                    continue
                async with asyncio.timeout(SEND_LIMIT_S):
                    await self._socket.send_text(text)
        except (TimeoutError, Problem):
            self._abort()
        except (WebSocketDisconnect, ConnectionError, RuntimeError):
            self._stop_sending()

    async def _require_fresh(self) -> None:
        """Wait until the view of blocks is fresh: while it cannot be read, nothing leaves or is lost."""
        deadline = uptime() + SEND_LIMIT_S
        while True:
            try:
                return await self._door.mirror.require_fresh()
            except Problem:
                if uptime() > deadline:
                    raise
                await asyncio.sleep(LOOK_AGAIN_S)

    async def _receive(self) -> str | None:
        """Return the next frame, None for a binary one."""
        message = await self._socket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code") or 1005)
        text: str | None = message.get("text")
        return text

    async def _end(self, ending: Ending) -> None:
        """Say the words and close, within 200 ms; a peer that does not read is cut off."""
        if ending.code == "blocked":
            frame = BlockedFrame(message=ending.message or BLOCKED).model_dump()
        else:
            status = ending.close_code - 4000 if ending.close_code >= 4000 else 503
            frame = refused(Problem(ending.code, status, ending.message))
        await self._finish(frame, ending.close_code)

    async def _finish(self, frame: Frame, close_code: int) -> None:
        self._stop_sending()
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.cancel()
            await asyncio.wait([writer])
        if self._socket.application_state != WebSocketState.CONNECTED:
            return
        try:
            async with asyncio.timeout(END_LIMIT_S):
                await self._socket.send_text(dumps(frame))
                await self._socket.close(close_code)
        except TimeoutError:
            self._abort()
        except asyncio.CancelledError:  # whoever ends us has waited long enough
            self._abort()
            raise
        except (WebSocketDisconnect, ConnectionError, RuntimeError):
            return

    def _stop_sending(self) -> None:
        """Let nothing more out, and let nobody wait for room in the queue."""
        self._over = True
        while not self._queue.empty():
            self._queue.get_nowait()

    def _abort(self) -> None:
        self._stop_sending()
        abort: Callable[[], None] | None = self._socket.scope.get("extensions", {}).get("omni2.abort")
        if abort is not None:
            abort()

    def _count(self) -> None:
        moment = uptime()
        self._allowance = min(BURST, self._allowance + (moment - self._seen) * PER_SECOND)
        self._seen = moment
        if self._allowance < 1:
            raise Problem("too_fast", 429, "Too many frames. Wait a moment.", retry_after_ms=1000)
        self._allowance -= 1


def _id_of(problem: Problem) -> str | None:
    found = problem.extra.get("id")
    return found if isinstance(found, str) else None
