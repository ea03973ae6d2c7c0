"""The product beside a server that people sign in to, and what they do in their browsers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from omni2.catalog.sign_in_models import ServerCredential
from omni2.engine.requests import Answered, Asked, answer
from omni2.hub.sign_in_store import find_credential
from omni2.identity.principal import Principal
from omni2.kernel.secrets import digest
from tests.support.app import Person, Served, grant, serving_app
from tests.support.clients import NO_TLS
from tests.support.mcp_servers.raw_http import serving
from tests.support.mcp_servers.vault import Vault


@dataclass
class Bank:
    """A served product, the server `vault`, an administrator and two members who may use it."""

    served: Served
    vault: Vault
    boss: Person
    ann: Person
    bob: Person
    server_id: str = ""
    browsers: list[httpx.AsyncClient] = field(default_factory=list[httpx.AsyncClient])

    async def add(self, mode: str, **body: Any) -> None:
        """Add the server as an administrator does."""
        async with self.served.client(self.boss) as client:
            whole = {
                "slug": "vault",
                "title": "Vault",
                "transport": "http",
                "url": f"{self.vault.origin}/mcp",
            }
            added = await client.post("/api/servers", json={**whole, "sign_in": mode, **body})
        assert added.status_code == 201, added.text
        self.server_id = added.json()["server_id"]
        await grant(self.served.database, "vault", ["*"], [], "vault for all")
        await self.served.process.mirror.refresh()

    async def begin(self, person: Person, page: str = "tools") -> httpx.Response:
        """Ask to be sent to the sign-in server."""
        async with self.served.client(person) as client:
            return await client.post(f"/api/servers/{self.server_id}/connect", json={"page": page})

    async def authorize(self, url: str) -> str:
        """Return where the sign-in server sends the browser."""
        async with httpx.AsyncClient(verify=NO_TLS) as browser:
            answered = await browser.get(url)
        assert answered.status_code == 302, answered.text
        return answered.headers["location"]

    async def come_back(self, person: Person | None, location: str) -> str:
        """Let a browser come back; return the page that it is shown."""
        parts = urlsplit(location)
        async with self.served.client(person) as browser:
            answered = await browser.get(f"{parts.path}?{parts.query}")
        assert answered.status_code == 302, answered.text
        return answered.headers["location"]

    async def connect(self, person: Person, account: str, page: str = "tools") -> str:
        """Sign in from beginning to end; return the page that the person is shown."""
        self.vault.account = account
        begun = await self.begin(person, page)
        assert begun.status_code == 200, begun.text
        return await self.come_back(person, await self.authorize(begun.json()["authorization_url"]))

    async def checked(self) -> dict[str, Any]:
        """Let the server be checked now; return it as it is shown."""
        async with self.served.client(self.boss) as client:
            answered = await client.post(f"/api/servers/{self.server_id}/refresh", json={})
        assert answered.status_code == 200, answered.text
        return answered.json()

    async def connection(self, person: Person) -> dict[str, Any]:
        """Return the person's sign-in at the server as My tools shows it."""
        async with self.served.client(person) as client:
            answered = await client.get("/api/connections")
        return next(item for item in answered.json()["items"] if item["slug"] == "vault")

    async def call(self, person: Person, tool: str = "whoami") -> Answered:
        """Call a tool on the governed path."""
        user = person.user
        principal = Principal(
            user.user_id, user.email, user.name, user.role, "session", digest(person.cookie)
        )
        return await answer(self.served.process.engine, principal, Asked("tool", "vault", tool, {}))

    async def credential(self, owner: str) -> ServerCredential | None:
        """Return what is stored of an owner."""
        async with self.served.database.read() as session:
            return await find_credential(session, self.server_id, owner)


@asynccontextmanager
async def open_bank(
    database_url: str, data: Path, vault: Vault | None = None, **changed: Any
) -> AsyncIterator[Bank]:
    """Open a bank; `changed` are settings."""
    vault = vault or Vault()
    async with serving(vault) as origin, serving_app(database_url, data, None, **changed) as served:
        vault.origin = origin
        boss, ann = await served.person("Boss", "admin"), await served.person("Ann")
        yield Bank(served, vault, boss, ann, await served.person("Bob"))


def parameters(url: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
