"""Tokens of servers are renewed by one at a time, and what cannot be renewed says so."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import update

from omni2.catalog.sign_in_models import ServerCredential
from omni2.hub.renewing import Renewal, Subject
from omni2.kernel.ids import now
from tests.support.signing import Bank, open_bank


@pytest.fixture
async def bank(database_url: str, tmp_path: Path) -> AsyncIterator[Bank]:
    async with open_bank(database_url, tmp_path / "data", demo=False) as bank:
        await bank.add("per_user")
        await bank.connect(bank.ann, "ann@vault.test")
        await bank.checked()
        yield bank


def renewals(bank: Bank) -> int:
    """Return how often the sign-in server was asked for fresh tokens."""
    return sum(asked["grant_type"] == "refresh_token" for asked in bank.vault.grants)


async def test_a_401_renews_the_token_once_and_the_call_is_made_again(bank: Bank) -> None:
    bank.vault.expire()
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"
    assert renewals(bank) == 1
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"
    assert renewals(bank) == 1


async def test_a_server_that_refuses_what_it_was_just_given_is_not_asked_again_and_again(bank: Bank) -> None:
    bank.vault.expire()
    await bank.call(bank.ann)
    bank.vault.expire()
    called = (await bank.call(bank.ann)).called
    assert called.status == "upstream_error"
    assert "has just given" in called.text
    assert renewals(bank) == 1
    assert (await bank.connection(bank.ann))["state"] == "connected"


async def test_many_callers_share_one_renewal(bank: Bank) -> None:
    bank.vault.gate_refresh = asyncio.Event()
    bank.vault.expire()
    calls = [asyncio.create_task(bank.call(bank.ann)) for _ in range(6)]
    await asyncio.wait_for(bank.vault.refreshing.wait(), 20)
    bank.vault.gate_refresh.set()
    assert [(await call).called.text for call in calls] == ["ann@vault.test"] * 6
    assert renewals(bank) == 1


async def test_of_several_replicas_one_asks_and_the_others_take_what_it_got(bank: Bank) -> None:
    held = await bank.credential(bank.ann.user_id)
    assert held is not None
    served, subject = bank.served, Subject(bank.server_id, bank.ann.user_id, "Vault", allow_private=True)
    replicas = [Renewal(served.database, served.process.sealer) for _ in range(4)]
    refused = bank.vault.given[0]
    await asyncio.gather(*(replica.renew(subject, refused) for replica in replicas))
    assert renewals(bank) == 1
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"


async def test_a_token_is_renewed_before_it_ends_while_nobody_waits(bank: Bank) -> None:
    async with bank.served.database.work() as work:
        await work.session.execute(update(ServerCredential).values(refresh_at=now()))
    await asyncio.wait_for(bank.vault.refreshing.wait(), 20)
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"
    assert renewals(bank) == 1


async def test_a_sign_in_that_the_server_ended_says_so(bank: Bank) -> None:
    bank.vault.expire()
    bank.vault.refresh.clear()
    called = (await bank.call(bank.ann)).called
    where = f"{bank.served.url}/tools?connect=vault"
    words = "Sign in to Vault again: the server ended the authorisation (invalid_grant)."
    assert called.text == f"The call failed: server_sign_in_needed: {words} Connect it at {where}"
    shown = await bank.connection(bank.ann)
    assert (shown["state"], shown["detail"]) == ("ended", words)
    held = await bank.credential(bank.ann.user_id)
    assert held is not None
    assert held.sealed is None

    await bank.connect(bank.ann, "ann@vault.test")
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"
    assert (await bank.connection(bank.ann))["detail"] is None


async def test_a_sign_in_server_that_is_away_ends_nothing(bank: Bank) -> None:
    bank.vault.expire()
    bank.vault.refuses_refresh = "temporarily_unavailable"
    called = (await bank.call(bank.ann)).called
    assert called.status == "upstream_error"
    assert "could not be renewed" in called.text
    assert (await bank.connection(bank.ann))["state"] == "connected"
    bank.vault.refuses_refresh = None
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"


async def test_a_refresh_token_that_is_not_rotated_stays(bank: Bank) -> None:
    bank.vault.rotates = False
    bank.vault.expire()
    assert (await bank.call(bank.ann)).called.status == "ok"
    async with bank.served.database.work() as work:
        await work.session.execute(update(ServerCredential).values(refreshed_at=None))
    bank.vault.expire()
    assert (await bank.call(bank.ann)).called.status == "ok"
    shown = [asked["refresh_token"] for asked in bank.vault.grants if "refresh_token" in asked]
    assert shown == [bank.vault.given[1]] * 2
