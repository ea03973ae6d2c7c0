"""The product beside a server of the suite that people sign in to, and what they do in their browsers."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.support.app import Person, Served, grant, serving_app
from tests.support.clients import NO_TLS

MAX_SIGN_INS = 3

# The suite wants to see the address of its own document as our name; an administrator may give any.
NAMED_BY = "conformance-test.local"
DOCUMENT = f"https://{NAMED_BY}/client-metadata.json"


class Ended(Exception):
    """The scenario ends here, as it may be meant to."""


@dataclass
class Counter:
    """Where the tasks of the suite are done: omni2, and an administrator with a browser."""

    served: Served
    person: Person
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def serve(self, task: dict[str, Any]) -> str:
        """Sign in to the server of a task, list its tools, call one; again as long as it asks for that."""
        slug = f"suite-{next(self.numbers)}"
        async with self.served.client(self.person) as client:
            server_id, said = await self._add(client, slug, task), ""
            try:
                for _ in range(MAX_SIGN_INS):
                    await self._connect(client, server_id, slug)
                    said = await self._use(client, server_id)
                    if not await self._detail(client, slug):
                        return said
            finally:
                await client.delete(f"/api/servers/{server_id}")
        raise Ended(f"It wants yet another sign-in: {said}")

    async def _add(self, client: httpx.AsyncClient, slug: str, task: dict[str, Any]) -> str:
        whole = {"slug": slug, "title": slug, "transport": "http", "url": task["url"], "sign_in": "per_user"}
        added = await client.post("/api/servers", json=whole)
        assert added.status_code == 201, added.text
        server_id = str(added.json()["server_id"])
        context: dict[str, Any] = task["context"]
        given = {name: context[name] for name in ("client_id", "client_secret") if name in context}
        if task["scenario"] == "auth/basic-cimd":
            given = {"client_id": DOCUMENT}
        if given:
            put = await client.put(f"/api/servers/{server_id}/sign-in", json={"mode": "per_user", **given})
            assert put.status_code == 200, put.text
        await grant(self.served.database, slug, ["*"], [], slug)
        await self.served.process.mirror.refresh()
        return server_id

    async def _connect(self, client: httpx.AsyncClient, server_id: str, slug: str) -> None:
        begun = await client.post(f"/api/servers/{server_id}/connect", json={})
        if begun.status_code != 200:
            raise Ended(begun.text)
        async with httpx.AsyncClient(verify=NO_TLS) as browser:
            sent_back = await browser.get(begun.json()["authorization_url"])
        there = urlsplit(sent_back.headers["location"])
        shown = await client.get(f"{there.path}?{there.query}")
        if "outcome=connected" not in shown.headers["location"]:
            raise Ended(f"{shown.headers['location']}: {await self._detail(client, slug)}")

    async def _use(self, client: httpx.AsyncClient, server_id: str) -> str:
        """List and call; what does not work is said by the connection."""
        checked = await client.post(f"/api/servers/{server_id}/refresh", json={})
        listed = await client.get(f"/api/servers/{server_id}/tools")
        said = [checked.text]
        for tool in listed.json()["items"]:
            url = f"/api/servers/{server_id}/tools/{tool['name']}/call"
            said.append((await client.post(url, json={"arguments": {}})).text)
        return "\n".join(said)

    async def _detail(self, client: httpx.AsyncClient, slug: str) -> str | None:
        """Return what the person reads about this sign-in, if anything is wrong with it."""
        items = (await client.get("/api/connections")).json()["items"]
        return next(item["detail"] for item in items if item["slug"] == slug)


@asynccontextmanager
async def open_counter(data: Path) -> AsyncIterator[Counter]:
    """Serve omni2 beside an administrator."""
    url = f"sqlite+aiosqlite:///{data / 'omni2.db'}"
    async with serving_app(url, data, None) as served:
        yield Counter(served, await served.person("Boss", "admin"))
