"""Connecting an account at a server that people sign in to, in a real browser: there, back, and out again."""

import asyncio
import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.axe import violations
from tests.e2e.steps import BOB, accept_invitation, invite, set_up, visitor
from tests.support.mcp_servers.raw_http import serving
from tests.support.mcp_servers.vault import Vault
from tests.support.product import Product


@pytest.fixture
def vault() -> Iterator[Vault]:
    """Serve a vault in a thread of its own, beside the browser's."""
    app, ready, over = Vault(), threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with serving(app) as app.origin:
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(20)
    yield app
    loop.call_soon_threadsafe(over.set)
    thread.join(20)
    loop.close()


def top_of(element: Locator) -> float:
    """Return where an element begins, in pixels from the top of the window."""
    box = element.bounding_box()
    assert box is not None
    return box["y"]


def widened(page: Page, product: Product, vault: Vault) -> None:
    """Let a tool need more than was allowed: the page says what, and signing in again allows it."""
    expect(page.get_by_text("omni2 is signed in to Vault.")).to_be_visible()
    assert violations(page) == []
    vault.needs = {"echo": "tools:write"}
    server_id = re.findall(r"servers/([\w-]+)", page.url)[0]
    calling = f"{product.origin}/api/servers/{server_id}/tools/echo/call"
    headers = {"X-Omni2": "1", "Origin": product.origin}
    refused = page.request.post(calling, data={"arguments": {}}, headers=headers)
    assert "tools:write" in refused.text()
    page.reload()
    expect(page.get_by_text("Vault wants a further permission for this: tools:write.")).to_be_visible()
    page.get_by_role("button", name="Sign in again").click()
    expect(page.get_by_text("omni2 is signed in to Vault.")).to_be_visible()
    expect(page.get_by_text("Vault wants a further permission")).to_have_count(0)
    assert page.request.post(calling, data={"arguments": {}}, headers=headers).json()["status"] == "ok"


def test_each_person_connects_their_account(browser: Browser, product: Product, vault: Vault) -> None:
    with visitor(browser) as boss, visitor(browser, width=360, height=740) as bob:
        page = boss.page
        set_up(page, product)
        accept_invitation(bob.page, invite(page, BOB), "Bob")

        page.goto(f"{product.origin}/admin/servers?add=true")
        form = page.get_by_role("dialog", name="Add server")
        form.get_by_label("URL", exact=True).fill(f"{vault.origin}/mcp")
        form.get_by_label("Title").fill("Vault")
        form.get_by_label("Sign-in").click()
        page.get_by_role("option", name="Each person's own account").click()
        form.get_by_label("Who may use it").click()
        page.get_by_role("option", name="Everyone").click()
        form.get_by_role("button", name="Try it").click()
        expect(form).to_contain_text("Vault asks for a sign-in")
        form.get_by_role("button", name="Add server").click()
        expect(page).to_have_url(re.compile("tab=settings"))
        page.get_by_role("button", name="Connect", exact=True).click()
        widened(page, product, vault)
        expect(page.get_by_role("combobox", name="Sessions")).to_have_text("One for each person")
        page.set_viewport_size({"width": 360, "height": 740})
        page.reload()
        sign_in, settings = (
            page.get_by_role("heading", name=name, exact=True) for name in ("Sign-in", "Settings")
        )
        expect(settings).to_be_visible()
        assert top_of(sign_in) < top_of(settings)
        expect(page.get_by_role("tab", name="Settings")).to_be_in_viewport()

        mine = bob.page
        mine.goto(f"{product.origin}/tools")
        mine.get_by_role("button", name="Connect your account").click()
        expect(mine.get_by_text("Your account at Vault is connected.")).to_be_visible()
        expect(mine.get_by_text("whoami")).to_be_visible()
        assert violations(mine) == []
        mine.get_by_role("button", name="Sign out").click()
        mine.get_by_role("dialog").get_by_role("button", name="Sign out").click()
        expect(mine.get_by_role("button", name="Connect your account")).to_be_visible()

        vault.refuses = "access_denied"
        mine.get_by_role("button", name="Connect your account").click()
        expect(mine.get_by_text("Its card says why")).to_be_visible()
        expect(mine.get_by_text("it was not allowed there")).to_be_visible()
        assert (boss.complaints, bob.complaints) == ([], [])
