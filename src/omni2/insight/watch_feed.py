"""The feed of this replica: what is on record of watched users, read once for all who watch them."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass
from typing import Protocol

from omni2.flows.checkpoints import Checkpoint
from omni2.flows.queries import masked
from omni2.flows.schemas import FlowRow
from omni2.insight.watch_inbox import Told
from omni2.insight.watch_read import NO_CONTENT, Growth, list_moving, read_growth
from omni2.kernel.db import Database
from omni2.kernel.ids import new_key, uptime
from omni2.live.monitor import monitored_among
from omni2.live.watching import Watching

GATHER_S = 0.025
LOOK_S = 1.0
LOOK_ALONE_S = 0.25
FLOWS_A_READ = 100
REMEMBERED = 5_000


class Watcher(Protocol):
    """Who is told. Nothing here waits."""

    @property
    def name(self) -> str:
        """The e-mail address of who looks."""
        ...

    @property
    def sees_content(self) -> bool:
        """Whether nothing is hidden from them."""
        ...

    def tell(self, told: Told) -> None:
        """Take a frame about a user whom they watch."""
        ...

    def look_again(self) -> None:
        """Look at who is there: presence may have changed."""
        ...

    def end_watch(self, user_id: str) -> None:
        """Stop watching a user who is not monitored any more."""
        ...


@dataclass(slots=True)
class _Flow:
    """What the watchers were told of a flow."""

    user_id: str
    seq: int = 0
    named: bool = False
    ended: bool = False


class Feed:
    """Tells watchers what grew. The hint that something did may be lost: the store is looked at besides."""

    def __init__(self, database: Database, watching: Watching) -> None:
        self._database = database
        self._watching = watching
        self._watchers: dict[str, set[Watcher]] = {}
        self._since: dict[str, int] = {}
        self._grown: dict[str, str] = {}
        self._flows: OrderedDict[str, _Flow] = OrderedDict()
        self._wake = asyncio.Event()
        self._look_at = 0.0
        watching.hear(self.note)

    def note(self, user_id: str, flow_id: str) -> None:
        """Look at this flow soon."""
        self._grown[flow_id] = user_id
        self._wake.set()

    def add(self, user_id: str, watcher: Watcher) -> None:
        """Tell this watcher of the user from now on."""
        if user_id not in self._watchers:
            self._watchers[user_id], self._since[user_id] = set(), new_key()
        self._watchers[user_id].add(watcher)
        self._watching.add(user_id, watcher.name)
        self._look_at = 0.0
        self._wake.set()

    def remove(self, user_id: str, watcher: Watcher) -> None:
        """Tell this watcher no more."""
        held = self._watchers.get(user_id, set())
        if watcher not in held:
            return
        held.discard(watcher)
        if not held:
            del self._watchers[user_id], self._since[user_id]
        self._watching.remove(user_id, watcher.name)

    def watchers_of(self, user_id: str) -> frozenset[Watcher]:
        """Return who watches a user on this replica."""
        return frozenset(self._watchers.get(user_id, ()))

    async def run(self) -> None:
        """Read what grew and tell of it; one pass, then a pause."""
        await self._until_due()
        if uptime() >= self._look_at:
            self._look_at = uptime() + (LOOK_S if self._watching.bus_up else LOOK_ALONE_S)
            await self._look()
        grown, self._grown = self._grown, {}
        try:
            await self._tell(grown)
        except BaseException:
            self._grown = {**grown, **self._grown}
            self._wake.set()
            raise
        await asyncio.sleep(GATHER_S)

    async def _until_due(self) -> None:
        """Wait for a hint, or until the store is to be looked at; for ever while nobody watches."""
        while not self._grown or not self._watchers:
            self._wake.clear()
            if not self._watchers:
                self._grown.clear()
                self._flows.clear()
                await self._wake.wait()
                continue
            pause = self._look_at - uptime()
            if pause <= 0:
                return
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                return

    async def _look(self) -> None:
        """Find what nobody hinted at, and whom nobody may watch any more."""
        user_ids = set(self._watchers)
        async with self._database.read() as session:
            monitored = await monitored_among(session, user_ids)
            moving = await list_moving(session, {one: self._since.get(one, 0) for one in monitored})
        for user_id in user_ids - monitored:
            for watcher in tuple(self._watchers.get(user_id, ())):
                watcher.end_watch(user_id)
        known = {flow_id: flow.user_id for flow_id, flow in self._flows.items() if not flow.ended}
        ended = {flow_id for flow_id, flow in self._flows.items() if flow.ended}
        self._grown.update({**known, **{flow_id: of for flow_id, of in moving if flow_id not in ended}})
        for watcher in {one for held in self._watchers.values() for one in held}:
            watcher.look_again()

    async def _tell(self, grown: dict[str, str]) -> None:
        ids = [flow_id for flow_id, user_id in grown.items() if user_id in self._watchers]
        for at in range(0, len(ids), FLOWS_A_READ):
            part = ids[at : at + FLOWS_A_READ]
            after = {flow_id: self._seen(flow_id, grown[flow_id]).seq for flow_id in part}
            hidden = any(not one.sees_content for held in self._watchers.values() for one in held)
            async with self._database.read() as session:
                growth = await read_growth(session, after, hidden=hidden)
            self._pass_on(growth, hidden=hidden)
            if not growth.complete:
                self._grown.update({flow_id: grown[flow_id] for flow_id in after})
                self._wake.set()

    def _pass_on(self, growth: Growth, *, hidden: bool) -> None:
        for flow_id, head in growth.heads.items():
            flow = self._seen(flow_id, head.user_id)
            if not flow.named and head.status == "running":
                self._put(_of_head(head, growth.hidden_heads.get(flow_id)))
            flow.named = True
        for step in growth.steps:
            self._seen(step.flow_id, step.user_id).seq = step.seq
            self._put(_of_step(step, hidden=hidden))
        for flow_id, head in growth.heads.items():
            flow = self._seen(flow_id, head.user_id)
            if head.status != "running" and not flow.ended and growth.complete:
                flow.ended = True
                self._put(_of_head(head, growth.hidden_heads.get(flow_id)))

    def _put(self, told: Told) -> None:
        for watcher in self._watchers.get(told.user_id, ()):
            watcher.tell(told)

    def _seen(self, flow_id: str, user_id: str) -> _Flow:
        flow = self._flows.get(flow_id)
        if flow is None:
            flow = self._flows[flow_id] = _Flow(user_id)
            if len(self._flows) > REMEMBERED:
                self._flows.popitem(last=False)
        return flow


def _of_head(head: FlowRow, hidden: FlowRow | None) -> Told:
    return Told(head.user_id, _typed("flow", head), hidden and _typed("flow", hidden))


def _of_step(step: Checkpoint, *, hidden: bool) -> Told:
    shown = _typed("checkpoint", step)
    return Told(step.user_id, shown, _typed("checkpoint", masked(step, NO_CONTENT)) if hidden else None)


def _typed(kind: str, what: Checkpoint | FlowRow) -> str:
    """Return a frame: what is stored, with its type in front."""
    return f'{{"type":"{kind}",{what.model_dump_json()[1:]}'
