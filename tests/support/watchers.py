"""Watchers for tests: one that keeps what it is told as the page does, and one that never reads."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from omni2.kernel.ids import now
from tests.support.app import Person, Served
from tests.support.clients import ChatClient, Frame, RawClient

PATH = "/ws/watch"


class SleepyWatcher(RawClient):
    """A watcher that reads only when told to."""

    path = PATH


class Watcher:
    """A connection with what it was told: heads and checkpoints by flow, put together by number."""

    def __init__(self, client: ChatClient) -> None:
        self.client = client
        self.heads: dict[str, Frame] = {}
        self.steps: dict[str, dict[int, Frame]] = {}
        for frame in client.frames:
            self._take(frame)
        client.on_frame = self._take

    @classmethod
    async def connect(cls, served: Served, person: Person) -> "Watcher":
        """Connect as a person."""
        client = await ChatClient.connect(served.url, served.credentials(person), path=PATH)
        served.chats.append(client)
        return cls(client)

    async def watch(self, *people: Person, have: dict[str, int] | None = None) -> None:
        """Watch people, and wait for the last part of each one's snapshot."""
        ids = [person.user_id for person in people]
        before = {user_id: self._snapshots(user_id) for user_id in ids}
        await self.client.send(type="watch", user_ids=ids, have=have or {})
        await self.client.until(
            lambda: all(self._snapshots(user_id) > before[user_id] for user_id in ids) or None
        )

    async def end_of(self, flow_id: str) -> list[Frame]:
        """Wait for the end of a flow and all of its checkpoints; return them."""

        def ended() -> bool | None:
            head = self.heads.get(flow_id, {"status": "running"})
            if head["status"] == "running":
                return None
            return len(self.steps.get(flow_id, {})) >= head["steps"] or None

        await self.client.until(ended)
        return self.flow(flow_id)

    def flow(self, flow_id: str) -> list[Frame]:
        """Return a flow's checkpoints; asserts that they count without holes."""
        steps = self.steps.get(flow_id, {})
        assert sorted(steps) == list(range(1, len(steps) + 1))
        return [steps[seq] for seq in sorted(steps)]

    def have(self) -> dict[str, int]:
        """Return what a reconnecting client says that it has."""
        return {flow_id: len(self.flow(flow_id)) for flow_id in self.steps}

    def of(self, kind: str) -> list[Frame]:
        """Return all frames of a type."""
        return [frame for frame in self.client.frames if frame["type"] == kind]

    def _snapshots(self, user_id: str) -> int:
        return sum(frame["user_id"] == user_id and frame["last"] for frame in self.of("snapshot"))

    def _take(self, frame: Frame) -> None:
        plain = {key: value for key, value in frame.items() if key != "type"}
        match frame["type"]:
            case "snapshot":
                for item in frame["flows"]:
                    self._head(item["flow"])
                    for step in item["checkpoints"]:
                        self._step(step)
            case "flow":
                self._head(plain)
            case "checkpoint":
                self._step(plain)
            case _:
                pass

    def _head(self, head: Frame) -> None:
        known = self.heads.get(head["flow_id"])
        if known is None or known["status"] == "running":
            self.heads[head["flow_id"]] = head

    def _step(self, step: Frame) -> None:
        known = self.steps.setdefault(step["flow_id"], {}).setdefault(step["seq"], step)
        assert known == step, "one number, two checkpoints"


async def monitor(served: Served, admin: Person, person: Person, minutes: float = 60) -> dict[str, Any]:
    """Switch monitoring on."""
    body = {"until": (now() + timedelta(minutes=minutes)).isoformat()}
    async with served.client(admin) as client:
        answer = await client.put(f"/api/users/{person.user_id}/monitoring", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def stored(served: Served, admin: Person, flow_id: str) -> tuple[Frame, list[Frame]]:
    """Return a flow as the interface gives it: its head, its checkpoints."""
    async with served.client(admin) as client:
        head = (await client.get(f"/api/flows/{flow_id}")).json()
        steps = (await client.get(f"/api/flows/{flow_id}/checkpoints?limit=500")).json()
    return head, steps["items"]


@asynccontextmanager
async def watching(served: Served, admin: Person, *people: Person) -> AsyncIterator[Watcher]:
    """A watcher of people who are monitored."""
    for person in people:
        await monitor(served, admin, person)
    watcher = await Watcher.connect(served, admin)
    await watcher.watch(*people)
    yield watcher
