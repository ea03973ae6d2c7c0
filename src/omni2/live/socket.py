"""One socket connection, whatever it is for: every frame authorised anew, sent in order, ended when told."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from omni2.identity.auth import Authenticator
from omni2.identity.deps import authenticate_socket
from omni2.identity.epochs import BLOCKED, Mirror
from omni2.identity.principal import Door, Principal
from omni2.identity.roles import Permission
from omni2.identity.tickets import chosen_protocol
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, uptime
from omni2.kernel.jsons import dumps
from omni2.kernel.tasks import end
from omni2.live.frames import BlockedFrame, refused
from omni2.live.registry import Ending, Handle, Registry

log = structlog.get_logger(__name__)
F = TypeVar("F")

FRAME_LIMIT = 64 * 1024
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


@dataclass(frozen=True, slots=True)
class House:
    """What every connection asks: is this person still who they were, and may they still be here?"""

    mirror: Mirror
    authenticator: Authenticator
    registry: Registry


@dataclass(frozen=True, slots=True)
class Entrance:
    """Who may come in here. `name` is what the words call it."""

    door: Door
    permission: Permission
    name: str

    @property
    def shut_by(self) -> str:
        """Which block shuts it: the interface is shut only by one that shuts everything."""
        return "everywhere" if self.door == "api" else self.door


class Connection(ABC, Generic[F]):
    """The state of one socket. What it is for is said by the abstract methods."""

    def __init__(self, house: House, entrance: Entrance, socket: WebSocket) -> None:
        self._house = house
        self._entrance = entrance
        self._socket = socket
        self._writer: asyncio.Task[None] | None = None
        self._principal: Principal | None = None
        self._over = False
        self._leaving: asyncio.Task[None] | None = None
        self._allowance, self._seen = BURST, uptime()

    @abstractmethod
    def read(self, text: str) -> F:
        """Return the frame that came; raise `Problem` for what is none."""

    @abstractmethod
    async def greet(self, principal: Principal) -> None:
        """Begin: somebody came in."""

    @abstractmethod
    async def answer(self, principal: Principal, frame: F) -> None:
        """Do what a frame asks; a `Problem` is told and the connection goes on."""

    @abstractmethod
    async def send(self, frame: Frame) -> None:
        """Put a frame where the writer takes it from; nothing is taken any more when it is over."""

    @abstractmethod
    async def next_text(self) -> str:
        """Return what is to be sent next, once there is something."""

    @abstractmethod
    def forget(self) -> None:
        """Drop what was to be sent; nothing may wait for room then."""

    @property
    def principal(self) -> Principal:
        """Who came in, as of the last frame."""
        assert self._principal is not None  # noqa: S101
        return self._principal

    @property
    def over(self) -> bool:
        """Whether nothing leaves any more."""
        return self._over

    async def serve(self, refusal: Problem | None = None) -> None:
        """Serve to its end. A client that vanishes is no error; `refusal` ends it at once."""
        try:
            await self._socket.accept(chosen_protocol(self._socket.headers))
            if refusal is not None:
                raise refusal
            await self._run()
        except (WebSocketDisconnect, ConnectionError):
            pass
        except Problem as problem:
            await self._refuse(problem)
        except Exception as error:
            request_id = new_id()
            log.error("socket_failed", request_id=request_id, exc_info=error)
            await self._refuse(Problem("internal", 500, "omni2 failed.", request_id=request_id), 1011)
        finally:
            await self.aclose()

    async def aclose(self, *tasks: asyncio.Task[None]) -> None:
        """End the tasks of this connection."""
        self._over = True
        own = [*tasks, *(task for task in (self._writer, self._leaving) if task)]
        await end(*own)

    def end_soon(self, problem: Problem) -> None:
        """End the connection with the words of a problem; for the writer, which cannot end itself."""
        if self._leaving is None:
            self._leaving = asyncio.create_task(self._refuse(problem), name="leaving")

    async def authorise(self) -> Principal:
        """Remember nothing from connect time: credential, role, block and deactivation are asked anew."""
        principal = self._principal
        if principal is None:
            raise Problem("not_signed_in", 401, "Sign in to go on.")
        self._principal = await self._house.authenticator.renew(principal)
        await self._require_open()
        return self._principal

    async def _run(self) -> None:
        """Sign in, greet, and serve frames until the client leaves."""
        principal = self._principal = await authenticate_socket(self._socket)
        door, name = self._entrance.door, self._entrance.name
        if door not in principal.scopes:
            detail = f"This token does not open {name}. Create one with scope {door}."
            raise Problem("insufficient_scope", 403, detail)
        limit = self._socket.app.state.settings.max_sockets_per_user
        if self._house.registry.count(principal.user_id, "socket") >= limit:
            raise Problem("too_many_sockets", 409, f"At most {limit} connections a user. Close another tab.")
        handle = Handle("socket", principal.user_id, door, principal.credential_id, self._end)
        with self._house.registry.hold(handle):
            await self._require_open()
            self._writer = asyncio.create_task(self._write(), name=f"{name} writer")
            await self.greet(principal)
            while not self._over:
                await self._serve_one(await self._receive())

    async def _require_open(self) -> None:
        principal, entrance = self.principal, self._entrance
        await self._house.mirror.require_open(principal.user_id, entrance.shut_by)
        if not principal.may(entrance.permission):
            raise Problem("forbidden", 403, f"Your role ({principal.role}) may not use {entrance.name}.")

    async def _refuse(self, problem: Problem, close_code: int | None = None) -> None:
        """Tell why the connection ends, then end it."""
        code = close_code or CLOSE_CODES.get(problem.code, 4000 + problem.status)
        frame = refused(problem)
        if problem.code == "blocked":
            frame = BlockedFrame(message=problem.detail or BLOCKED).model_dump()
        await self._finish(frame, code)

    async def _serve_one(self, text: str | None) -> None:
        try:
            if text is None:
                raise Problem("invalid_frame", 415, "Frames are JSON text, not binary.")
            if len(text) > FRAME_LIMIT or len(text.encode()) > FRAME_LIMIT:
                detail = f"A frame may hold {FRAME_LIMIT // 1024} KiB."
                raise Problem("too_large", 413, detail, limit=FRAME_LIMIT)
            self._count()
            frame = self.read(text)
        except Problem as problem:
            if problem.code in {"too_large", "too_fast"}:
                raise
            await self.send(refused(problem, _id_of(problem)))
            return
        try:
            await self.answer(await self.authorise(), frame)
        except Problem as problem:
            if problem.code in ENDING:
                raise
            await self.send(refused(problem, getattr(frame, "id", None)))

    async def _write(self) -> None:
        """Send in order. Nothing is awaited between the look at the block and the hand-over."""
        user_id, mirror = self.principal.user_id, self._house.mirror
        try:
            while True:
                text = await self.next_text()
                await self._require_fresh()
                if self._over or mirror.refused(user_id, self._entrance.shut_by):
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
                return await self._house.mirror.require_fresh()
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
        """Let nothing more out, and let nobody wait for room."""
        self._over = True
        self.forget()

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
