"""Sends where the chains end to a place outside, as well: the same signed lines as in the anchor files.

A line covers all that was sealed before, so of several that wait only the latest is sent. What is not taken
is sent again, ever less often, and told on the page Audit and in `/api/health`.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

import structlog
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.flows.seal_keys import Signer
from omni2.flows.seal_models import AnchorHook
from omni2.kernel.db import Database, Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now, uptime
from omni2.kernel.journal import Actor, write_journal

log = structlog.get_logger(__name__)

NAME = "anchors"
LOOK_EVERY_S = 1.0
EVERY_S = 5.0
MOST_S = 300.0
SYSTEM = Actor(None, "omni2")
State = Literal["off", "waiting", "ok", "failing"]


class Poster(Protocol):
    """Reaches the outside, by the same rules as servers are reached."""

    async def check(self, url: str, *, allow_private: bool) -> None:
        """Raise `Problem` for an address that may not be posted to."""
        ...

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> None:
        """Post a body and return once it was taken, or raise `Problem`."""
        ...


@dataclass(frozen=True, slots=True)
class HookState:
    """Where anchors are sent, and what became of that. `words` say why the latest was not taken."""

    state: State
    url: str | None = None
    allow_private: bool = False
    delivered_at: datetime | None = None
    failed_at: datetime | None = None
    failures: int = 0
    words: str = ""


class Courier:
    """Sends the latest line. `offer` is called with each that was written to the file."""

    def __init__(self, database: Database, signer: Signer, poster: Poster) -> None:
        self.poster = poster
        self._database = database
        self._signer = signer
        self._latest: bytes | None = None
        self._sent: tuple[str, bytes] | None = None
        self._next = float("-inf")

    def offer(self, line: bytes) -> None:
        """Have a line sent; one that waited is not sent any more."""
        self._latest = line

    async def run(self) -> None:
        """Send what waits, if it is time, then pause."""
        if self._latest is not None and uptime() >= self._next:
            await self.deliver()
        await asyncio.sleep(LOOK_EVERY_S)

    async def deliver(self) -> HookState:
        """Send the latest line unless it was sent there; return what became of it."""
        async with self._database.read() as session:
            hook = await find_hook(session)
        line = self._latest
        if hook.url is None or line is None or self._sent == (hook.url, line):
            return hook
        try:
            await self.poster.send(hook.url, line, self._headers(line), allow_private=hook.allow_private)
        except Problem as problem:
            self._next = uptime() + min(EVERY_S * 2**hook.failures, MOST_S)
            return await self._note(hook, hook.url, problem.detail)
        self._sent = hook.url, line
        self._next = uptime() + EVERY_S
        return await self._note(hook, hook.url, None)

    def _headers(self, line: bytes) -> dict[str, str]:
        return {
            "content-type": "application/json",
            "omni2-key": self._signer.public_text,
            "omni2-signature": self._signer.sign(line),
        }

    async def _note(self, hook: HookState, url: str, failure: str | None) -> HookState:
        """Remember what became of it; the journal says when it begins to fail and when that is over."""
        changed = (failure is None) is not (hook.failures == 0)
        values = {"failures": 0, "words": "", "delivered_at": now()}
        if failure is not None:
            values = {"failures": min(hook.failures + 1, 1_000), "words": failure, "failed_at": now()}
        async with self._database.work() as work:
            await work.session.execute(update(AnchorHook).where(AnchorHook.url == url).values(**values))
            if changed and failure is not None:
                log.warning("anchors_not_sent", failure=failure)
                write_journal(work, SYSTEM, "anchors.failing", f"Anchors cannot be sent to {url}. {failure}")
            elif changed:
                write_journal(work, SYSTEM, "anchors.sent", f"Anchors are sent to {url} again.")
            return await find_hook(work.session)


async def find_hook(session: AsyncSession) -> HookState:
    """Return where anchors are sent and what became of the latest."""
    query = select(AnchorHook).where(AnchorHook.name == NAME).execution_options(populate_existing=True)
    row = await session.scalar(query)
    if row is None:
        return HookState("off")
    state: State = "failing" if row.failures else "ok" if row.delivered_at else "waiting"
    return HookState(
        state, row.url, row.allow_private, row.delivered_at, row.failed_at, row.failures, row.words
    )


async def set_hook(work: Work, actor: Actor, url: str | None, *, allow_private: bool) -> None:
    """Say where anchors are sent from now on; None: to the file alone. The caller has checked the address."""
    before = await work.session.get(AnchorHook, NAME)
    if before is not None:
        await work.session.delete(before)
        await work.session.flush()
    if url is not None:
        work.session.add(AnchorHook(name=NAME, url=url, allow_private=allow_private, failures=0, words=""))
    where = "to the file alone" if url is None else f"to {url} as well"
    sentence = f"{actor.name} had anchors sent {where}."
    write_journal(work, actor, "anchors.changed", sentence, data={"url": url, "allow_private": allow_private})
