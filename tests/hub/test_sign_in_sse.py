"""Signing in to a server of the older transport, whose answers come on one standing stream."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.mcp_servers.bazaar import Bazaar
from tests.support.mcp_servers.raw_http import JSON, App, Receive, Scope, Send, respond
from tests.support.mcp_servers.vault import Vault
from tests.support.signing import Bank, open_bank, parameters
from tests.upstream.test_pool_sse import sse_app

pytestmark = [
    pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning"),
    pytest.mark.cuts,
]


@dataclass
class OldVault(Vault):
    """The sign-in server of a vault, before a bazaar of the older transport."""

    streams: list[asyncio.Task[object]] = field(default_factory=list[asyncio.Task[object]])
    bazaar: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request, of either server."""
        self.bazaar = self.bazaar or sse_app(Bazaar(), self.streams)
        headers = dict(scope.get("headers", ()))
        token = headers.get(b"authorization", b"").decode().removeprefix("Bearer ")
        if not scope["path"].startswith(("/sse", "/messages")):
            await super().__call__(scope, receive, send)
        elif scope["path"] == "/sse" and scope["method"] != "GET":
            await respond(send, 405, b"")
        elif token in self.access:
            await self.bazaar(scope, receive, send)
        else:
            await respond(send, 401, b"{}", JSON, (b"www-authenticate", b'Bearer scope="old:read"'))


@pytest.fixture
async def bank(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[Bank]:
    vault, url = OldVault(), f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / 'omni2.db')}"
    async with open_bank(url, tmp_path / "data", vault, demo=False) as bank:
        vault.resource = {"resource": f"{vault.origin}/sse"}
        await bank.add("per_user", transport="sse", url=f"{vault.origin}/sse")
        yield bank


async def test_tools_are_listed_and_called_with_what_was_signed_in_for(bank: Bank) -> None:
    asked = parameters((await bank.begin(bank.ann)).json()["authorization_url"])
    assert asked["scope"] == "old:read"
    assert await bank.connect(bank.ann, "ann@vault.test") == "/tools?connect=vault&outcome=connected"
    assert (await bank.checked())["state"] == "connected"
    assert (await bank.call(bank.ann, "echo")).called.status == "ok"


async def test_a_token_that_ends_within_a_session_is_renewed(bank: Bank) -> None:
    await bank.connect(bank.ann, "ann@vault.test")
    await bank.checked()
    assert (await bank.call(bank.ann, "echo")).called.status == "ok"
    bank.vault.expire()
    assert (await bank.call(bank.ann, "echo")).called.status == "ok"
    assert [asked["grant_type"] for asked in bank.vault.grants] == ["authorization_code", "refresh_token"]
    assert (await bank.connection(bank.ann))["state"] == "connected"


async def test_without_a_sign_in_it_is_asked_for(bank: Bank) -> None:
    await bank.connect(bank.boss, "boss@vault.test")
    assert (await bank.checked())["state"] == "connected"
    called = (await bank.call(bank.bob, "echo")).called
    assert "Vault needs your own account" in called.text
