"""Finding things and changing them: the palette, figures that lead on, forms that lose nothing."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.steps import SUGGESTIONS, ask, send, set_up, visitor
from tests.support.product import Product


def go(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()


def jump(page: Page, words: str, option: re.Pattern[str]) -> None:
    page.keyboard.press("Control+k")
    page.get_by_placeholder("Search or jump to").fill(words)
    expect(page.get_by_role("option", name=option).first).to_be_visible()
    expect(page.get_by_text("Nothing is called")).not_to_be_visible()
    page.get_by_role("option", name=option).first.click()


def test_changes_are_not_lost_without_a_question(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        jump(page, "demo shop", re.compile("Demo shop"))
        page.get_by_role("tab", name="Settings").click()
        page.get_by_label("Title").fill("Corner shop")
        go(page, "Flows")
        question = page.get_by_role("dialog", name="Leave without saving?")
        question.get_by_role("button", name="Keep editing").click()
        expect(page.get_by_label("Title")).to_have_value("Corner shop")
        page.get_by_role("tab", name="Health").click()
        question.get_by_role("button", name="Keep editing").click()
        page.get_by_role("button", name="Save settings").click()
        expect(page.get_by_role("button", name="Save settings")).to_be_disabled()
        page.get_by_label("Title").fill("Another shop")
        go(page, "People")
        question.get_by_role("button", name="Discard changes").click()
        expect(page).to_have_url(re.compile("/admin/people$"))
        page.get_by_role("button", name="Invite person").first.click()
        page.get_by_role("textbox", name="E-mail", exact=True).fill("bob@example.org")
        page.keyboard.press("Escape")
        question.get_by_role("button", name="Keep editing").click()
        expect(page.get_by_role("textbox", name="E-mail", exact=True)).to_have_value("bob@example.org")
        page.keyboard.press("Escape")
        question.get_by_role("button", name="Discard changes").click()
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert boss.complaints == []


def test_the_palette_finds_servers_tools_and_flows_by_their_id(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[0])
        page.get_by_role("link", name=re.compile("View flow", re.I)).last.click()
        expect(page).to_have_url(re.compile(r"/flows/[0-9a-f-]{36}"))
        flow_id = page.url.split("/flows/")[1][:36]
        jump(page, "find_order", re.compile(r"shop\.find_order"))
        expect(page).to_have_url(re.compile("/admin/servers/[0-9a-f-]{36}"))
        jump(page, flow_id[:18], re.compile("Where is order 1042"))
        expect(page).to_have_url(re.compile(f"/flows/{flow_id}"))


def test_the_figures_of_today_open_the_flows_that_they_count(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[0])
        go(page, "Overview")
        page.get_by_role("link", name=re.compile("Flows today")).click()
        expect(page.get_by_role("table").get_by_text(SUGGESTIONS[0])).to_be_visible()
        page.go_back()
        page.get_by_role("link", name=re.compile("Denied today")).click()
        outcome = page.get_by_role("button", name="Outcome: Denied or Blocked")
        expect(outcome).to_be_visible()
        expect(page.get_by_role("table").get_by_text(SUGGESTIONS[0])).to_have_count(0)
        outcome.click()
        page.get_by_role("menuitemcheckbox", name="Done").click()
        page.keyboard.press("Escape")
        expect(page.get_by_role("table").get_by_text(SUGGESTIONS[0])).to_be_visible()
        expect(page.get_by_role("button", name="Since today")).to_be_visible()


def test_the_credentials_of_a_server_are_removed_with_words(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        body = {"title": "Shelf", "transport": "http", "url": "http://127.0.0.1:9/mcp", "bearer": "planted"}
        made = page.request.post(
            f"{product.origin}/api/servers?force=true",
            data={**body, "allow_private": True},
            headers={"X-Omni2": "1", "Origin": product.origin},
        )
        assert made.status == 201, made.text()
        page.goto(f"{product.origin}/admin/servers/{made.json()['server_id']}?tab=settings")
        page.get_by_role("button", name="Remove credentials").click()
        question = page.get_by_role("dialog", name="Remove the credentials of Shelf")
        expect(question).to_contain_text("Forgets the stored bearer token and headers.")
        question.get_by_role("button", name="Remove credentials").click()
        question.get_by_role("button", name="Remove anyway").click()
        expect(question).to_have_count(0)
        expect(page.get_by_text("None is stored.")).to_be_visible()
        page.get_by_label("Title").fill("A shelf of a hundred letters " * 3)
        page.get_by_role("button", name="Save settings").click()
        expect(page.get_by_text("Settings saved")).to_be_visible()
        go(page, "Servers")
        table = page.get_by_role("table", name="Servers")
        expect(table.get_by_text("A shelf of a hundred letters").first).to_be_visible()
        for width in (1440, 1024, 800):
            page.set_viewport_size({"width": width, "height": 900})
            assert table.evaluate("table => table.offsetWidth <= table.parentElement.clientWidth"), width


def test_who_has_no_credits_left_is_shown_none(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        expect(page.get_by_text("500.0 credits left").first).to_be_visible()
        answer = page.request.put(
            f"{product.origin}/api/budgets/default",
            data={"limit_micros": 0},
            headers={"X-Omni2": "1", "Origin": product.origin},
        )
        assert answer.status == 200, answer.text()
        send(page, SUGGESTIONS[0])
        expect(page.get_by_text("No credits left")).to_be_visible()
        expect(page.get_by_text("500.0 credits left")).to_have_count(0)
        expect(page.get_by_text("0.0 credits left").first).to_be_visible()
        page.get_by_role("button", name="Ask for credits").click()
        request = page.get_by_role("dialog", name="Ask for credits")
        expect(request).to_contain_text(
            re.compile(rf"{re.escape(product.origin)}/admin/flows/[0-9a-f-]{{36}}")
        )
        expect(request.get_by_role("link", name="Write an e-mail")).to_have_attribute(
            "href", re.compile("^mailto:.*admin%2Fflows")
        )
