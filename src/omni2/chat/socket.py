"""One chat connection: says and stops, follows turns, sends their frames in order."""

import asyncio

from starlette.websockets import WebSocket

from omni2.chat.frames import ChatFrame, Regenerate, Resume, Say, Stop, parse_frame
from omni2.chat.greeting import Greeting
from omni2.engine.turn import Ask
from omni2.engine.turns import Turns
from omni2.identity.auth import Authenticator
from omni2.identity.epochs import Mirror
from omni2.identity.principal import Principal
from omni2.kernel.errors import Problem
from omni2.kernel.jsons import dumps
from omni2.live.frames import Ping, refused
from omni2.live.registry import Registry
from omni2.live.socket import Connection, Entrance, Frame, House

QUEUE_LIMIT = 256
ENTRANCE = Entrance("chat", "chat.use", "chat")


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
        self.house = House(mirror, authenticator, registry)
        self.greeting = greeting

    async def serve(self, socket: WebSocket, refusal: Problem | None = None) -> None:
        """Serve one connection to its end; `refusal` ends it at once."""
        await ChatConnection(self, socket).serve(refusal)


class ChatConnection(Connection[ChatFrame]):
    """The state of one chat socket."""

    def __init__(self, door: ChatDoor, socket: WebSocket) -> None:
        super().__init__(door.house, ENTRANCE, socket)
        self._door = door
        self._queue: asyncio.Queue[Frame] = asyncio.Queue(QUEUE_LIMIT)
        self._followers: dict[str, asyncio.Task[None]] = {}

    def read(self, text: str) -> ChatFrame:
        """Return the frame that came."""
        return parse_frame(text)

    async def greet(self, principal: Principal) -> None:
        """Say who they are, what they may ask, what is left."""
        await self.send(await self._door.greeting.welcome(principal))

    async def answer(self, principal: Principal, frame: ChatFrame) -> None:
        """Do what a frame asks."""
        turns = self._door.turns
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
                await self.send({"type": "pong"})

    async def send(self, frame: Frame) -> None:
        """Put a frame into the queue; waits for room."""
        if not self.over:
            await self._queue.put(frame)

    async def next_text(self) -> str:
        """Return the oldest frame of the queue."""
        return dumps(await self._queue.get())

    def forget(self) -> None:
        """Empty the queue."""
        while not self._queue.empty():
            self._queue.get_nowait()

    async def aclose(self, *tasks: asyncio.Task[None]) -> None:
        """End the tasks of this connection."""
        await super().aclose(*tasks, *self._followers.values())

    async def _accept(self, frame_id: str, ask: Ask) -> None:
        await self.send(
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
        await self.send({"type": "resumed", "conversation_id": frame.conversation_id, "flow_id": flow_id})
        if flow_id is not None:
            self._follow(flow_id, frame.after)

    def _follow(self, flow_id: str, after: int) -> None:
        if (old := self._followers.pop(flow_id, None)) is not None:
            old.cancel()
        task = asyncio.create_task(self._pump(flow_id, after), name=f"follow {flow_id}")
        self._followers[flow_id] = task
        task.add_done_callback(lambda done: self._forget_follower(flow_id, done))

    def _forget_follower(self, flow_id: str, task: asyncio.Task[None]) -> None:
        if self._followers.get(flow_id) is task:
            self._followers.pop(flow_id)

    async def _pump(self, flow_id: str, after: int) -> None:
        try:
            async for frame in self._door.turns.follow(self.principal, flow_id, after):
                after = int(str(frame.get("n", after)))
                await self.send(frame)
        except Problem as problem:
            await self.send(refused(problem))
            if problem.status >= 500:
                await self.send({"type": "gap", "flow_id": flow_id, "after": after})
