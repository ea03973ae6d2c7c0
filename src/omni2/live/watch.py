"""Acts on what the mirror sees: ends what a block covers, and what an ended session or token held open."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

import structlog

from omni2.identity.auth import SEEN_WRITE_S, Authenticator
from omni2.identity.epochs import Kind, Mirror
from omni2.kernel.errors import Problem
from omni2.kernel.tasks import Supervisor
from omni2.live.block import Blocking
from omni2.live.registry import Ending, Handle, Registry

log = structlog.get_logger(__name__)

RETRY_S = 0.05
SIGNED_OUT = Ending(4401, "not_signed_in", "You were signed out. Sign in again.")
DEACTIVATED = Ending(4403, "deactivated", "This account is deactivated. Ask your administrator.")


def watch_epochs(
    mirror: Mirror,
    blocking: Blocking,
    authenticator: Authenticator,
    registry: Registry,
    supervisor: Supervisor,
) -> None:
    """Start acting on changes. To be called once the lease is held and the mirror was read.

    Blocks made between the two are confirmed first, since nobody will tell of them again.
    """
    watch = _Watch(mirror, blocking, authenticator, registry, supervisor)
    mirror.on_change(watch.changed)
    supervisor.spawn(watch.confirm_recent(), name="confirm_recent")
    supervisor.loop("write_seen", watch.write_seen)


@dataclass(eq=False, slots=True)
class _Watch:
    mirror: Mirror
    blocking: Blocking
    authenticator: Authenticator
    registry: Registry
    supervisor: Supervisor
    again: dict[tuple[Kind, str], bool] = field(default_factory=dict[tuple[Kind, str], bool])

    def changed(self, kind: Kind, key: str) -> None:
        """Start acting on a change; one that comes while its like is acted on is acted on afterwards."""
        if kind not in {"block", "user"}:
            return
        if (kind, key) in self.again:
            self.again[kind, key] = True
            return
        self.again[kind, key] = False
        self.supervisor.spawn(self._act(kind, key), name=f"watch_{kind}")

    async def confirm_recent(self) -> None:
        """Confirm what was blocked while this replica started."""
        await _until_answered(self.blocking.confirm_recent)

    async def write_seen(self) -> None:
        """Store who was seen, then pause."""
        await asyncio.sleep(SEEN_WRITE_S)
        await self.authenticator.write_seen()

    async def _act(self, kind: Kind, key: str) -> None:
        try:
            while True:
                self.again[kind, key] = False
                act = self.blocking.confirm if kind == "block" else self._recheck
                await _until_answered(partial(act, key))
                if not self.again[kind, key]:
                    return
        finally:
            self.again.pop((kind, key), None)

    async def _recheck(self, user_id: str) -> None:
        handles = self.registry.of(user_id)
        if handles and not self.mirror.is_active(user_id):
            await self.registry.end(handles, DEACTIVATED)
            return
        credentials = {handle.credential_id for handle in handles if handle.kind in {"socket", "stream"}}
        for credential_id in credentials:
            ending = await self._ending(credential_id)
            if ending is None:
                continue
            await self.mirror.catch_up()  # the credential's row may be newer than our view of its owner
            if not self.mirror.is_active(user_id):
                await self.registry.end(handles, DEACTIVATED)
                return
            await self.registry.end(_opened_by(handles, credential_id), ending)

    async def _ending(self, credential_id: str) -> Ending | None:
        try:
            await self.authenticator.recheck(credential_id)
        except Problem as problem:
            if problem.code == "not_signed_in":
                return SIGNED_OUT
            if problem.status >= 500:
                raise
        return None


def _opened_by(handles: tuple[Handle, ...], credential_id: str) -> list[Handle]:
    return [
        handle
        for handle in handles
        if handle.credential_id == credential_id and handle.kind in {"socket", "stream"}
    ]


async def _until_answered(act: Callable[[], Awaitable[None]]) -> None:
    """Do it again while the database does not answer: everything here may be repeated."""
    while True:
        try:
            return await act()
        except Problem as problem:
            log.warning("change_not_acted_on", code=problem.code)
            if problem.status < 500:
                return None
            await asyncio.sleep(RETRY_S)
