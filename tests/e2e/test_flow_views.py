"""One flow in every view, played back and compared, as an administrator looks into what somebody did."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import violations
from tests.e2e.steps import BOB, SUGGESTIONS, ask, invite, no_sideways_scroll, set_up, visitor
from tests.support.product import Product


def test_a_flow_is_seen_from_every_side_played_back_and_compared(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[1])
        ask(page, SUGGESTIONS[0])
        page.get_by_role("link", name=re.compile("View flow", re.I)).last.click()
        expect(page.get_by_text("shop.find_order").first).to_be_visible()
        _every_view(page)
        _playback(page)
        _neighbours_and_difference(page)
        _people(page)
        assert boss.complaints == []


def _every_view(page: Page) -> None:
    for view, shows in (("Timeline", "Timeline"), ("Graph", "Graph"), ("JSON", "flow as JSON")):
        page.get_by_role("radio", name=view).click()
        expect(page.get_by_role("region", name=shows)).to_be_visible()
        expect(page).to_have_url(re.compile(f"view={view.lower()}"))
        expect(page.locator("[data-seq]").or_(page.get_by_text("checkpoints")).first).to_be_visible()
        assert view == "JSON" or violations(page) == []
    page.get_by_label("Search in flow as JSON").fill("find_order")
    expect(page.get_by_text(re.compile(r"1 of \d+"))).to_be_visible()
    page.get_by_role("radio", name="Graph").click()
    call = page.get_by_role("button", name=re.compile(r"shop.find_order\W+done"))
    call.click()
    expect(page).to_have_url(re.compile(r"step=\d+"))
    expect(page.get_by_role("article").get_by_text("order_id").first).to_be_visible()
    page.get_by_role("button", name="All kinds").click()
    expect(page.get_by_text("A person was asked to allow a call")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("radio", name="Cards").click()


def _playback(page: Page) -> None:
    page.get_by_role("button", name="Play", exact=True).click()
    player = page.get_by_role("region", name="Player")
    state = page.get_by_role("region", name="State at this moment")
    expect(state.get_by_text("Before the first step.")).to_be_visible()
    page.keyboard.press("Shift+ArrowRight")
    expect(state.get_by_text("After step 1, sign-in")).to_be_visible()
    player.get_by_role("button", name="Play", exact=True).click()
    expect(state.get_by_text(re.compile(r"After step \d+, end"))).to_be_visible()
    expect(state.get_by_text(re.compile("credits left"))).to_be_visible()
    expect(page).to_have_url(re.compile(r"t=\d+"))
    page.reload()
    expect(state.get_by_text(re.compile(r"After step \d+, end"))).to_be_visible()
    assert violations(page) == []
    player.get_by_role("button", name="Close the player").click()
    expect(player).to_have_count(0)


def _neighbours_and_difference(page: Page) -> None:
    flow = page.url.split("/flows/")[1][:36]
    page.get_by_role("link", name="Compare with previous").click()
    expect(page).to_have_url(re.compile(rf"/admin/flows/[0-9a-f-]{{36}}\.\.\.{flow}"))
    expect(page.get_by_role("status").get_by_text(re.compile("Both ended the same"))).to_be_visible()
    expect(page.get_by_text("Not for the second")).to_be_visible()
    page.get_by_label("Only differences").click()
    expect(page.get_by_text("Not blocked")).to_have_count(0)
    assert no_sideways_scroll(page)
    assert violations(page) == []
    page.get_by_role("link", name="Play both").click()
    expect(page.get_by_text("2 flows on one clock, as they happened.")).to_be_visible()
    page.get_by_role("region", name="Player").get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_text(re.compile(r"After step \d+, end"))).to_have_count(2)
    page.go_back()


def _people(page: Page) -> None:
    invite(page, BOB)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Compare").click()
    for field, person in (("One person", "Boss Example"), ("Another person", BOB)):
        page.get_by_role("button", name=field).click()
        page.get_by_role("combobox", name="Name or e-mail").fill(person)
        page.get_by_role("option", name=re.compile(person)).click()
    expect(page.get_by_role("status").get_by_text(re.compile("may use the same"))).to_be_visible()
    expect(page.get_by_text(re.compile("2 flows: 2 done"))).to_be_visible()
    assert violations(page) == []
