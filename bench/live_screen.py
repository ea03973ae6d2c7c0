"""One browser in a process of its own: how old each checkpoint is when Live has drawn it, as JSON (ms)."""

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import sync_playwright

from tests.e2e.conftest import FLAGS
from tests.support.product import find_chromium

SCRIPT = Path(__file__).with_name("live_screen.js")
PANELS = 9


def main(origin: str, cookie: str, seconds: float, user_ids: list[str]) -> None:
    """Watch these users in nine panels at once, the others below; print what came on the screen, and when."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        host = urlsplit(origin).hostname or ""
        context.add_cookies([{"name": "omni2", "value": cookie, "domain": host, "path": "/"}])
        page = context.new_page()
        page.add_init_script(path=SCRIPT)
        page.goto(f"{origin}/admin/live?layout={PANELS}&u={','.join(user_ids)}")
        page.wait_for_selector("[id^=panel-]")
        while not page.evaluate("liveScreen.isLoaded()"):
            page.wait_for_timeout(100)
        page.evaluate("liveScreen.begin()")
        print("watching", flush=True)
        page.wait_for_timeout(seconds * 1_000)
        print(json.dumps(page.evaluate("liveScreen.end()")), flush=True)
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4].split(","))
