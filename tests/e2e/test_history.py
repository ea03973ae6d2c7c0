"""Finding flows: a query that completes itself, facets, a kept view, two flows side by side."""

import re
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.axe import violations
from tests.e2e.steps import SUGGESTIONS, ask, no_sideways_scroll, set_up, visitor
from tests.support.product import Product


def test_a_query_is_completed_kept_and_leads_to_a_comparison(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[0])
        ask(page, SUGGESTIONS[1])
        page.goto(f"{product.origin}/admin/flows")
        table, bar = page.get_by_role("table"), page.get_by_role("combobox", name="Search flows")
        expect(table.get_by_text(SUGGESTIONS[1])).to_be_visible()
        complete(page, bar)
        expect(table.get_by_text(SUGGESTIONS[0])).to_be_visible()
        expect(table.get_by_text(SUGGESTIONS[1])).to_have_count(0)
        expect(page.get_by_text("1 flow", exact=True)).to_be_visible()
        page.get_by_role("button", name="Save view").click()
        page.get_by_label("Name").fill("Orders")
        page.get_by_role("button", name="Save", exact=True).click()
        bar.fill("foo:bar")
        bar.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("There is no key 'foo'")
        page.get_by_role("link", name="Denied").click()
        expect(page.get_by_text("Nothing matches these filters")).to_be_visible()
        page.reload()
        page.get_by_role("link", name="Orders").click()
        expect(table.get_by_text(SUGGESTIONS[0])).to_be_visible()
        page.get_by_role("link", name="All", exact=True).click()
        expect(table.get_by_text(SUGGESTIONS[1])).to_be_visible()
        for key in ("j", "x", "j", "x"):
            page.keyboard.press(key)
        expect(page.get_by_text("2 flows picked")).to_be_visible()
        page.get_by_role("region", name="Picked flows").get_by_role("link", name="Compare").click()
        expect(page).to_have_url(re.compile(r"/admin/flows/[0-9a-f-]{36}\.\.\.[0-9a-f-]{36}"))
        find_a_conversation(page)
        assert boss.complaints == []


def complete(page: Page, bar: Locator) -> None:
    """Type the beginning of a key and of a tool, and take what is offered."""
    bar.press_sequentially("tool")
    bar.press("ArrowDown")
    bar.press("Enter")
    bar.press_sequentially("find")
    offer = page.get_by_role("option", name="shop.find_order")
    expect(offer).to_be_visible()
    offer.click()
    bar.press("Enter")
    expect(page).to_have_url(re.compile("q=tool%3Ashop.find_order"))


def find_a_conversation(page: Page) -> None:
    """Find a conversation by words of an answer, and go from its graph and from its turn to the flow."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Conversations").click()
    page.get_by_role("searchbox", name="Words that were said").fill("low on stock")
    expect(page).to_have_url(re.compile("q=low"))
    page.get_by_role("table").get_by_text(SUGGESTIONS[0]).click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.get_by_role("radio", name="Graph").click()
    page.get_by_role("button", name=re.compile(r"Open Turn 1: .+ Done \d+ steps, 1 tool call")).click()
    expect(page.get_by_role("button", name="Fold turn 2")).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Step \d+\. shop\.")).first.click()
    page.get_by_role("link", name=re.compile(r"View step \d+ in its flow")).click()
    expect(page).to_have_url(re.compile(r"/admin/flows/[0-9a-f-]{36}\?step=\d+"))
    page.go_back()
    page.get_by_role("radio", name="Transcript").click()
    page.get_by_role("article").last.get_by_role("link", name="View flow").click()
    expect(page.get_by_role("heading", name="Answered with 1 tool call.")).to_be_visible()


def test_a_flow_is_taken_out_and_replayed_elsewhere(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[0])
        page.get_by_role("link", name="View flow").last.click()
        page.get_by_role("button", name="Export").click()
        with page.expect_download() as taken:
            page.get_by_role("menuitem", name="Bundle with proof").click()
        file = tmp_path / "bundle.json"
        taken.value.save_as(file)
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Audit").click()
        page.get_by_role("link", name="Imported flows").click()
        expect(page.get_by_text("Nothing was imported")).to_be_visible()
        expect(page.get_by_role("banner").get_by_text("Audit")).to_be_visible()
        page.get_by_label("Bundle").set_input_files(file)
        page.get_by_role("main").get_by_role("listitem").get_by_role("link").first.click()
        flows = page.get_by_role("list", name="Flows of this bundle")
        flows.get_by_role("link", name=SUGGESTIONS[0]).click()
        flow = page.get_by_role("region", name="Imported flow")
        expect(flow.get_by_text("shop.find_order").first).to_be_visible()
        flow.get_by_role("radio", name="Timeline").click()
        expect(flow.get_by_role("region", name="Timeline")).to_be_visible()
        flow.get_by_role("button", name="Play", exact=True).click()
        expect(page.get_by_text("Before the first step.")).to_be_visible()
        page.keyboard.press("Shift+ArrowRight")
        expect(page.get_by_text("After step 1, sign-in")).to_be_visible()
        page.reload()
        expect(page.get_by_text("After step 1, sign-in")).to_be_visible()
        assert violations(page) == []
        assert no_sideways_scroll(page)
        replay(browser, page, product, tmp_path / "replay.html")
        assert boss.complaints == []


def replay(browser: Browser, page: Page, product: Product, file: Path) -> None:
    """Take the flows out as a page of their own, and read and play one where there is no server."""
    file.write_bytes(page.request.get(f"{product.origin}/api/insight/export/flows?format=html").body())
    with visitor(browser, width=360) as elsewhere:
        alone = elsewhere.page
        alone.goto(file.as_uri())
        alone.get_by_role("button", name=SUGGESTIONS[0]).click()
        steps = alone.get_by_role("main").locator("ol > li")
        expect(steps.first).to_contain_text("Signed in with a browser session")
        steps.first.locator("summary").first.click()
        expect(steps.first.get_by_text("Browser session", exact=True)).to_be_visible()
        expect(steps.last).to_contain_text("1 tool call")
        assert re.search(r"\d_micros|\dT\d\d:", alone.get_by_role("main").inner_text()) is None
        alone.get_by_role("slider", name="Step").fill("2")
        expect(alone.locator("li.ahead")).to_have_count(steps.count() - 2)
        assert violations(alone) == []
        assert no_sideways_scroll(alone)
        assert elsewhere.complaints == []
