"""A served product with two people and one program that may be connected."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.app import Person, Served, serving_app
from tests.support.clients import NO_TLS
from tests.support.oauth import OAuthClient, Site, trust, vendor


@dataclass
class OAuthHouse:
    """What a test holds on to."""

    served: Served
    site: Site
    client: OAuthClient
    ann: Person
    boss: Person

    async def api_status(self, token: str) -> tuple[int, str]:
        """Return what the API answers to a token: 403 for one that is known but opens only `/mcp`."""
        async with httpx.AsyncClient(base_url=self.served.url, timeout=20, verify=NO_TLS) as program:
            answer = await program.get("/api/auth/me", headers={"authorization": f"Bearer {token}"})
        return answer.status_code, answer.json().get("code", "")

    async def works(self, token: str) -> bool:
        """Whether an access token of a client is accepted as who it is for."""
        status, code = await self.api_status(token)
        assert (status, code) in {(403, "insufficient_scope"), (401, "not_signed_in"), (403, "blocked")}
        return code == "insufficient_scope"


@asynccontextmanager
async def open_oauth_house(database_url: str, folder: Path, **changed: Any) -> AsyncIterator[OAuthHouse]:
    """Serve the product; `changed` are settings."""
    async with vendor(folder) as site, serving_app(database_url, folder / "data", None, **changed) as served:
        trust(served, site)
        ann, boss = await served.person("Ann"), await served.person("Boss", "admin")
        await served.process.mirror.refresh()
        yield OAuthHouse(served, site, OAuthClient(served, site.publish()), ann, boss)
