"""A real browser against the real product."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.brood import Brood
from tests.support.product import Product, find_chromium

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start Chromium, once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def brood() -> Iterator[Brood]:
    """Load the product, once."""
    brood = Brood()
    yield brood
    brood.close()


@pytest.fixture
def product(tmp_path: Path, brood: Brood) -> Iterator[Product]:
    """Start a fresh installation."""
    product = Product(tmp_path / "data", brood=brood).start()
    yield product
    product.stop()
