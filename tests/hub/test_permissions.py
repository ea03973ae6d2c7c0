"""Servers that want more of a sign-in than was allowed: they say so, and the next one asks for that too."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.signing import Bank, open_bank, parameters


@pytest.fixture
async def bank(database_url: str, tmp_path: Path) -> AsyncIterator[Bank]:
    async with open_bank(database_url, tmp_path / "data", demo=False) as bank:
        bank.vault.needs = {"echo": "tools:write"}
        await bank.add("per_user")
        await bank.connect(bank.ann, "ann@vault.test")
        await bank.checked()
        yield bank


async def asked_for(bank: Bank) -> str:
    """Return the scopes that a new sign-in asks for."""
    return parameters((await bank.begin(bank.ann)).json()["authorization_url"])["scope"]


async def test_a_sign_in_is_widened_by_what_a_call_was_refused_for(bank: Bank) -> None:
    called = (await bank.call(bank.ann, "echo")).called
    assert called.status == "upstream_error"
    words = "Vault wants a further permission for this: tools:write."
    assert f"server_sign_in_needed: {words} Connect it at {bank.served.url}/tools?" in called.text
    connection = await bank.connection(bank.ann)
    assert connection["state"] == "connected"
    assert connection["detail"] == f"{words} Sign in again to allow it."

    assert await asked_for(bank) == "tools:read tools:write"
    await bank.connect(bank.ann, "ann@vault.test")

    assert (await bank.call(bank.ann, "echo")).called.status == "ok"
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"
    assert (await bank.connection(bank.ann))["detail"] is None


async def test_what_was_asked_for_is_asked_for_again_in_later_sign_ins(bank: Bank) -> None:
    await bank.call(bank.ann, "echo")
    await bank.connect(bank.ann, "ann@vault.test")
    assert await asked_for(bank) == "tools:read tools:write"


async def test_a_server_that_refuses_what_was_asked_for_sends_nobody_round_in_circles(bank: Bank) -> None:
    bank.vault.grudging = True
    await bank.call(bank.ann, "echo")
    await bank.connect(bank.ann, "ann@vault.test")
    called = (await bank.call(bank.ann, "echo")).called
    assert called.status == "upstream_error"
    assert "server_sign_in_needed" not in called.text
    assert "tools:write" in called.text
    assert (await bank.connection(bank.ann))["detail"] is None
    assert (await bank.call(bank.ann)).called.status == "ok"


async def test_a_permission_that_nobody_knows_is_not_asked_for_for_ever(bank: Bank) -> None:
    await bank.call(bank.ann, "echo")
    bank.vault.refuses = "invalid_scope"
    assert await bank.connect(bank.ann, "ann@vault.test") == "/tools?connect=vault&outcome=failed"
    assert await asked_for(bank) == "tools:read"
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"


async def test_no_more_is_asked_for_than_an_administrator_chose(bank: Bank) -> None:
    async with bank.served.client(bank.boss) as client:
        body = {"mode": "per_user", "scopes": "tools:read"}
        put = await client.put(f"/api/servers/{bank.server_id}/sign-in", json=body)
    assert put.status_code == 200, put.text
    called = (await bank.call(bank.ann, "echo")).called
    assert "an administrator chose" in called.text
    assert "server_sign_in_needed" not in called.text
    assert await asked_for(bank) == "tools:read"


async def test_a_server_that_greets_whoever_comes_still_says_which_permissions_it_wants(bank: Bank) -> None:
    bank.vault.greets = True
    bank.vault.resource = {"scopes_supported": ["tools:profile"]}
    assert await asked_for(bank) == "tools:read"
