"""A house in order: the running product with an admin, a member, one MCP server and a scripted model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omni2.catalog.price import Price
from omni2.flows.checkpoints import Checkpoint
from tests.support.app import PER_MESSAGE, Person, Served, add_model, grant, serving_app
from tests.support.clients import ChatClient, Frame
from tests.support.mcp_servers.raw_http import serving
from tests.support.mcp_servers.workshop import Workshop
from tests.support.scripted_model import ScriptedModel, says

RULE = "tools for all"


@dataclass
class House:
    """What a test holds on to. The server is `shop`; its tools are granted but for `secret_*`."""

    served: Served
    workshop: Workshop
    model: ScriptedModel
    boss: Person
    ann: Person
    server_id: str
    grant_id: str
    model_id: str

    async def chat(self, person: Person | None = None) -> ChatClient:
        """Return a greeted connection of Ann, or of another person."""
        return await self.served.chat(person or self.ann)

    async def kinds(self, flow_id: str) -> list[str]:
        """Return the kinds of a flow's checkpoints, in order; asserts that they count without holes."""
        head, checkpoints = await self.served.flow(flow_id)
        assert [item.seq for item in checkpoints] == list(range(1, len(checkpoints) + 1))
        assert head.last_seq in {0, len(checkpoints)}
        return [item.kind for item in checkpoints]

    async def only(self, flow_id: str, kind: str) -> Checkpoint:
        """Return the one checkpoint of a kind."""
        _, checkpoints = await self.served.flow(flow_id)
        found = [item for item in checkpoints if item.kind == kind]
        assert len(found) == 1, [item.kind for item in checkpoints]
        return found[0]

    async def budget(self, person: Person, micros: int) -> None:
        """Set a person's limit of the day."""
        async with self.served.client(self.boss) as client:
            answer = await client.put(f"/api/users/{person.user_id}/budget", json={"limit_micros": micros})
        assert answer.status_code == 200, answer.text

    async def block(self, person: Person, **order: Any) -> dict[str, Any]:
        """Block a person; return the receipt."""
        body = {"scope": "everywhere", "reason": "drill", "message": "Please see me.", **order}
        async with self.served.client(self.boss) as client:
            answer = await client.put(f"/api/users/{person.user_id}/block", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def unblock(self, person: Person) -> None:
        """Lift the block of a person."""
        async with self.served.client(self.boss) as client:
            answer = await client.delete(f"/api/users/{person.user_id}/block")
        assert answer.status_code == 200, answer.text


@asynccontextmanager
async def open_house(
    database_url: str,
    data: Path,
    model: ScriptedModel | None = None,
    price: Price | None = PER_MESSAGE,
    **changed: Any,
) -> AsyncIterator[House]:
    """Open a house; `changed` are settings."""
    workshop, scripted = Workshop(), model or ScriptedModel(otherwise=says("Hello there."))
    async with (
        serving(workshop) as upstream,
        serving_app(database_url, data, scripted, **changed) as served,
    ):
        boss, ann = await served.person("Boss", "admin"), await served.person("Ann")
        model_id = await add_model(served.database, price)
        server_id = await add_shop(served, boss, upstream)
        grant_id = await grant(served.database, "shop", ["*"], ["secret_*"], RULE)
        await served.process.mirror.refresh()
        yield House(served, workshop, scripted, boss, ann, server_id, grant_id, model_id)


async def add_shop(served: Served, boss: Person, upstream: str) -> str:
    """Add the server `shop` as an admin does; return its id."""
    body = {"slug": "shop", "title": "Shop", "transport": "http", "url": f"{upstream}/mcp"}
    async with served.client(boss) as client:
        answer = await client.post("/api/servers", json={**body, "allow_private": True, "bearer": SECRET})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["server_id"])


SECRET = "planted-bearer-of-the-shop-0123456789"


def text_of(frames: list[Frame]) -> str:
    """Return the streamed text of a turn."""
    return "".join(frame["text"] for frame in frames if frame["type"] == "text")


def types_of(frames: list[Frame]) -> list[str]:
    """Return the types of a turn's frames; asserts that `n` counts without holes."""
    assert [frame["n"] for frame in frames] == list(range(1, len(frames) + 1))
    return [frame["type"] for frame in frames]
