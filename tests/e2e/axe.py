"""Runs axe-core, which comes with the web app's packages, on a page."""

from pathlib import Path
from typing import Any, cast

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

STILL = (  # what fades in has the contrast of nothing in particular
    "() => document.getAnimations().every(each => each.playState !== 'running'"
    " || each.effect.getComputedTiming().iterations === Infinity)"
)


def violations(page: Page) -> list[str]:
    """Return what breaks WCAG 2.2 AA on the page, one line each."""
    assert AXE.exists(), "axe-core is missing. Run: make setup"
    page.evaluate(AXE.read_text())
    page.wait_for_function(STILL)
    found = cast(
        "list[dict[str, Any]]",
        page.evaluate(
            "async tags => (await axe.run(document, {runOnly: {type: 'tag', values: tags}})).violations", TAGS
        ),
    )
    return [f"{item['id']}: {item['help']}: {item['nodes'][0]['html'][:160]}" for item in found]
