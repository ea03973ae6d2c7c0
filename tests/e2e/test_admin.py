"""What an administrator sees: flows, overview, servers, people; and no page that a check complains of."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import violations
from tests.e2e.steps import BOB, SUGGESTIONS, ask, invite, no_sideways_scroll, set_up, visitor
from tests.support.product import Product

SECTIONS = ("/flows", "/conversations", "/people", "/people/teams", "/servers", "/models", "/audit")
PAGES = ("/chat", "/connect", "/usage", "/account", *(f"/admin{page}" for page in ("", *SECTIONS)))

NARROW = ("/usage", "/connect", "/admin/servers")  # a page that only scrolls, one of tabs, one of a table


def go(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Main").get_by_role("link", name=name).click()


def test_an_answer_is_seen_step_by_step_and_counted_and_the_demo_is_removed_in_one_click(
    browser: Browser, product: Product
) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[0])
        page.get_by_role("link", name=re.compile("View flow", re.I)).last.click()
        expect(page).to_have_url(re.compile(r"/flows/[0-9a-f-]{36}"))
        expect(page.get_by_text("Answered with 1 tool call.").first).to_be_visible()
        expect(page.get_by_text("shop.find_order").first).to_be_visible()
        go(page, "Flows")
        expect(page.get_by_role("table").get_by_text(SUGGESTIONS[0])).to_be_visible()
        go(page, "Overview")
        for words in ("Demo shop", "Demo time"):
            expect(page.get_by_text(words).first).to_be_visible()
        expect(page.get_by_text(re.compile("shop.find_order")).first).to_be_visible()
        expect(page.get_by_text("boss@example.org").first).to_be_visible()
        go(page, "Servers")
        expect(page.get_by_text("Demo shop").first).to_be_visible()
        page.get_by_role("button", name=re.compile("Remove (the )?demo", re.I)).first.click()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("Remove", re.I)).click()
        expect(page.get_by_text("Demo shop")).to_have_count(0)
        assert boss.complaints == []


def test_a_member_sees_no_administration_and_is_refused_it(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss, visitor(browser) as bob:
        set_up(boss.page, product)
        link = invite(boss.page, BOB)
        bob.page.goto(link)
        bob.page.get_by_label("Name", exact=True).fill("Bob")
        bob.page.get_by_label("Password", exact=True).fill("correct horse battery staple")
        bob.page.locator("button[type=submit]").click()
        ask(bob.page, SUGGESTIONS[2])
        expect(bob.page.get_by_role("link", name="People")).to_have_count(0)
        answer = bob.page.request.get(f"{product.origin}/api/users")
        assert (answer.status, answer.json()["code"]) == (403, "forbidden")


def test_no_page_breaks_the_accessibility_checks_or_scrolls_sideways(
    browser: Browser, product: Product
) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[0])
        page.get_by_role("link", name=re.compile("View flow", re.I)).last.click()
        expect(page.get_by_text("Answered with 1 tool call.").first).to_be_visible()
        flow = page.url.removeprefix(product.origin)
        found: list[str] = []
        for path in (*PAGES, flow):
            page.set_viewport_size({"width": 1440, "height": 900})
            page.goto(f"{product.origin}{path}")
            page.wait_for_load_state("networkidle")
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                page.wait_for_function("is => document.documentElement.dataset.theme === is", arg=theme)
                found += [f"{path}, {theme}: {line}" for line in violations(page)]
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": 360, "height": 740})
            if not no_sideways_scroll(page):
                found.append(f"{path}: scrolls sideways at 360 px")
            if path in NARROW:
                found += [f"{path} at 360 px: {line}" for line in violations(page)]
        assert found == []
