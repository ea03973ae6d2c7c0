"""The first minutes: set up, ask, see the tool called, find it all again."""

import re

from playwright.sync_api import APIResponse, Browser, Route, expect

from tests.e2e.steps import SUGGESTIONS, ask, await_answer, composer, send, set_up, visitor
from tests.support.product import Product


def test_the_setup_link_makes_the_first_administrator_once(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss, visitor(browser) as thief:
        set_up(boss.page, product)
        assert product.link is not None
        thief.page.goto(product.link)
        expect(
            thief.page.get_by_text(re.compile("no longer|does not work|already", re.I)).first
        ).to_be_visible()
        assert boss.complaints == []


def test_every_suggested_prompt_is_answered_with_a_real_tool_call(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        expect(page.get_by_text("Demo model (rules, not an LLM)").first).to_be_visible()
        for suggestion, tool, words in zip(
            SUGGESTIONS,
            ("shop.find_order", "shop.low_stock", "time.get_current_time"),
            ("shipped", "stock", "Tokyo"),
            strict=True,
        ):
            page.get_by_role("link", name="Chat", exact=True).click()
            page.get_by_role("link", name="New conversation").first.click()
            page.get_by_role("button", name=suggestion).click()
            await_answer(page)
            expect(page.get_by_text(tool).first).to_be_visible()
            expect(page.get_by_text(words).last).to_be_visible()
        expect(page.get_by_text("497.0 credits left").first).to_be_visible()
        assert boss.complaints == []


def test_an_answer_is_found_again_after_a_reload_and_can_be_had_anew(
    browser: Browser, product: Product
) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[0])
        expect(page).to_have_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
        page.reload()
        expect(page.get_by_text("shop.find_order").first).to_be_visible()
        expect(page.get_by_text("UP8227547240").first).to_be_visible()
        page.get_by_role("button", name="Answer anew").last.click()
        await_answer(page)
        expect(page.get_by_text("shop.find_order")).to_have_count(1)
        ask(page, "What did I ask before?")
        expect(page.get_by_text("order 1042").last).to_be_visible()


def test_a_reload_in_the_middle_of_an_answer_goes_on_and_stop_works(
    browser: Browser, product: Product
) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        send(page, SUGGESTIONS[0])
        expect(page).to_have_url(re.compile(r"/chat/[0-9a-f-]{36}$"))
        page.reload()
        await_answer(page)
        expect(page.get_by_text("Hand coffee grinder").last).to_be_visible()
        send(page, "Which orders are there? List them all, please.")
        page.get_by_role("button", name="Stop the answer").click()
        expect(page.get_by_role("button", name="Stop the answer")).to_have_count(0)
        expect(page.get_by_text(re.compile("stopped", re.I)).last).to_be_visible()


def test_a_conversation_is_listed_though_an_older_list_comes_late(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        held: list[tuple[Route, APIResponse]] = []
        page.route("**/api/conversations?*", lambda route: held.append((route, route.fetch())), times=1)
        set_up(page, product)
        ask(page, "What time is it in Tokyo?")
        for route, older in held:
            route.fulfill(response=older)
        expect(page.get_by_role("button", name="Actions for What time is it in Tokyo?")).to_have_count(1)
        assert len(held) == 1


def test_conversations_are_renamed_and_deleted(browser: Browser, product: Product) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, "What time is it in Tokyo?")
        page.get_by_role("button", name=re.compile("Actions for What time")).click()
        page.get_by_role("menuitem", name="Rename").click()
        page.get_by_role("textbox", name="Name of the conversation").fill("Clocks")
        page.keyboard.press("Enter")
        page.reload()
        page.get_by_role("button", name="Actions for Clocks").click()
        page.get_by_role("menuitem", name="Delete").click()
        page.get_by_role("dialog").get_by_role("button", name=re.compile("Delete")).click()
        expect(page.get_by_text("Clocks")).to_have_count(0)
        expect(composer(page)).to_be_visible()
