"""The conformance suite's scenarios for authorization servers, with a person who allows what is asked."""

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conformance.suite import HOME, LIMIT_S, PROGRAM, node
from tests.support.app import serving_app
from tests.support.clients import NO_TLS
from tests.support.oauth import OAuthClient
from tests.support.product import free_port

pytestmark = [pytest.mark.conformance, pytest.mark.slow]
SCENARIOS = ("authorization-server-metadata-endpoint", "authorization-code-grant")


async def test_every_scenario_for_authorization_servers_passes(database_url: str, tmp_path: Path) -> None:
    program = node()
    port = free_port()
    home = f"http://127.0.0.1:{port}/callback"
    async with serving_app(database_url, tmp_path / "data", None, oauth_registration=True) as served:
        ann = await served.person("Ann")
        await served.process.mirror.refresh()
        async with httpx.AsyncClient(base_url=served.url, verify=NO_TLS) as client:
            made = await client.post("/oauth/register", json={"redirect_uris": [home]})
        asked = OAuthClient(served, made.json()["client_id"], home)
        words = ["authorization", "--url", served.url, "--client-id", asked.client_id, "--port", str(port)]
        suite = await asyncio.create_subprocess_exec(
            *(program, str(PROGRAM), *words, "--resource", f"{served.url}/mcp", "-o", str(tmp_path / "out")),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=HOME,
        )
        assert suite.stdout is not None
        said = ""
        async with asyncio.timeout(LIMIT_S):
            async for line in suite.stdout:
                said += line.decode()
                page = re.search(rf"{served.url}/oauth/authorize\?\S+", said)
                if page is not None and line.startswith(b"Callback server started"):
                    async with served.client(ann) as browser, httpx.AsyncClient(verify=NO_TLS) as follower:
                        body = {"query": urlsplit(page[0]).query, "allow": True}
                        decided = await browser.post("/api/oauth/decide", json=body)
                        await follower.get(decided.json()["redirect"])
            await suite.wait()
    summary = said.rpartition("SUMMARY ===")[2]
    for scenario in SCENARIOS:
        assert re.search(rf"{scenario}: [1-9]\d* passed, 0 failed", summary), said
