"""The bus between replicas: publish and subscribe on Valkey or Redis, at most once."""
# redis-py types its own arguments only in part.
# pyright: reportUnknownMemberType=false

import asyncio
import math
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import cast

import structlog
from pydantic import JsonValue
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from omni2.kernel.bus import INBOX_LIMIT, Inbox, Subscribers
from omni2.kernel.ids import new_id
from omni2.kernel.jsons import dumps, loads
from omni2.kernel.tasks import end

log = structlog.get_logger(__name__)

PREFIX = "omni2:"
PUBLISH_S = 0.1
SUBSCRIBE_S = 1.0
BEAT_S = 1.0
PONG_S = 1.0
LATELY_S = BEAT_S + 2 * PONG_S
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 2.0
PUBLISHERS = 8


class RedisBus:
    """One connection follows what is subscribed, a small pool publishes; a lost server is tried for ever."""

    def __init__(self, url: str) -> None:
        self._pool = BlockingConnectionPool.from_url(
            url,
            protocol=2,
            max_connections=PUBLISHERS + 1,
            timeout=PUBLISH_S,
            socket_connect_timeout=PONG_S,
            retry=Retry(NoBackoff(), 1),
        )
        self._client = Redis(connection_pool=self._pool)
        self._subscribers = Subscribers()
        self._origin = new_id()
        self._heart = f"heart:{self._origin}"
        self._link: AbstractConnection | None = None
        self._standing: dict[str, asyncio.Future[None]] = {}
        self._callbacks: list[Callable[[], None]] = []
        self._up = asyncio.Event()
        self._pong = asyncio.Event()
        self._seen_at = -math.inf
        self._lost = False
        self._follower: asyncio.Task[None] | None = None
        self.dropped = 0

    @property
    def connected(self) -> bool:
        """Whether the server answered on the following connection within the last seconds."""
        return self._up.is_set() and time.monotonic() - self._seen_at < LATELY_S

    async def open(self) -> None:
        """Start to follow; wait a moment for the server, and go on without it when it does not answer."""
        self._follower = asyncio.get_running_loop().create_task(self._follow(), name="bus")
        try:
            async with asyncio.timeout(SUBSCRIBE_S):
                await self._up.wait()
        except TimeoutError:
            self._lost = True

    async def publish(self, topic: str, payload: JsonValue) -> None:
        """Deliver here at once, and elsewhere if the server takes it within 100 ms; never raises."""
        self._subscribers.deliver(topic, payload)
        if not self.connected:
            self.dropped += 1
            return
        try:
            async with asyncio.timeout(PUBLISH_S):
                await self._client.publish(PREFIX + topic, dumps([self._origin, payload]))
        except (RedisError, OSError) as error:
            self.dropped += 1
            log.warning("bus_publish_failed", topic=topic, error=type(error).__name__)

    @asynccontextmanager
    async def subscribe(self, *topics: str, limit: int = INBOX_LIMIT) -> AsyncIterator[Inbox]:
        """Receive `topics` until the context ends; while the server is lost only what is published here."""
        inbox = Inbox(limit)
        self._subscribers.add(inbox, topics)
        try:
            await self._stand(topics)
            yield inbox
        finally:
            await self._leave(self._subscribers.remove(inbox, topics))

    def on_reconnect(self, callback: Callable[[], None]) -> None:
        """Call `callback` each time the server answers again after a loss."""
        self._callbacks.append(callback)

    async def aclose(self) -> None:
        """Stop following and close every connection."""
        if self._follower is not None:
            await end(self._follower)
        await self._client.aclose()
        await self._pool.aclose()

    async def _stand(self, topics: Iterable[str]) -> None:
        """Subscribe at the server what is not subscribed yet, and wait until it says so."""
        fresh = [topic for topic in topics if topic not in self._standing]
        for topic in fresh:
            self._standing[topic] = asyncio.get_running_loop().create_future()
        await self._send("SUBSCRIBE", fresh)
        waiting = [self._standing[topic] for topic in topics if topic in self._standing]
        if waiting and self._up.is_set():
            await asyncio.wait(waiting, timeout=SUBSCRIBE_S)

    async def _leave(self, topics: list[str]) -> None:
        for topic in topics:
            self._standing.pop(topic, None)
        await self._send("UNSUBSCRIBE", topics)

    async def _send(self, command: str, topics: list[str]) -> None:
        link = self._link
        if not topics or link is None or not link.is_connected:
            return
        try:
            await link.send_command(command, *(PREFIX + topic for topic in topics))
        except (RedisError, OSError) as error:
            log.warning("bus_send_failed", command=command, error=type(error).__name__)

    async def _follow(self) -> None:
        pause = FIRST_PAUSE_S
        while True:
            began = time.monotonic()
            try:
                await self._session()
            except Exception as error:  # noqa: BLE001 the bus follower, one of the five legal places
                log.warning("bus_lost", error=type(error).__name__, retry_ms=round(pause * 1000))
            self._lost = True
            stood = time.monotonic() - began > LONGEST_PAUSE_S
            pause = FIRST_PAUSE_S if stood else min(LONGEST_PAUSE_S, pause * 2)
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 a jitter is no secret

    async def _session(self) -> None:
        """Follow over one connection until it is lost."""
        link = await self._pool.get_connection()
        self._link = link
        topics = (*self._subscribers.topics, self._heart)
        self._standing = {topic: asyncio.get_running_loop().create_future() for topic in topics}
        try:
            await link.send_command("SUBSCRIBE", *(PREFIX + topic for topic in topics))
            async with asyncio.TaskGroup() as group:
                group.create_task(self._receive(link))
                group.create_task(self._beat(link))
        finally:
            self._link = None
            self._up.clear()
            for future in self._standing.values():
                future.cancel()
            self._standing = {}
            await link.disconnect(nowait=True)
            await self._pool.release(link)

    async def _beat(self, link: AbstractConnection) -> None:
        """Ask the server whether it lives; raise when it does not say so in time."""
        while True:
            self._pong.clear()
            await link.send_command("PING")
            async with asyncio.timeout(PONG_S):
                await self._pong.wait()
            await asyncio.sleep(BEAT_S)

    async def _receive(self, link: AbstractConnection) -> None:
        while True:
            reply = cast("list[bytes]", await link.read_response(timeout=math.inf, disconnect_on_error=False))
            self._seen_at = time.monotonic()
            match reply:
                case [b"message", channel, body]:
                    self._deliver(channel.decode().removeprefix(PREFIX), body)
                case [b"subscribe", channel, _]:
                    self._confirm(channel.decode().removeprefix(PREFIX))
                case [b"pong", *_]:
                    self._pong.set()
                case _:
                    pass

    def _deliver(self, topic: str, body: bytes) -> None:
        try:
            message = loads(body)
        except ValueError:
            return
        match message:
            case [str(origin), payload] if origin != self._origin:
                self._subscribers.deliver(topic, payload)
            case _:
                pass

    def _confirm(self, topic: str) -> None:
        """Note that a subscription stands; the heart is the last of a session, so then all do."""
        future = self._standing.get(topic)
        if future is not None and not future.done():
            future.set_result(None)
        if topic != self._heart:
            return
        self._up.set()
        lost, self._lost = self._lost, False
        for callback in self._callbacks if lost else ():
            callback()
