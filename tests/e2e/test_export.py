"""Taking flows out of the page: what is cut off in the middle goes on, and the file is whole."""

import json
import re
import signal
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Download, Page, expect

from tests.e2e.axe import violations
from tests.e2e.steps import SUGGESTIONS, ask, no_sideways_scroll, set_up, visitor
from tests.support.product import Product

FLOWS = 200
NOTE_BYTES = 100_000  # so that all of them together do not fit into the buffers on their way
HEAD = "source, conversation_id, owner, status, title, sentence, started_at, ended_at, duration_ms, last_seq"
TOTALS = "tool_calls, input_tokens, output_tokens, cost_micros, model, servers"


def test_an_export_that_is_cut_off_goes_on_and_holds_every_flow_once(
    browser: Browser, product: Product, tmp_path: Path
) -> None:
    with visitor(browser) as boss:
        page = boss.page
        set_up(page, product)
        ask(page, SUGGESTIONS[0])
        page.goto(f"{product.origin}/admin/flows?q=status:ok")
        flow_ids = multiplied(product.data / "omni2.db")
        line = boss.context.new_cdp_session(page)
        limit(line, 2_000_000)
        start(page, "JSON lines")
        tray = page.get_by_role("region", name="Exports")
        expect(tray.get_by_text(re.compile(r"^Exporting [1-9]\d* of 201 flows$"))).to_be_visible()
        expect(tray.get_by_role("progressbar", name=re.compile("of 201 flows"))).to_be_visible()
        page.get_by_role("navigation", name="Main").get_by_role("link", name="People").click()
        expect(page.get_by_role("heading", name="People")).to_be_visible()
        product.stop(signal.SIGKILL)
        limit(line, -1)
        stopped = re.compile(r"^Stopped after [1-9]\d* of 201 flows: the connection was lost\.$")
        expect(tray.locator("p:not([role])").get_by_text(stopped)).to_be_visible()
        assert violations(page) == []
        page.set_viewport_size({"width": 360, "height": 740})
        assert no_sideways_scroll(page)
        product.start(first=False)
        file = gone_on(page, tmp_path / "flows.jsonl")
        flows = [json.loads(row) for row in file.read_text().splitlines()]
        assert [flow["flow_id"] for flow in flows] == flow_ids
        assert all(flow["checkpoints"][-1]["kind"] == "done" for flow in flows)
        breaks_in_the_middle(page, product, tmp_path, flow_ids)
        assert boss.complaints == []


def breaks_in_the_middle(page: Page, product: Product, folder: Path, flow_ids: Sequence[str]) -> None:
    """Have the server fail while a bundle leaves, and go on when it can read again."""
    page.goto(f"{product.origin}/admin/flows?q=status:ok")
    servers = written(product, flow_ids[149], "nonsense")
    start(page, "Bundle with proof")
    tray = page.get_by_role("region", name="Exports")
    expect(tray.get_by_role("button", name="Go on")).to_be_visible()
    with page.expect_download() as taken:
        tray.get_by_role("button", name="Save without its proof").click()
    some = ids_in(saved(taken.value, folder / "part.json"))
    assert some == flow_ids[: len(some)]
    assert 0 < len(some) <= 100
    written(product, flow_ids[149], servers)
    assert ids_in(gone_on(page, folder / "flows.json")) == flow_ids
    tray.get_by_role("button", name="Close").click()
    expect(tray).to_have_count(0)


def limit(line: CDPSession, bytes_a_second: int) -> None:
    """Slow the browser down, or no longer."""
    line.send("Network.enable")  # pyright: ignore[reportUnknownMemberType]
    told = {"offline": False, "latency": 0, "downloadThroughput": bytes_a_second, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", told)  # pyright: ignore[reportUnknownMemberType]


def start(page: Page, form: str) -> None:
    """Choose a form of the export."""
    page.get_by_role("button", name="Export", exact=True).click()
    page.get_by_role("menuitem", name=form).click()


def gone_on(page: Page, file: Path) -> Path:
    """Go on, and return the file that is saved in the end."""
    with page.expect_download() as taken:
        page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("201 flows exported").first).to_be_visible()
    return saved(taken.value, file)


def saved(download: Download, file: Path) -> Path:
    """Put what was downloaded into a file."""
    download.save_as(file)
    return file


def ids_in(file: Path) -> list[str]:
    """Return the flows of a bundle."""
    return [flow["flow_id"] for flow in json.loads(file.read_text())["flows"]]


def written(product: Product, flow_id: str, servers: str) -> str:
    """Write something for the servers of a flow, and return what was there."""
    with closing(sqlite3.connect(product.data / "omni2.db")) as database, database:
        (before,) = database.execute("SELECT servers FROM flows WHERE flow_id = ?", (flow_id,)).fetchone()
        database.execute("UPDATE flows SET servers = ? WHERE flow_id = ?", (servers, flow_id))
    return str(before)


def multiplied(file: Path) -> list[str]:
    """Write the one flow of a record many times more, longer and before it; return all ids, newest first."""
    with closing(sqlite3.connect(file)) as database, database:
        key, flow_id, user_id = database.execute("SELECT key, flow_id, user_id FROM flows").fetchone()
        records = database.execute("SELECT at, checkpoints FROM flow_records ORDER BY first_seq").fetchall()
        steps = [step for _, text in records for step in json.loads(text)]
        steps[0]["note"] = "x" * NOTE_BYTES
        ids = [f"{flow_id[:-12]}{number:012x}" for number in range(1, FLOWS + 1)]
        database.executemany(
            f"INSERT INTO flows (key, flow_id, user_id, {HEAD}, {TOTALS})"
            f" SELECT ?, ?, user_id, {HEAD}, {TOTALS} FROM flows WHERE key = {key}",
            [(key - number, name) for number, name in enumerate(ids, 1)],
        )
        database.executemany(
            "INSERT INTO flow_records (key, flow_id, user_id, first_seq, last_seq, at, checkpoints)"
            " VALUES (?, ?, ?, 1, ?, ?, ?)",
            [
                (key - number, name, user_id, len(steps), records[0][0], json.dumps(steps))
                for number, name in enumerate(ids, 1)
            ],
        )
    return [flow_id, *ids]
