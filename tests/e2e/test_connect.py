"""A person connects programs: by signing in through the browser, and with an access token."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp.types import Implementation
from playwright.sync_api import Browser, Page, expect
from pydantic import AnyUrl

from tests.e2e.axe import violations
from tests.e2e.steps import BOSS, PASSWORD, no_sideways_scroll, set_up, visitor
from tests.support.brood import Brood
from tests.support.clients import NO_TLS
from tests.support.product import Product, free_port

NAME = "Travelling client"
DESK = Implementation(name="desk", version="3.1")
WAIT_S = 60


class Program:
    """The official SDK's client in a thread of its own, which opens a browser and waits for it to return."""

    def __init__(self, origin: str) -> None:
        self.pages: Queue[str] = Queue()
        self.tools: list[str] = []
        self.tokens: OAuthToken | None = None
        self._client: OAuthClientInformationFull | None = None
        self._origin = origin
        self._port = free_port()
        self._answers: asyncio.Queue[AuthorizationCodeResult] = asyncio.Queue()
        self._thread = Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self) -> str:
        """Start; return the address that it opens in the browser."""
        self._thread.start()
        return self.pages.get(timeout=WAIT_S)

    def finish(self) -> None:
        """Wait for its end."""
        self._thread.join(WAIT_S)
        assert not self._thread.is_alive()

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._client = client_info

    async def _run(self) -> None:
        home = f"http://127.0.0.1:{self._port}/callback"
        metadata = OAuthClientMetadata(client_name=NAME, redirect_uris=[AnyUrl(home)])
        auth = OAuthClientProvider(f"{self._origin}/mcp", metadata, self, self._open, self._answers.get)
        async with (
            await asyncio.start_server(self._welcome, "127.0.0.1", self._port),
            httpx2.AsyncClient(auth=auth, timeout=WAIT_S, verify=NO_TLS) as http,
            Client(streamable_http_client(f"{self._origin}/mcp", http_client=http)) as client,
        ):
            self.tools = [tool.name for tool in (await client.list_tools()).tools]

    async def _open(self, url: str) -> None:
        self.pages.put(url)

    async def _welcome(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).decode().split()[1]
        found = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        body = b"<h1>Welcome back</h1>"
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        if "code" in found:
            await self._answers.put(AuthorizationCodeResult.model_validate(found))


@pytest.fixture
def product(tmp_path: Path, brood: Brood) -> Iterator[Product]:
    """Start an installation at which programs may register themselves."""
    allowed = {"OMNI2_OAUTH_REGISTRATION": "true"}
    product = Product(tmp_path / "data", environment=allowed, brood=brood).start()
    yield product
    product.stop()


def sign_in(page: Page) -> None:
    page.get_by_label("E-mail").fill(BOSS)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def test_a_program_is_connected_through_the_browser_and_disconnected_again(
    browser: Browser, product: Product
) -> None:
    program = Program(product.origin)
    with visitor(browser) as boss, visitor(browser, width=360, height=740, dark=True) as phone:
        set_up(boss.page, product)
        phone.page.goto(program.start())
        sign_in(phone.page)
        expect(phone.page.get_by_role("heading", name=f"Let {NAME} act in your name?")).to_be_visible()
        expect(phone.page.get_by_text("registered by itself, not verified")).to_be_visible()
        assert no_sideways_scroll(phone.page)
        assert violations(phone.page) == []
        phone.page.get_by_role("button", name="Allow").click()
        expect(phone.page.get_by_role("heading", name="Welcome back")).to_be_visible()
        program.finish()
        assert "shop__find_order" in program.tools
        page = boss.page
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Connect").click()
        row = page.get_by_role("table", name="Connected programs").get_by_role("row", name=NAME)
        row.get_by_role("button", name="Disconnect").click()
        page.get_by_role("dialog").get_by_role("button", name="Disconnect").click()
        expect(page.get_by_text("No program yet")).to_be_visible()
        assert program.tokens is not None
        bearer = {"authorization": f"Bearer {program.tokens.access_token}"}
        assert httpx.get(f"{product.origin}/api/auth/me", headers=bearer).status_code == 401
        assert boss.complaints + phone.complaints == []


def test_who_says_no_sends_the_program_away_without_a_code(browser: Browser, product: Product) -> None:
    home = f"http://127.0.0.1:{free_port()}/callback"
    body = {"client_name": NAME, "redirect_uris": [home]}
    client_id = httpx.post(f"{product.origin}/oauth/register", json=body).json()["client_id"]
    query = (
        f"response_type=code&client_id={client_id}&redirect_uri={home}&state=0012"
        f"&code_challenge={'x' * 43}&code_challenge_method=S256"
    )
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        page.route(re.compile("^" + re.escape(home)), lambda route: route.fulfill(body="Not this time"))
        page.goto(f"{product.origin}/oauth/authorize?{query}")
        page.get_by_role("button", name="Deny").click()
        expect(page.get_by_text("Not this time")).to_be_visible()
        assert re.search(r"\?error=access_denied&.*state=0012&iss=", page.url)
        assert "code=" not in page.url
        page.goto(f"{product.origin}/oauth/authorize?{query.replace('callback', 'elsewhere')}")
        expect(page.get_by_role("heading", name="Not connected")).to_be_visible()
        assert violations(page) == []


def test_a_token_is_put_where_it_belongs_once(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Connect").click()
        page.get_by_role("tab", name="Cursor").click()
        expect(page.get_by_text("YOUR_TOKEN").first).to_be_visible()
        for chosen, key in (("Demo shop alone", '"omni2-shop"'), ("All that I may use", '"omni2"')):
            page.get_by_role("combobox", name="Servers").click()
            page.get_by_role("option", name=chosen).click()
            expect(page.locator("pre")).to_contain_text(key)
        page.get_by_role("button", name="Create token for Cursor").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("button", name=re.compile("^Servers")).click()
        page.get_by_role("menuitemcheckbox", name="Demo shop").click()
        page.keyboard.press("Escape")
        dialog.get_by_role("button", name="Create token").click()
        secret = dialog.locator("code").inner_text()
        dialog.get_by_role("button", name="I have copied it").click()
        expect(page.locator("pre")).to_contain_text(f'"Authorization": "Bearer {secret}"')
        expect(page.get_by_role("table", name="Access tokens").get_by_text("shop")).to_be_visible()
        tools = tools_of(product.origin, secret)
        assert tools
        assert all(name.startswith("shop__") for name in tools)
        page.reload()
        expect(page.get_by_text("YOUR_TOKEN").first).to_be_visible()
        assert secret not in page.content()
        page.goto(f"{product.origin}/admin/flows?source=mcp")
        page.get_by_role("table").get_by_text("shop.find_order").click()
        page.keyboard.press("Enter")
        expect(page.get_by_text(re.compile(r"^from desk 3\.1 \(20\d\d-\d\d-\d\d\)$"))).to_be_visible()
        assert boss.complaints == []


def tools_of(origin: str, secret: str) -> list[str]:
    """Call a tool and return all that a token reaches, in a thread: the browser's driver owns this loop."""
    found: list[str] = []

    async def ask() -> None:
        headers = {"authorization": f"Bearer {secret}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=WAIT_S, verify=NO_TLS) as http,
            Client(streamable_http_client(f"{origin}/mcp", http_client=http), client_info=DESK) as client,
        ):
            await client.call_tool("shop__find_order", {"order_id": 1042})
            found.extend(tool.name for tool in (await client.list_tools()).tools)

    thread = Thread(target=lambda: asyncio.run(ask()))
    thread.start()
    thread.join(WAIT_S)
    return found
