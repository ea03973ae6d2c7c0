"""Signing in to servers against those who lie, replay, lead astray and listen."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import structlog
from sqlalchemy import text

from omni2.migrations.tables import metadata
from tests.support.mcp_servers.raw_http import serving
from tests.support.mcp_servers.vault import Vault
from tests.support.signing import Bank, open_bank, parameters

EXPIRED = "/tools?outcome=expired"
FAILED = "/tools?connect=vault&outcome=failed"
METADATA = "http://169.254.169.254/latest"


@pytest.fixture
async def bank(database_url: str, tmp_path: Path) -> AsyncIterator[Bank]:
    async with open_bank(database_url, tmp_path / "data", demo=False) as bank:
        await bank.add("per_user")
        yield bank


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
async def test_an_answer_of_another_issuer_is_not_exchanged(bank: Bank, issuer: str | None) -> None:
    bank.vault.says_issuer = issuer
    assert await bank.connect(bank.ann, "ann@vault.test") == FAILED
    assert bank.vault.grants == []
    shown = await bank.connection(bank.ann)
    assert shown["state"] == "failed"
    assert shown["detail"].startswith("The sign-in to Vault did not work: the answer ")


async def test_a_refusal_is_told_in_words_and_only_in_ours(bank: Bank) -> None:
    bank.vault.refuses = "access_denied"
    assert await bank.connect(bank.ann, "ann@vault.test") == FAILED
    shown = await bank.connection(bank.ann)
    assert shown["detail"] == "The sign-in to Vault did not work: it was not allowed there."


async def test_an_answer_counts_once_and_only_where_it_was_asked_for(bank: Bank) -> None:
    location = await bank.authorize((await bank.begin(bank.ann)).json()["authorization_url"])
    assert await bank.come_back(bank.bob, location) == EXPIRED
    assert await bank.come_back(None, location) == EXPIRED
    path, asked = urlsplit(location).path, parameters(location)
    for wrong in ({**asked, "state": "guessed"}, {"code": asked["code"], "iss": asked["iss"]}):
        assert await bank.come_back(bank.ann, f"{path}?{urlencode(wrong)}") == EXPIRED
    assert await bank.come_back(bank.ann, f"{location}&state=again") == EXPIRED
    assert bank.vault.grants == []

    assert await bank.come_back(bank.ann, location) == "/tools?connect=vault&outcome=connected"
    assert await bank.come_back(bank.ann, location) == EXPIRED
    assert len(bank.vault.grants) == 1


async def test_an_answer_that_comes_too_late_is_not_taken(bank: Bank) -> None:
    location = await bank.authorize((await bank.begin(bank.ann)).json()["authorization_url"])
    async with bank.served.database.work() as work:
        await work.session.execute(text("UPDATE server_sign_in_states SET expires_at = 1"))
    assert await bank.come_back(bank.ann, location) == EXPIRED


LIES: dict[str, tuple[dict[str, Any], str]] = {
    "its metadata lie at a metadata address": ({"names_resource": METADATA}, "url_refused"),
    "it leads to a metadata address": ({"leads_to": METADATA}, "url_refused"),
    "another signs in, at a metadata address": (
        {"resource": {"authorization_servers": [METADATA]}},
        "url_refused",
    ),
    "its tokens are for another": (
        {"resource": {"resource": "https://other.example/mcp"}},
        "sign_in_invalid",
    ),
    "it speaks for another issuer": ({"metadata": {"issuer": "https://other.example"}}, "sign_in_invalid"),
    "it has no PKCE": ({"metadata": {"code_challenge_methods_supported": ["plain"]}}, "sign_in_invalid"),
    "people are sent to a script": (
        {"metadata": {"authorization_endpoint": "javascript:alert(1)"}},
        "url_refused",
    ),
    "it registers at a metadata address": ({"metadata": {"registration_endpoint": METADATA}}, "url_refused"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_server_that_leads_astray_is_not_followed(bank: Bank, lie: str) -> None:
    changed, code = LIES[lie]
    for name, value in changed.items():
        setattr(bank.vault, name, value)
    if bank.vault.leads_to:
        bank.vault.names_resource = f"{bank.vault.origin}/led"
    refused = await bank.begin(bank.ann)
    assert (refused.status_code >= 400, refused.json()["code"]) == (True, code), refused.text


async def test_a_token_goes_to_no_other_server(bank: Bank) -> None:
    await bank.connect(bank.ann, "ann@vault.test")
    await bank.checked()
    other = Vault()
    async with serving(other) as origin, bank.served.client(bank.boss) as client:
        other.origin = origin
        changed = await client.patch(f"/api/servers/{bank.server_id}", json={"url": f"{origin}/mcp"})
        assert changed.status_code == 200, changed.text
        called = (await bank.call(bank.ann)).called
    assert "server_sign_in_needed" in called.text
    assert [headers for headers in other.of("/mcp") if "authorization" in headers] == []


async def test_tokens_appear_nowhere(bank: Bank) -> None:
    with structlog.testing.capture_logs() as logs:
        await bank.connect(bank.ann, "ann@vault.test")
        await bank.checked()
        leaked = await bank.call(bank.ann, "leak")
        bank.vault.expire()
        await bank.call(bank.ann, "leak")
        bank.vault.expire()
        bank.vault.refresh.clear()
        await bank.call(bank.ann)
        said = [await bank.connection(bank.ann), await bank.checked()]
    assert leaked.called.status == "ok"
    secrets = [*bank.vault.given, *(asked["code_verifier"] for asked in bank.vault.grants if "code" in asked)]
    everything = repr((leaked, logs, said, await stored(bank)))
    assert len(secrets) >= 4
    assert [secret for secret in secrets if secret in everything] == []


async def test_what_a_caller_shows_us_reaches_no_server(bank: Bank) -> None:
    await bank.connect(bank.ann, "ann@vault.test")
    await bank.checked()
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "vault__whoami"}}
    opening = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "x", "version": "1"},
    }
    async with bank.served.client() as client:
        client.headers.update(
            {
                "authorization": f"Bearer {bank.ann.token}",
                "accept": "application/json, text/event-stream",
                "cookie": "planted=cookie-of-the-caller",
            }
        )
        hello = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": opening}
        began = await client.post("/mcp", json=hello)
        session = {"mcp-session-id": began.headers["mcp-session-id"], "mcp-protocol-version": "2025-11-25"}
        answered = await client.post("/mcp", json=body, headers=session)
    assert "ann@vault.test" in answered.text
    arrived = repr(bank.vault.arrived)
    assert [secret for secret in (bank.ann.token, bank.ann.cookie, "cookie-of") if secret in arrived] == []


async def stored(bank: Bank) -> list[Any]:
    """Return every row of every table."""
    found: list[Any] = []
    async with bank.served.database.read() as session:
        for table in metadata.sorted_tables:
            found += [tuple(row) for row in await session.execute(text(f'SELECT * FROM "{table.name}"'))]
    return found
