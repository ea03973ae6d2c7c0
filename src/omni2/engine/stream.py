"""The stream of a turn: numbered frames, kept while it runs, stored in chunks, followed from anywhere."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import cast

from pydantic import JsonValue

from omni2.conversations.history import find_answer, list_frames
from omni2.conversations.steps import insert_chunk
from omni2.engine.events import TurnDone, TurnEvent
from omni2.flows.checkpoints import FlowStatus
from omni2.flows.heads import get_head, is_running
from omni2.kernel.bus import Bus
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime
from omni2.kernel.lane import Lane

Frame = dict[str, JsonValue]
FLUSH_S = 0.25
FLUSH_CHARACTERS = 2_000
LOOK_AGAIN_S = 1.0
LAST_LOOKS = 2  # the last frames are stored a moment after the flow is closed


class TurnStream:
    """The frames of one running turn. `put` is synchronous: release is one step."""

    def __init__(self, user_id: str, flow_id: str, conversation_id: str) -> None:
        self.user_id = user_id
        self.flow_id = flow_id
        self.conversation_id = conversation_id
        self.frames: list[Frame] = []
        self.ended = False
        self.on_record = asyncio.Event()
        self.unstored: Problem | None = None
        self._stored = 0
        self._changed = asyncio.Event()

    def put(self, event: TurnEvent) -> None:
        """Number an event and hand it to everyone who follows."""
        frame = event.model_dump(mode="json")
        frame.update(flow_id=self.flow_id, conversation_id=self.conversation_id, n=len(self.frames) + 1)
        self.frames.append(cast("Frame", frame))
        self._wake()

    def note_record(self, failure: Problem | None = None) -> None:
        """Note that the question is durable, or why it is not."""
        if not self.on_record.is_set():
            self.unstored = failure
            self.on_record.set()

    def end(self) -> None:
        """Note that nothing more comes. A turn that fell over without a word still ends with `done`."""
        if not self.frames or self.frames[-1]["type"] != "done":
            detail = "omni2 failed. The log has the details."
            self.put(
                TurnDone(message_id="", status="failed", code="internal", detail=detail, duration_ms=0.0)
            )
        self.ended = True
        self.note_record()
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def follow(self, after: int) -> AsyncIterator[Frame]:
        """Yield the frames with a number above `after`, as they come, until the turn has ended."""
        while True:
            changed = self._changed
            while after < len(self.frames):
                after += 1
                yield self.frames[after - 1]
            if self.ended and after >= len(self.frames):
                return
            if after >= len(self.frames):
                await changed.wait()

    async def keep_stored(self, lane: Lane, bus: Bus) -> None:
        """Store and publish what has come, every 250 ms or 2 kB, until the turn has ended."""
        while not (self.ended and self._stored == len(self.frames)):
            if self._stored == len(self.frames):
                await self._changed.wait()
                continue
            await self._gather()
            fresh = self.frames[self._stored :]
            await lane.commit([insert_chunk(self.flow_id, self._stored + 1, cast("list[JsonValue]", fresh))])
            self._stored += len(fresh)
            await bus.publish(turn_topic(self.flow_id), {"last_n": self._stored})

    async def _gather(self) -> None:
        deadline = uptime() + FLUSH_S
        while not self.ended and self._unstored_characters() < FLUSH_CHARACTERS:
            left = deadline - uptime()
            if left <= 0:
                return
            try:
                async with asyncio.timeout(left):
                    await self._changed.wait()
            except TimeoutError:
                return

    def _unstored_characters(self) -> int:
        return sum(len(str(frame.get("text", ""))) + 40 for frame in self.frames[self._stored :])


def turn_topic(flow_id: str) -> str:
    """Return the bus topic that says when more of a turn is stored."""
    return f"turn:{flow_id}"


async def follow_stored(database: Database, bus: Bus, flow_id: str, after: int) -> AsyncIterator[Frame]:
    """Yield the frames of a turn that runs on another replica, from the store, until it has ended.

    The bus only says when to look; without it the store is looked at every second. A turn whose owner is gone
    has no `done` in the store: it gets one made of its flow, so that whoever follows is told.
    """
    looks_left = LAST_LOOKS
    async with bus.subscribe(turn_topic(flow_id), limit=1) as inbox:
        while True:
            async with database.read() as session:
                running = await is_running(session, flow_id)
                frames = await list_frames(session, flow_id, after)
            for frame in frames:
                if isinstance(frame, dict):
                    after += 1
                    yield frame
                    if frame.get("type") == "done":
                        return
            if not running and not frames:
                looks_left -= 1
                if not looks_left:
                    yield await _end_of(database, flow_id, after + 1)
                    return
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_AGAIN_S):
                    await inbox.get()


async def _end_of(database: Database, flow_id: str, n: int) -> Frame:
    async with database.read() as session:
        head = await get_head(session, flow_id)
        message_id = await find_answer(session, flow_id)
    gone = head.status == "unknown"
    done = TurnDone(
        flow_id=flow_id,
        conversation_id=head.conversation_id or "",
        n=n,
        message_id=message_id or "",
        status=cast("FlowStatus", head.status),
        code="owner_gone" if gone else None,
        detail=head.sentence if gone else None,
        duration_ms=head.duration_ms or 0.0,
        model=head.model,
    )
    return cast("Frame", done.model_dump(mode="json"))
