"""Who watches whom, on all replicas: each says whom it watches, and hears of those who live elsewhere.

The bus makes it instant and is never the truth: what it loses is found when the store is asked again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from pydantic import JsonValue

from omni2.identity.epochs import Mirror
from omni2.kernel.bus import Bus
from omni2.kernel.ids import new_id, uptime
from omni2.live.attention import Attention
from omni2.live.registry import Registry

TOPIC = "watching"
STEP_S = 0.5
GATHER_S = 0.02
SAY_AGAIN_S = 2.0
HELD_S = 6.0
FLOWS_LIMIT = 10_000

State = Literal["idle", "thinking", "offline", "blocked"]
STATES: tuple[State, ...] = ("thinking", "idle", "blocked", "offline")
_STRONGER: tuple[State, ...] = ("offline", "idle", "thinking", "blocked")


@dataclass(frozen=True, slots=True)
class Presence:
    """What a user does on the replicas that told of it, and by how many sockets."""

    state: State = "offline"
    sockets: int = 0

    def beside(self, other: "Presence") -> "Presence":
        """Return both replicas' parts as one."""
        state: State = max((self.state, other.state), key=_STRONGER.index)
        return Presence(state, self.sockets + other.sockets)


@dataclass(slots=True)
class _Elsewhere:
    """What another replica said last: whom it watches and by whom, and what it knows of who is watched."""

    until: float
    watched: dict[str, list[str]]
    presence: dict[str, Presence]


@dataclass(slots=True)
class _Here:
    watchers: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    flows: dict[str, str] = field(default_factory=dict[str, str])


class Watching:
    """The watchers of all replicas, and what grows on one and is watched on another."""

    def __init__(self, bus: Bus, attention: Attention, registry: Registry, mirror: Mirror) -> None:
        self._bus = bus
        self._attention = attention
        self._registry = registry
        self._mirror = mirror
        self._here = _Here()
        self._others: dict[str, _Elsewhere] = {}
        self._hear: Callable[[str, str], None] = _nothing
        self._changed = asyncio.Event()
        self._said_at = float("-inf")
        self._said: JsonValue = None
        self._me = new_id()
        attention.hear(self._note)

    def hear(self, callback: Callable[[str, str], None]) -> None:
        """Let `callback` have user id and flow id of what grew, here or elsewhere, and is watched here."""
        self._hear = callback

    @property
    def here(self) -> frozenset[str]:
        """Whom this replica's watchers watch."""
        return frozenset(self._here.watchers)

    @property
    def bus_up(self) -> bool:
        """Whether other replicas can be heard."""
        return self._bus.connected

    def add(self, user_id: str, watcher: str) -> None:
        """Begin to watch; `watcher` is the e-mail address of who looks."""
        self._here.watchers.setdefault(user_id, Counter())[watcher] += 1
        self._turn()

    def remove(self, user_id: str, watcher: str) -> None:
        """Stop watching."""
        held = self._here.watchers.get(user_id)
        if held is None:
            return
        held[watcher] -= 1
        if held[watcher] <= 0:
            del held[watcher]
        if not held:
            del self._here.watchers[user_id]
        self._turn()

    def watchers(self, user_id: str) -> list[str]:
        """Return who watches a user now, on any replica that can be heard."""
        own = self._here.watchers.get(user_id, Counter[str]())
        return sorted({*own, *(name for other in self._live() for name in other.watched.get(user_id, ()))})

    def presence(self, user_id: str) -> Presence:
        """Return what a user does now, as far as it is told."""
        found = self._own_presence(user_id)
        for other in self._live():
            found = found.beside(other.presence.get(user_id, Presence()))
        return found

    async def say(self) -> None:
        """Tell the other replicas what changed, and all of it now and then; one step, then a pause."""
        if not self._all():
            await self._changed.wait()
        self._changed.clear()
        self._forget_silent()
        await self._say()
        await asyncio.sleep(GATHER_S)
        try:
            async with asyncio.timeout(STEP_S):
                await self._changed.wait()
        except TimeoutError:
            return

    async def listen(self) -> None:
        """Hear the other replicas."""
        async with self._bus.subscribe(TOPIC) as inbox:
            while True:
                _, payload = await inbox.get()
                self._take(payload)

    def _note(self, user_id: str, flow_id: str) -> None:
        if user_id in self._here.watchers:
            self._hear(user_id, flow_id)
        if any(user_id in other.watched for other in self._others.values()):
            if len(self._here.flows) < FLOWS_LIMIT:
                self._here.flows[flow_id] = user_id
            self._changed.set()

    async def _say(self) -> None:
        told: dict[str, JsonValue] = {
            "watched": {user_id: [*names] for user_id, names in self._here.watchers.items()},
            "presence": {
                user_id: [found.state, found.sockets]
                for user_id in sorted(self._all())
                if (found := self._own_presence(user_id)) != Presence()
            },
        }
        flows, self._here.flows = self._here.flows, {}
        moment = uptime()
        if told == self._said and not flows and moment - self._said_at < SAY_AGAIN_S:
            return
        self._said, self._said_at = told, moment
        message: dict[str, JsonValue] = {"replica": self._me, "flows": {**flows}, **told}
        await self._bus.publish(TOPIC, message)

    def _take(self, payload: JsonValue) -> None:
        match payload:
            case {"replica": str(replica), "watched": dict(watched), "presence": dict(presence)}:
                if replica == self._me:
                    return
                known = replica in self._others
                self._others[replica] = _Elsewhere(
                    uptime() + HELD_S, _names(watched), {key: _presence(of) for key, of in presence.items()}
                )
                self._turn(said=known)
                for flow_id, user_id in _pairs(payload.get("flows")):
                    if user_id in self._here.watchers:
                        self._hear(user_id, flow_id)
            case _:
                return

    def _turn(self, *, said: bool = False) -> None:
        self._attention.watch(self._all())
        if not said:
            self._changed.set()

    def _all(self) -> set[str]:
        return {*self._here.watchers, *(key for other in self._others.values() for key in other.watched)}

    def _own_presence(self, user_id: str) -> Presence:
        sockets = self._registry.count(user_id, "socket")
        if self._mirror.block_of(user_id) is not None:
            return Presence("blocked", sockets)
        return Presence(self._registry.state(user_id), sockets)

    def _live(self) -> Iterable[_Elsewhere]:
        moment = uptime()
        return [other for other in self._others.values() if other.until > moment]

    def _forget_silent(self) -> None:
        moment = uptime()
        silent = [replica for replica, other in self._others.items() if other.until <= moment]
        for replica in silent:
            del self._others[replica]
        if silent:
            self._attention.watch(self._all())


def _nothing(user_id: str, flow_id: str) -> None:
    del user_id, flow_id


def _names(watched: dict[str, JsonValue]) -> dict[str, list[str]]:
    return {
        user_id: [str(name) for name in names]
        for user_id, names in watched.items()
        if isinstance(names, list)
    }


def _presence(told: JsonValue) -> Presence:
    match told:
        case [str(state), int(sockets)] if state in STATES:
            return Presence(state, sockets)
        case _:
            return Presence()


def _pairs(told: JsonValue) -> list[tuple[str, str]]:
    return [(flow_id, str(user_id)) for flow_id, user_id in told.items()] if isinstance(told, dict) else []
