"""Sessions of connected programs: each belongs to its consent, whatever the program calls itself."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.app import Person
from tests.support.house import House, open_house
from tests.support.mcp_client import Raw, error_of, raw_client
from tests.support.oauth import OAuthClient, good, trust, vendor


@dataclass
class Programs:
    """Two programs of different vendors' documents with the very same name."""

    house: House
    one: OAuthClient
    other: OAuthClient


@pytest.fixture
async def programs(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Programs]:
    async with vendor(tmp_path) as site, open_house(sqlite_url, tmp_path / "data") as house:
        trust(house.served, site)
        ids = [site.publish(path, client_name="Twin") for path in ("/one.json", "/other.json")]
        yield Programs(house, *(OAuthClient(house.served, client_id) for client_id in ids))


def holder(person: Person, tokens: dict[str, Any]) -> Person:
    """Return a person as a program's access token shows them."""
    return Person(person.user, "", tokens["access_token"])


async def assert_unknown(client: Raw) -> None:
    """Assert that the session does not exist for a client, on any verb."""
    assert error_of(await client.call("tools/list")) == (404, -32600)
    headers = {**client.headers, "Accept": "text/event-stream"}
    for verb in ("GET", "DELETE"):
        assert error_of(await client.http.request(verb, "/mcp", headers=headers)) == (404, -32600)


async def test_a_program_cannot_use_the_session_of_another_one_of_the_same_name(programs: Programs) -> None:
    house = programs.house
    mine = await programs.one.connect(house.ann)
    twins = await programs.other.connect(house.ann)
    async with (
        raw_client(house, holder(house.ann, mine)) as client,
        raw_client(house, holder(house.ann, twins)) as thief,
        raw_client(house, house.ann) as own_token,
    ):
        await client.initialize()
        for other in (thief, own_token):
            other.headers["Mcp-Session-Id"] = client.headers["Mcp-Session-Id"]
            await assert_unknown(other)
        assert (await client.call("tools/list")).status_code == 200


async def test_a_session_outlives_the_renewal_of_its_programs_tokens(programs: Programs) -> None:
    house, tokens = programs.house, await programs.one.connect(programs.house.ann)
    async with raw_client(house, holder(house.ann, tokens)) as client:
        await client.initialize()
        renewed = good(await programs.one.refresh(tokens["refresh_token"]))
        client.headers["Authorization"] = f"Bearer {renewed['access_token']}"
        assert (await client.call("tools/list")).status_code == 200


async def test_a_session_ends_with_its_consent_also_when_another_one_is_given(programs: Programs) -> None:
    house, tokens = programs.house, await programs.one.connect(programs.house.ann)
    async with raw_client(house, holder(house.ann, tokens)) as client:
        await client.initialize()
        async with house.served.client(house.ann) as browser:
            (consent,) = (await browser.get("/api/oauth/consents")).json()["items"]
            await browser.delete(f"/api/oauth/consents/{consent['consent_id']}")
        again = await programs.one.connect(house.ann)
        client.headers["Authorization"] = f"Bearer {again['access_token']}"
        await assert_unknown(client)
