"""Who watched whom, on record: that it began before anything is told, that it ended soon after it did."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from omni2.identity.people import get_user
from omni2.kernel.db import Database
from omni2.kernel.ids import uptime
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.tasks import finish


@dataclass(frozen=True, slots=True)
class Watch:
    """Somebody watches a user, named by their e-mail address, since a moment of the uptime (s)."""

    actor: Actor
    user_id: str
    email: str
    since: float = field(default_factory=uptime)


class WatchJournal:
    """Writes beginnings at once and ends behind whoever left, who may be gone already."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ended: list[tuple[Watch, float]] = []
        self._wake = asyncio.Event()

    async def begin(self, actor: Actor, user_ids: Sequence[str]) -> list[Watch]:
        """Note that somebody begins to watch these users. Raises `Problem`: then nothing may be shown."""
        begun: list[Watch] = []
        async with self._database.work() as work:
            for user_id in user_ids:
                user = await get_user(work.session, user_id)
                sentence = f"Watched {user.email} live."
                write_journal(work, actor, "user.watched", sentence, subject_id=user_id)
                begun.append(Watch(actor, user_id, user.email))
        return begun

    def end(self, watch: Watch) -> None:
        """Note that it ended; never waits."""
        self._ended.append((watch, uptime() - watch.since))
        self._wake.set()

    async def run(self) -> None:
        """Write what ended, once something did; what waits when the process stops is written as well."""
        try:
            await self._wake.wait()
        finally:
            await finish(self._write())

    async def _write(self) -> None:
        ended, self._ended = self._ended, []
        self._wake.clear()
        if not ended:
            return
        try:
            async with self._database.work() as work:
                for watch, seconds in ended:
                    sentence = f"Stopped watching {watch.email} live after {_words(seconds)}."
                    data = {"seconds": round(seconds, 1)}
                    kind, subject_id = "user.watch_ended", watch.user_id
                    write_journal(work, watch.actor, kind, sentence, subject_id=subject_id, data={**data})
        except BaseException:
            self._ended = [*ended, *self._ended]
            self._wake.set()
            raise


def _words(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes == 0:
        return f"{max(1, round(seconds))} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
