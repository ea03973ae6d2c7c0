"""Watching somebody live: a monitored team, a panel that survives the server, and the block in it."""

import re
import signal

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
    set_up,
    visitor,
)
from tests.support.product import Product


def test_an_admin_watches_a_turn_loses_the_server_misses_nothing_and_blocks_from_the_panel(
    browser: Browser, product: Product
) -> None:
    with visitor(browser) as boss, visitor(browser) as bob:
        set_up(boss.page, product)
        accept_invitation(bob.page, invite(boss.page, BOB), "Bob Builder")
        make_team(boss.page, "Support", "Bob Builder")
        watch_team(boss.page, "Support")
        panel = boss.page.get_by_role("region", name="Live: Bob Builder")
        expect(panel.get_by_text("Nothing yet")).to_be_visible()
        ask(bob.page, "What time is it in Tokyo?")
        flow = panel.get_by_role("article", name="Flow: What time is it in Tokyo?")
        expect(flow.get_by_text("time.get_current_time")).to_be_visible()
        expect(flow.get_by_text("End", exact=True)).to_be_visible()
        steps = flow.get_by_role("article").count()
        product.stop(signal.SIGKILL)
        expect(
            boss.page.get_by_text("Nothing is lost: what happens meanwhile is shown then.")
        ).to_be_visible()
        product.start(first=False)
        bob.page.reload()
        expect(composer(bob.page)).to_be_visible()
        ask(bob.page, "Which products are low on stock?")
        newer = panel.get_by_role("article", name="Flow: Which products are low on stock?")
        expect(newer.get_by_text("shop.low_stock")).to_be_visible()
        expect(newer.get_by_text("End", exact=True)).to_have_count(1)
        earlier = panel.get_by_role("list", name="Earlier flows").get_by_role("link")
        expect(earlier).to_have_count(1)
        expect(earlier).to_contain_text("What time is it in Tokyo?")
        assert newer.get_by_role("article").count() == steps
        pause_and_play(boss.page, bob.page)
        monitor_alone(boss.page, "Support", "Bob Builder")
        block_from_the_panel(boss.page)
        expect(bob.page.get_by_text(BLOCK_WORDS)).to_be_visible()
        expect(panel.get_by_text("Blocked", exact=True).first).to_be_visible()
        boss.page.set_viewport_size({"width": 360, "height": 740})
        assert no_sideways_scroll(boss.page)
        panel.get_by_role("link", name=re.compile("Open the flow")).last.click()
        expect(boss.page).to_have_url(re.compile(r"/admin/flows/[0-9a-f-]{36}"))
        assert "Traceback" not in product.log
        assert boss.complaints == bob.complaints == []


def make_team(page: Page, team: str, member: str) -> None:
    """Make a team with one member, and see it on the member's page."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="People").click()
    page.get_by_role("radio", name="Teams").click()
    page.get_by_role("button", name="Add team").first.click()
    dialog = page.get_by_role("dialog", name="Add team")
    dialog.get_by_label("Name").fill(team)
    dialog.get_by_role("button", name="Add team").click()
    page.get_by_role("button", name="Add a person").click()
    page.get_by_role("combobox", name="Name or e-mail").fill(member[:3])
    page.get_by_role("option", name=member).click()
    page.get_by_role("list", name="Members").get_by_role("link", name=member).click()
    page.get_by_role("link", name=team).click()
    expect(page.get_by_role("heading", name=team)).to_be_visible()


def watch_team(page: Page, team: str) -> None:
    """Switch the monitoring of a team on from the Live page, and watch all its members."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Live").click()
    page.get_by_label("Find a person").fill(team[:3])
    page.get_by_role("button", name=f"Monitor team {team}").click()
    page.get_by_role("button", name="Start monitoring").click()
    page.get_by_role("button", name=f"Watch all members of {team}").click()
    page.get_by_label("Find a person").fill("")
    expect(page.get_by_text(f"through {team}")).to_be_visible()


def monitor_alone(page: Page, team: str, member: str) -> None:
    """End the monitoring of the team: the panel ends, and goes on once its member is monitored alone."""
    panel = page.get_by_role("region", name=f"Live: {member}")
    page.get_by_role("button", name=f"Monitoring of team {team}").click()
    page.get_by_role("menuitem", name="End monitoring").click()
    panel.get_by_role("button", name="Switch monitoring on").click()
    page.get_by_role("button", name="Start monitoring").click()
    expect(page.get_by_role("checkbox", name=f"Watch {member}")).to_be_checked()
    expect(page.get_by_text(f"through {team}")).to_have_count(0)
    expect(panel.get_by_role("article", name="Flow: Which orders are there?")).to_be_visible()


def pause_and_play(page: Page, other: Page) -> None:
    """Pause: what comes is counted and waits; play shows it."""
    page.get_by_role("button", name="Pause all").click()
    ask(other, "Which orders are there?")
    expect(page.get_by_role("button", name=re.compile(r"^Play all ?\+\d+$"))).to_be_visible()
    expect(page.get_by_role("article", name="Flow: Which orders are there?")).to_have_count(0)
    page.get_by_role("button", name="Play all").click()
    expect(page.get_by_role("article", name="Flow: Which orders are there?")).to_be_visible()


def block_from_the_panel(page: Page) -> None:
    page.get_by_role("region", name="Live: Bob Builder").get_by_role(
        "button", name="Block", exact=True
    ).click()
    block_everywhere(page)
    page.get_by_role("button", name="Done").click()
