"""The official SDK's own OAuth client, unchanged, against the served product: from 401 to a called tool."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, OAuthFlowError
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from omni2.flows.checkpoints import AuthCheck
from tests.support.app import Person
from tests.support.clients import NO_TLS
from tests.support.house import House, open_house
from tests.support.oauth import REDIRECT, OAuthClient, asked_at, trust, vendor


@dataclass
class Storage:
    """What the SDK keeps between runs."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None
    pairs: list[OAuthToken] = field(default_factory=list[OAuthToken])

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens
        self.pairs.append(tokens)

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


@dataclass
class Human:
    """A person with a browser, who allows what is asked; `answer` may change what the program gets."""

    client: OAuthClient
    person: Person
    visits: int = 0
    changed: dict[str, str] = field(default_factory=dict[str, str])
    answer: dict[str, str] = field(default_factory=dict[str, str])

    async def visit(self, url: str) -> None:
        self.visits += 1
        location = await self.client.authorize(self.person, urlsplit(url).query)
        self.answer = await self.client.decide(self.person, asked_at(location))

    async def come_back(self) -> AuthorizationCodeResult:
        return AuthorizationCodeResult.model_validate({**self.answer, **self.changed})


def provider(human: Human, storage: Storage, document: str | None, path: str) -> OAuthClientProvider:
    return OAuthClientProvider(
        human.client.served.url + path,
        OAuthClientMetadata(client_name="SDK program", redirect_uris=[AnyUrl(REDIRECT)]),
        storage,
        human.visit,
        human.come_back,
        client_metadata_url=document,
    )


@asynccontextmanager
async def connected(auth: OAuthClientProvider) -> AsyncIterator[Client]:
    async with (
        httpx2.AsyncClient(auth=auth, timeout=20, verify=NO_TLS) as http,
        Client(streamable_http_client(auth.context.server_url, http_client=http)) as client,
    ):
        yield client


@pytest.fixture
async def opened(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[House, str]]:
    """The product with a server and tools, and the id of a client whose document it believes."""
    async with (
        vendor(tmp_path) as site,
        open_house(database_url, tmp_path / "data", oauth_registration=True) as house,
    ):
        trust(house.served, site)
        yield house, site.publish("/sdk.json", client_name="SDK program")


@pytest.mark.parametrize("path", ["/mcp", "/mcp/shop"])
async def test_the_sdk_finds_its_way_signs_in_and_calls_a_tool(opened: tuple[House, str], path: str) -> None:
    house, document = opened
    human, storage = Human(OAuthClient(house.served, document), house.ann), Storage()
    async with connected(provider(human, storage, document, path)) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        name = next(tool for tool in tools if tool.endswith("echo"))
        result = await client.call_tool(name, {"text": "hello"})
    assert not result.is_error
    assert "shop__secret_plan" not in tools
    assert human.visits == 1
    flow = (await house.served.flows(house.ann))[-1]
    _, checkpoints = await house.served.flow(flow.flow_id)
    seen = checkpoints[0].data
    assert isinstance(seen, AuthCheck)
    assert (seen.method, seen.token_name) == ("oauth", "SDK program")


async def test_the_sdk_refreshes_what_has_expired_without_asking_the_person(
    opened: tuple[House, str],
) -> None:
    house, document = opened
    human, storage = Human(OAuthClient(house.served, document), house.ann), Storage()
    auth = provider(human, storage, document, "/mcp")
    async with connected(auth) as client:
        await client.call_tool("shop__echo", {"text": "one"})
        auth.context.token_expiry_time = 1.0
        assert not (await client.call_tool("shop__echo", {"text": "two"})).is_error
    assert human.visits == 1
    assert len({pair.refresh_token for pair in storage.pairs}) == 2
    later = provider(human, storage, document, "/mcp")
    async with connected(later) as client:
        assert (await client.list_tools()).tools
    assert human.visits == 1


async def test_the_sdk_registers_itself_where_it_has_no_document(opened: tuple[House, str]) -> None:
    house, _ = opened
    human, storage = Human(OAuthClient(house.served, "unused"), house.ann), Storage()
    async with connected(provider(human, storage, None, "/mcp")) as client:
        assert (await client.list_tools()).tools
    assert storage.client is not None
    assert storage.client.client_name == "SDK program"


async def test_the_sdk_refuses_an_answer_that_names_another_issuer(opened: tuple[House, str]) -> None:
    house, document = opened
    human = Human(OAuthClient(house.served, document), house.ann, changed={"iss": "https://evil.example.org"})
    with pytest.RaisesGroup(OAuthFlowError, flatten_subgroups=True, allow_unwrapped=True):
        async with connected(provider(human, Storage(), document, "/mcp")) as client:
            await client.list_tools()
