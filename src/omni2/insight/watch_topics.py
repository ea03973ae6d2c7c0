"""What watchers follow besides users: activity, servers, what needs a person, receipts of blocks.

Each is looked at in the store once for all who follow it, and only while somebody does.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.queries import Sight
from omni2.identity.models import Block
from omni2.insight.activity import list_activity
from omni2.insight.attention import list_attention
from omni2.insight.counts import server_counts
from omni2.insight.schemas import ActivityFilter
from omni2.insight.servers import list_server_views
from omni2.insight.watch_frames import ActivityFrame, AlertsFrame, ReceiptFrame, ServerStateFrame, Topic
from omni2.insight.watch_read import EVERYTHING, NO_CONTENT
from omni2.kernel.db import Database
from omni2.kernel.ids import now
from omni2.live.models import BlockConfirmation
from omni2.live.schemas import ReplicaView
from omni2.usage.budgets import Budgets

LOOK_S = 0.5
SHOWN = 30
RECENT = timedelta(minutes=2)


class Follower(Protocol):
    """Who is told. Nothing here waits."""

    @property
    def sees_content(self) -> bool:
        """Whether nothing is hidden from them."""
        ...

    def put_text(self, text: str) -> None:
        """Take a frame."""
        ...


class Topics:
    """Who follows what, and what each was told when it was last looked at."""

    def __init__(self, database: Database, budgets: Budgets) -> None:
        self._database = database
        self._budgets = budgets
        self._told: dict[Follower, dict[Topic, frozenset[str]]] = {}
        self._wake = asyncio.Event()

    def follow(self, follower: Follower, topics: Iterable[Topic]) -> None:
        """Let somebody follow these topics and no others; first comes all that is shown of a new one."""
        known = self._told.pop(follower, {})
        wanted: dict[Topic, frozenset[str]] = {topic: known.get(topic, frozenset()) for topic in topics}
        if wanted:
            self._told[follower] = wanted
            self._wake.set()

    async def run(self) -> None:
        """Look once and tell what is new, then pause; for ever while nobody follows anything."""
        while not self._told:
            self._wake.clear()
            await self._wake.wait()
        await self._look()
        self._wake.clear()
        try:
            async with asyncio.timeout(LOOK_S):
                await self._wake.wait()
        except TimeoutError:
            return

    async def _look(self) -> None:
        wanted: set[tuple[Topic, bool]] = {
            (topic, one.sees_content) for one, topics in self._told.items() for topic in topics
        }
        found: dict[tuple[Topic, bool], list[str]] = {}
        async with self._database.read() as session:
            for topic, content in wanted:
                sight = EVERYTHING if content else NO_CONTENT
                frames = await self._read(session, topic, sight)
                found[topic, content] = [frame.model_dump_json() for frame in frames]
        for follower, topics in tuple(self._told.items()):
            for topic, told in topics.items():
                texts = found.get((topic, follower.sees_content))
                if texts is None:  # it is followed since we looked
                    continue
                for text in texts:
                    if text not in told:
                        follower.put_text(text)
                topics[topic] = frozenset(texts)

    async def _read(self, session: AsyncSession, topic: Topic, sight: Sight) -> list[BaseModel]:
        match topic:
            case "activity":
                found = await list_activity(session, sight, ActivityFilter(limit=SHOWN))
                return [ActivityFrame(activity=item) for item in reversed(found.items)]
            case "servers":
                views = await list_server_views(session, await server_counts(session, self._today()))
                return [ServerStateFrame(**dict(view)) for view in views]
            case "alerts":
                views = await list_server_views(session, {})
                items = await list_attention(session, self._budgets, views, self._today())
                return [AlertsFrame(items=items)]
            case "receipts":
                return [*await _receipts(session)]

    def _today(self) -> datetime:
        return self._budgets.day(now())[0]


async def _receipts(session: AsyncSession) -> list[ReceiptFrame]:
    rows = await session.execute(
        select(BlockConfirmation, Block.user_id)
        .join(Block, Block.block_id == BlockConfirmation.block_id)
        .where(BlockConfirmation.at > now() - RECENT)
        .order_by(BlockConfirmation.at)
    )
    return [
        ReceiptFrame(
            block_id=row.block_id,
            user_id=user_id,
            replica=ReplicaView(
                replica_id=row.replica_id,
                confirmed=True,
                sockets_closed=row.sockets_closed,
                streams_cancelled=row.streams_cancelled,
                turns_cancelled=row.turns_cancelled,
                calls_cancelled=row.calls_cancelled,
                slowest_ms=row.slowest_ms,
            ),
        )
        for row, user_id in rows
    ]
