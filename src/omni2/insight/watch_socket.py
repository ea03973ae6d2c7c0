"""One watching connection: panels of users, and topics, over one socket."""

import asyncio
from collections.abc import Mapping, Sequence

from starlette.websockets import WebSocket

from omni2.flows.queries import sight_of
from omni2.identity.principal import Principal
from omni2.insight.watch_feed import Feed
from omni2.insight.watch_frames import (
    USERS_LIMIT,
    Follow,
    Pause,
    Play,
    PresenceFrame,
    SnapshotFlow,
    SnapshotFrame,
    Unwatch,
    Watch,
    WatchFrame,
    WatchGap,
    parse_watch_frame,
)
from omni2.insight.watch_inbox import Inbox, Told
from omni2.insight.watch_journal import Watch as Journaled
from omni2.insight.watch_journal import WatchJournal
from omni2.insight.watch_read import read_snapshot
from omni2.insight.watch_topics import Topics
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.jsons import dumps
from omni2.kernel.tasks import Supervisor
from omni2.live.frames import Ping, refused
from omni2.live.monitor import monitored_among
from omni2.live.socket import ENDING, Connection, Entrance, Frame, House
from omni2.live.watching import Presence, Watching

PACK_CHARS = 64_000
ENTRANCE = Entrance("api", "flows.read", "the live view")


class WatchDoor:
    """Serves `/ws/watch`."""

    def __init__(
        self, database: Database, house: House, feed: Feed, watching: Watching, topics: Topics
    ) -> None:
        self.database = database
        self.house = house
        self.feed = feed
        self.watching = watching
        self.topics = topics
        self.journal = WatchJournal(database)

    def supervise(self, supervisor: Supervisor) -> None:
        """Start what tells the watchers; it waits while there are none."""
        supervisor.loop("watch_listen", self.watching.listen)
        supervisor.loop("watch_say", self.watching.say)
        supervisor.loop("watch_feed", self.feed.run)
        supervisor.loop("watch_topics", self.topics.run)
        supervisor.loop("watch_journal", self.journal.run)

    async def serve(self, socket: WebSocket, refusal: Problem | None = None) -> None:
        """Serve one connection to its end; `refusal` ends it at once."""
        await WatchConnection(self, socket).serve(refusal)


