"""A second person, stopped in the middle of an answer in every tab, and let in again."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.steps import (
    BLOCK_WORDS,
    BOB,
    accept_invitation,
    ask,
    block_everywhere,
    composer,
    invite,
    no_sideways_scroll,
    send,
    set_up,
    visitor,
)
from tests.support.product import Product


def test_a_block_stops_a_person_in_every_tab_with_the_words_and_a_receipt(
    browser: Browser, product: Product
) -> None:
    with visitor(browser) as boss, visitor(browser) as bob:
        set_up(boss.page, product)
        accept_invitation(bob.page, invite(boss.page, BOB), "Bob")
        ask(bob.page, "What time is it in Tokyo?")
        second = bob.context.new_page()
        second.goto(f"{product.origin}/chat")
        expect(composer(second)).to_be_visible()
        open_block_dialog(boss.page, "Bob")
        send(bob.page, "Which orders are there? List them all, please.")
        expect(boss.page.get_by_text(re.compile(r"2 (open )?sockets"))).to_be_visible()
        block_everywhere(boss.page)
        for page in (bob.page, second):
            expect(page.get_by_text(BLOCK_WORDS)).to_be_visible()
            expect(composer(page)).to_have_count(0)
        receipt = boss.page.get_by_role("dialog")
        expect(
            receipt.get_by_text("2 connections closed, 1 turn cancelled, 1 session ended").first
        ).to_be_visible()
        expect(receipt.get_by_text(re.compile(r"\d ms")).first).to_be_visible()
        boss.page.get_by_role("button", name="Done").click()
        bob.page.reload()
        expect(bob.page.get_by_text(BLOCK_WORDS)).to_be_visible()
        boss.page.get_by_role("button", name="Unblock").first.click()
        confirm_if_asked(boss.page)
        expect(boss.page.get_by_role("button", name="Block", exact=True).first).to_be_visible()
        bob.page.goto(f"{product.origin}/login")
        bob.page.get_by_label("E-mail").fill(BOB)
        bob.page.get_by_label("Password", exact=True).fill("correct horse battery staple")
        bob.page.locator("button[type=submit]").click()
        ask(bob.page, "What time is it in Tokyo?")
        assert "Traceback" not in product.log
        assert boss.complaints == bob.complaints == []


def test_somebody_can_be_blocked_from_a_phone(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss, visitor(browser, width=360, height=740) as bob:
        set_up(boss.page, product)
        accept_invitation(bob.page, invite(boss.page, BOB), "Bob")
        assert no_sideways_scroll(bob.page)
        boss.page.set_viewport_size({"width": 360, "height": 740})
        open_block_dialog(boss.page, "Bob", navigate=False)
        assert no_sideways_scroll(boss.page)
        block_everywhere(boss.page)
        expect(bob.page.get_by_text(BLOCK_WORDS)).to_be_visible()
        assert no_sideways_scroll(bob.page)


def open_block_dialog(page: Page, name: str, *, navigate: bool = True) -> None:
    if navigate:
        page.get_by_role("navigation", name="Main").get_by_role("link", name="People").click()
    page.get_by_text(name, exact=True).first.click()
    page.get_by_role("button", name="Block", exact=True).first.click()
    expect(page.get_by_role("dialog").get_by_text("What they will see")).to_be_visible()


def confirm_if_asked(page: Page) -> None:
    dialog = page.get_by_role("dialog")
    if dialog.count():
        dialog.get_by_role("button", name="Unblock").click()
