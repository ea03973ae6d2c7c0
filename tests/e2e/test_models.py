"""A real model is added in one step, answers the next question, and its key is seen no more."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from playwright.sync_api import Browser, expect

from tests.e2e.steps import ask, set_up, visitor
from tests.support.fake_models import FakeProvider, Stream, openai_event, openai_text
from tests.support.product import Product, free_port

KEY = "sk-planted-key-0123456789abcdef"


@contextmanager
def served(provider: FakeProvider) -> Iterator[str]:
    """Serve a provider in a thread of its own; yield its base URL."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(provider, port=port, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{port}/v1"
    server.should_exit = True
    thread.join(20)


def test_a_real_model_is_added_in_one_step_and_answers(browser: Browser, product: Product) -> None:
    provider = FakeProvider([Stream(openai_text("Forty", "-two", "."))], openai_event)
    with served(provider) as url, visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Models").click()
        page.get_by_role("button", name="Add a real model").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("combobox", name="Provider").click()
        page.get_by_role("option", name="OpenAI-compatible").click()
        dialog.get_by_label("URL").fill(url)
        dialog.get_by_label("Model", exact=True).fill("llama-test")
        dialog.get_by_label("Key").fill(KEY)
        dialog.get_by_role("button", name="Add model").click()
        expect(page.get_by_text("llama-test").first).to_be_visible()
        expect(page.get_by_text("Answers by default").first).to_be_visible()
        assert KEY not in page.content()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="Chat", exact=True).click()
        ask(page, "What is six times seven?")
        expect(page.get_by_text("Forty-two.").last).to_be_visible()
        assert provider.headers[-1]["authorization"] == f"Bearer {KEY}"
        models = page.request.get(f"{product.origin}/api/models")
        assert KEY not in models.text()
    assert KEY not in product.log
    assert boss.complaints == []