class WatchConnection(Connection[WatchFrame]):
    """The state of one watching socket."""

    def __init__(self, door: WatchDoor, socket: WebSocket) -> None:
        super().__init__(door.house, ENTRANCE, socket)
        self._door = door
        self._inbox = Inbox()
        self._watched: dict[str, Presence] = {}
        self._journaled: dict[str, Journaled] = {}
        self._wanted: dict[str, Mapping[str, int]] = {}
        self._paused = False
        self._packed = False
        self._sender: asyncio.Task[None] | None = None

    @property
    def name(self) -> str:
        """The e-mail address of who looks."""
        return self.principal.email

    @property
    def sees_content(self) -> bool:
        """Whether nothing is hidden from them."""
        return sight_of(self.principal).content

    @property
    def waiting_bytes(self) -> int:
        """How much waits to be sent."""
        return self._inbox.size_bytes

    def read(self, text: str) -> WatchFrame:
        """Return the frame that came."""
        return parse_watch_frame(text)

    async def greet(self, principal: Principal) -> None:
        """Say nothing: it is the watcher who says whom to watch."""

    async def answer(self, principal: Principal, frame: WatchFrame) -> None:
        """Do what a frame asks."""
        match frame:
            case Watch():
                await self._watch(principal, frame)
            case Unwatch():
                for user_id in frame.user_ids:
                    self._leave(user_id)
            case Follow():
                self._door.topics.follow(self, frozenset(frame.topics))
            case Pause():
                self._paused = True
            case Play():
                self._paused = False
            case Ping():
                await self.send({"type": "pong"})

    async def send(self, frame: Frame) -> None:
        """Put an answer in front of what waits."""
        self.put(frame)

    def put(self, frame: Frame) -> None:
        """Put a frame that is about no watched user in front of what waits; never waits."""
        self.put_text(dumps(frame))

    def put_text(self, text: str) -> None:
        """Put a frame as `put` does, as it is sent."""
        if not self.over:
            self._inbox.put_own(text)

    async def next_text(self) -> str:
        """Return what is next, as this watcher may see it at this moment."""
        while True:
            found = await self._inbox.next()
            match found:
                case str():
                    return found
                case Told():
                    text = await self._as_seen(found)
                case (user_id, missed):
                    text = WatchGap(user_id=user_id, missed=missed).model_dump_json()
            if text is not None:
                return self._pack(text) if self._packed and isinstance(found, Told) else text

    def _pack(self, text: str) -> str:
        """Return a frame together with those that wait behind it, up to a size."""
        texts, size = [text], len(text)
        while size < PACK_CHARS and (told := self._inbox.next_told()) is not None:
            if (more := self._shown(told)) is not None:
                texts.append(more)
                size += len(more)
        return text if len(texts) == 1 else f'{{"type":"frames","frames":[{",".join(texts)}]}}'

    def forget(self) -> None:
        """Empty the inbox."""
        self._inbox.clear()

    def tell(self, told: Told) -> None:
        """Take a frame about a user whom they watch; while paused it is only counted."""
        if self._paused:
            self._inbox.miss(told.user_id)
        elif not self.over:
            self._inbox.put(told)

    def look_again(self) -> None:
        """Tell whose presence changed."""
        for user_id, known in self._watched.items():
            if (found := self._door.watching.presence(user_id)) != known:
                self._say_presence(user_id, found)

    def end_watch(self, user_id: str) -> None:
        """Say that a user is not monitored any more, and tell nothing more of them."""
        self._leave(user_id)
        self.put(_not_monitored(user_id))

    async def aclose(self, *tasks: asyncio.Task[None]) -> None:
        """End the tasks of this connection, and watch nobody any more."""
        self._door.topics.follow(self, frozenset())
        for user_id in tuple(self._journaled):
            self._leave(user_id)
        await super().aclose(*tasks, *([self._sender] if self._sender else []))

    async def _watch(self, principal: Principal, frame: Watch) -> None:
        self._packed = self._packed or frame.packed
        async with self._door.database.read() as session:
            monitored = await monitored_among(session, frame.user_ids)
        wanted = list(dict.fromkeys(frame.user_ids))
        for user_id in wanted:
            if user_id not in monitored:
                self._leave(user_id)
                self.put(_not_monitored(user_id))
        await self._begin(principal, [one for one in wanted if one in monitored and one not in self._watched])
        self._wanted.update({one: frame.have for one in wanted if one in self._watched})
        if self._sender is None or self._sender.done():
            self._sender = asyncio.create_task(self._send_snapshots(), name="snapshots")

    async def _begin(self, principal: Principal, user_ids: Sequence[str]) -> None:
        """Note on record who watches whom; only then tell of what grows."""
        if not user_ids:
            return
        if len(self._watched) + len(user_ids) > USERS_LIMIT:
            detail = f"You can watch {USERS_LIMIT} people at once. Close a panel first."
            raise Problem("too_many_watched", 409, detail, limit=USERS_LIMIT)
        for journaled in await self._door.journal.begin(principal.actor, user_ids):
            user_id = journaled.user_id
            self._journaled[user_id] = journaled
            if self.over:
                self._leave(user_id)
                continue
            self._door.feed.add(user_id, self)
            self._say_presence(user_id, self._door.watching.presence(user_id))

    def _leave(self, user_id: str) -> None:
        self._door.feed.remove(user_id, self)
        if (journaled := self._journaled.pop(user_id, None)) is not None:
            self._door.journal.end(journaled)
        self._watched.pop(user_id, None)
        self._wanted.pop(user_id, None)
        self._inbox.drop(user_id)

    def _say_presence(self, user_id: str, presence: Presence) -> None:
        self._watched[user_id] = presence
        frame = PresenceFrame(user_id=user_id, sockets=presence.sockets, state=presence.state)
        self.put(frame.model_dump())

    async def _send_snapshots(self) -> None:
        """Send what was asked for, one user after the other, no faster than it is read."""
        while self._wanted:
            user_id, have = next(iter(self._wanted.items()))
            del self._wanted[user_id]
            try:
                await self._send_snapshot(user_id, have)
            except Problem as problem:
                self.put({**refused(problem), "user_id": user_id})

    async def _send_snapshot(self, user_id: str, have: Mapping[str, int]) -> None:
        sight = sight_of(self.principal)
        async for part in read_snapshot(self._door.database, sight, user_id, have):
            flows = [SnapshotFlow(flow=flow, checkpoints=[*steps]) for flow, steps in part.flows]
            text = SnapshotFrame(user_id=user_id, flows=flows, last=part.last).model_dump_json()
            shown, hidden = (text, None) if sight.content else ("", text)
            await self._inbox.put_when_room(Told(user_id, shown, hidden))
            if user_id not in self._watched:
                self._inbox.drop(user_id)
                return

    async def _as_seen(self, told: Told) -> str | None:
        """Return a frame as its reader may see it now; None when they may not, or not in that form."""
        try:
            await self.authorise()
        except Problem as problem:
            if problem.code in ENDING:
                self.end_soon(problem)
                return None
            raise
        return self._shown(told)

    def _shown(self, told: Told) -> str | None:
        """Return a frame as `_as_seen`, for a reader who was looked at a moment ago."""
        if told.user_id not in self._watched:
            return None
        may = told.user_id == self.principal.user_id or self.sees_content
        text = told.shown if may else told.hidden
        if not text:
            self._inbox.miss(told.user_id)
        return text or None


def _not_monitored(user_id: str) -> Frame:
    detail = "This user is not monitored. An administrator can switch monitoring on, with an end."
    return {**refused(Problem("not_monitored", 403, detail)), "user_id": user_id}
