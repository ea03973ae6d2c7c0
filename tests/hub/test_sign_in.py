"""Signing in to servers, from the first 401 to the call that is made with what came of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omni2.catalog.servers import get_server
from omni2.hub.connecting import begin
from omni2.identity.principal import Principal
from tests.support.signing import Bank, open_bank, parameters


@pytest.fixture
async def bank(database_url: str, tmp_path: Path) -> AsyncIterator[Bank]:
    async with open_bank(database_url, tmp_path / "data", demo=False) as bank:
        yield bank


async def test_an_administrator_signs_in_for_all(bank: Bank) -> None:
    await bank.add("shared")
    assert (await bank.checked())["state"] == "sign_in_needed"
    called = (await bank.call(bank.ann, "echo")).called
    assert called.status == "denied"  # nobody has seen its tools yet

    shown = await bank.connect(bank.boss, "office@vault.test", page="server")

    assert shown == f"/admin/servers/{bank.server_id}?tab=settings&outcome=connected"
    assert (await bank.checked())["state"] == "connected"
    assert (await bank.call(bank.ann)).called.text == "office@vault.test"
    assert (await bank.call(bank.bob)).called.text == "office@vault.test"
    connection = await bank.connection(bank.ann)
    assert (connection["state"], connection["may_connect"]) == ("connected", False)
    assert connection["connected_by"] is None


async def test_each_person_acts_by_their_own_account(bank: Bank) -> None:
    await bank.add("per_user")
    await bank.connect(bank.boss, "boss@vault.test")
    assert (await bank.checked())["state"] == "connected"

    shown = await bank.connect(bank.ann, "ann@vault.test")

    assert shown == "/tools?connect=vault&outcome=connected"
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"
    assert (await bank.call(bank.boss)).called.text == "boss@vault.test"
    called = (await bank.call(bank.bob)).called
    assert called.status == "upstream_error"
    where = f"{bank.served.url}/tools?connect=vault"
    assert called.text == (
        f"The call failed: server_sign_in_needed: Vault needs your own account. Connect it at {where}"
    )
    assert (await bank.connection(bank.bob))["state"] == "needed"
    assert (await bank.connection(bank.ann))["state"] == "connected"


async def test_a_member_may_be_the_first_to_connect(bank: Bank) -> None:
    await bank.add("per_user")
    await bank.connect(bank.ann, "ann@vault.test")
    assert (await bank.checked())["state"] == "connected"
    assert (await bank.call(bank.ann)).called.text == "ann@vault.test"


async def test_the_request_names_the_resource_its_scope_and_a_challenge(bank: Bank) -> None:
    await bank.add("per_user")
    asked = parameters((await bank.begin(bank.ann)).json()["authorization_url"])
    assert asked["resource"] == f"{bank.vault.origin}/mcp"
    assert asked["scope"] == "tools:read"
    assert asked["code_challenge_method"] == "S256"
    assert asked["redirect_uri"] == f"{bank.served.url}/oauth/upstream/callback"
    registered = bank.vault.clients[asked["client_id"]]
    assert registered["application_type"] == "native"  # of an address on this machine, no web site
    assert registered["redirect_uris"] == [asked["redirect_uri"]]


PLACES: dict[str, tuple[tuple[str, ...], str]] = {
    "at the places where the resource's document may lie": (("/nothing",), ""),
    "at its own origin, as in revision 2025-03-26": (("/.well-known/oauth-protected-resource",), ""),
    "as OpenID Connect has it": (
        ("/.well-known/oauth-protected-resource",),
        "/.well-known/openid-configuration",
    ),
    "nowhere, so that its endpoints are those of revision 2025-03-26": (("/.well-known",), ""),
}


@pytest.mark.parametrize("place", PLACES)
async def test_the_sign_in_server_is_found(bank: Bank, place: str) -> None:
    bank.vault.hides, described_at = PLACES[place]
    bank.vault.described_at = described_at or bank.vault.described_at
    await bank.add("per_user")
    assert await bank.connect(bank.ann, "ann@vault.test") == "/tools?connect=vault&outcome=connected"
    assert (await bank.connection(bank.ann))["state"] == "connected"


async def test_where_our_origin_is_public_our_document_is_our_name(bank: Bank) -> None:
    bank.vault.documents = True
    await bank.add("per_user")
    hub, user, origin = bank.served.process.hub, bank.ann.user, "https://omni2.example.org"
    person = Principal(user.user_id, user.email, user.name, user.role, "session", "x")
    async with bank.served.database.read() as session:
        row = await get_server(session, bank.server_id)
    asked = parameters(await begin(hub, person, row, page="tools", origin=origin))
    assert asked["client_id"] == f"{origin}/.well-known/oauth-client"
    assert bank.vault.clients == {}
    assert "client_id" in parameters((await bank.begin(bank.ann)).json()["authorization_url"])
    assert len(bank.vault.clients) == 1  # nobody outside could fetch the document of a local origin


async def test_our_document_names_itself_and_where_answers_go(bank: Bank) -> None:
    async with bank.served.client() as client:
        document = (await client.get("/.well-known/oauth-client")).json()
    assert document["client_id"] == f"{bank.served.url}/.well-known/oauth-client"
    assert document["redirect_uris"] == [f"{bank.served.url}/oauth/upstream/callback"]


async def test_a_registration_is_used_again(bank: Bank) -> None:
    await bank.add("per_user")
    await bank.connect(bank.ann, "ann@vault.test")
    await bank.connect(bank.bob, "bob@vault.test")
    assert len(bank.vault.clients) == 1


async def test_without_registration_an_administrator_gives_the_client(bank: Bank) -> None:
    bank.vault.registers = False
    await bank.add("per_user")
    refused = await bank.begin(bank.ann)
    assert (refused.status_code, refused.json()["code"]) == (409, "client_needed")
    assert f"{bank.served.url}/oauth/upstream/callback" in refused.json()["detail"]

    async with bank.served.client(bank.boss) as client:
        body = {"mode": "per_user", "client_id": "omni2-at-vault", "client_secret": "planted client secret"}
        put = await client.put(f"/api/servers/{bank.server_id}/sign-in", json=body)
    assert put.status_code == 200, put.text
    assert "planted" not in put.text
    assert (put.json()["client_kind"], put.json()["has_secret"]) == ("given", True)

    await bank.connect(bank.ann, "ann@vault.test")
    assert bank.vault.of("/token")[0]["authorization"].startswith("Basic ")
    assert await bank.connection(bank.ann)


async def test_signing_out_revokes_and_forgets(bank: Bank) -> None:
    await bank.add("per_user")
    await bank.connect(bank.boss, "boss@vault.test")
    await bank.checked()
    await bank.connect(bank.ann, "ann@vault.test")
    assert (await bank.call(bank.ann)).called.status == "ok"
    async with bank.served.client(bank.ann) as client:
        answered = await client.delete(f"/api/servers/{bank.server_id}/connection")
    assert answered.json()["state"] == "needed"
    assert len(bank.vault.revoked) == 1
    assert await bank.credential(bank.ann.user_id) is None
    assert (await bank.call(bank.ann)).called.status == "upstream_error"
    assert (await bank.call(bank.boss)).called.text == "boss@vault.test"


async def test_only_who_may_use_a_server_signs_in_to_it(bank: Bank) -> None:
    await bank.add("shared")
    refused = await bank.begin(bank.ann)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    async with bank.served.client(bank.boss) as client:
        for row in (await client.get("/api/grants")).json()["items"]:
            await client.delete(f"/api/grants/{row['grant_id']}")
        await client.put(f"/api/servers/{bank.server_id}/sign-in", json={"mode": "per_user"})
    unknown = await bank.begin(bank.ann)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


async def test_a_token_of_a_program_begins_no_sign_in(bank: Bank) -> None:
    await bank.add("per_user")
    async with bank.served.client() as client:
        headers = {"authorization": f"Bearer {bank.ann.token}"}
        refused = await client.post(f"/api/servers/{bank.server_id}/connect", json={}, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (409, "browser_needed")


async def test_changing_who_signs_in_forgets_who_did(bank: Bank) -> None:
    await bank.add("per_user")
    await bank.connect(bank.ann, "ann@vault.test")
    async with bank.served.client(bank.boss) as client:
        await client.put(f"/api/servers/{bank.server_id}/sign-in", json={"mode": "shared"})
    assert await bank.credential(bank.ann.user_id) is None
