"""What a person does in the browser, as steps that the journeys share."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.support.product import Product

PASSWORD = "correct horse battery staple"
BOSS = "boss@example.org"
BOB = "bob@example.org"
SUGGESTIONS = (
    "Where is order 1042 and what did it cost?",
    "Which products are low on stock?",
    "What time is it in Tokyo?",
)
BLOCK_WORDS = "Please call the service desk before you go on."
expect.set_options(timeout=20_000)


@dataclass
class Visitor:
    """One browser of one person."""

    context: BrowserContext
    page: Page
    complaints: list[str]


@contextmanager
def visitor(
    browser: Browser, *, width: int = 1440, height: int = 900, dark: bool = False
) -> Iterator[Visitor]:
    """Open a browser of its own: no cookie is shared. Errors of the page are collected."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield Visitor(context, page, complaints)
    context.close()


def set_up(page: Page, product: Product) -> None:
    """Open the one-time link and become the first administrator, who lands in Chat."""
    assert product.link is not None
    page.goto(product.link)
    page.get_by_label("E-mail").fill(BOSS)
    page.get_by_label("Name", exact=True).fill("Boss Example")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create administrator").click()
    expect(composer(page)).to_be_visible()


def accept_invitation(page: Page, link: str, name: str) -> None:
    """Open an invitation, choose a name and a password, and land in Chat."""
    page.goto(link)
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("button[type=submit]").click()
    expect(composer(page)).to_be_visible()


def composer(page: Page) -> Locator:
    """The field that one writes in."""
    return page.get_by_role("textbox", name="Message")


def ask(page: Page, text: str) -> None:
    """Ask something and wait until the answer is complete."""
    send(page, text)
    await_answer(page)


def send(page: Page, text: str) -> None:
    """Ask something."""
    composer(page).fill(text)
    composer(page).press("Enter")


def await_answer(page: Page) -> None:
    """Wait until nothing is being answered and the last answer can be asked for anew."""
    expect(page.get_by_role("button", name="Stop the answer")).to_have_count(0)
    expect(page.get_by_role("button", name="Answer anew").last).to_be_visible()


def invite(page: Page, email: str) -> str:
    """Invite a person under People and return the one-time link."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="People").click()
    page.get_by_role("button", name="Invite person").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("E-mail").fill(email)
    dialog.get_by_role("button", name="Invite", exact=True).click()
    link = dialog.locator("code").inner_text()
    assert re.search(r"/setup#\S{20,}$", link)
    dialog.get_by_role("button", name="Done").click()
    return link


def block_everywhere(page: Page) -> None:
    """Fill the open dialog of a block, see what its person will see, and block."""
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Left the company")
    dialog.get_by_label("Message").fill(BLOCK_WORDS)
    expect(dialog.get_by_role("figure").get_by_text(BLOCK_WORDS)).to_be_visible()
    dialog.get_by_role("button", name="Block everywhere").click()


def no_sideways_scroll(page: Page) -> bool:
    """Whether the page fits the width of the window."""
    script = "document.documentElement.scrollWidth <= document.documentElement.clientWidth + 1"
    return bool(page.evaluate(script))
