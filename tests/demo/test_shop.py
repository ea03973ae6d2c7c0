"""The demo shop: its data, its refusals and what its tools say about themselves."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from omni2.demo.shop_data import open_shop
from omni2.demo.shop_queries import (
    ShopError,
    cancel_order,
    create_ticket,
    find_order,
    list_orders,
    list_tickets,
    low_stock,
    sales_summary,
)
from tests.demo.talk import Talk
from tests.support.pools import call_tool

in_module = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A fresh shop."""
    opened = open_shop(tmp_path / "shop.sqlite3")
    yield opened
    opened.close()


def count(shop: sqlite3.Connection, table: str) -> int:
    return shop.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_the_shop_is_full_enough_to_look_real(shop: sqlite3.Connection) -> None:
    assert count(shop, "shop_order") >= 30
    assert count(shop, "product") >= 20
    assert count(shop, "ticket") >= 15
    assert count(shop, "customer") >= 10


def test_two_shops_are_alike_and_their_dates_are_recent(tmp_path: Path) -> None:
    one, other = open_shop(tmp_path / "one.sqlite3"), open_shop(tmp_path / "other.sqlite3")
    assert find_order(one, 1042) == find_order(other, 1042)
    newest = one.execute("SELECT max(placed_on) FROM shop_order").fetchone()[0]
    assert abs((datetime.now(UTC).date() - date.fromisoformat(newest)).days) <= 1
    one.close()
    other.close()


def test_a_shop_keeps_what_was_done_in_it(tmp_path: Path) -> None:
    path = tmp_path / "shop.sqlite3"
    first = open_shop(path)
    created = create_ticket(first, "Kept", order_id=1042)
    first.close()
    again = open_shop(path)
    tickets = list_tickets(again, order_id=1042)["tickets"]
    again.close()
    assert created["ticket_id"] in [ticket["ticket_id"] for ticket in tickets]  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]


def test_the_total_of_an_order_is_the_sum_of_its_lines(shop: sqlite3.Connection) -> None:
    order = find_order(shop, 1042)
    cents = shop.execute(
        "SELECT sum(quantity * price_cents) FROM order_line WHERE order_id = 1042"
    ).fetchone()[0]
    assert order["total"] == round(cents / 100, 2)


def test_only_orders_that_have_not_left_can_be_cancelled_and_only_once(shop: sqlite3.Connection) -> None:
    assert cancel_order(shop, 1055)["status"] == "cancelled"
    for order_id in (1055, 1042, 9999):
        with pytest.raises(ShopError):
            cancel_order(shop, order_id)


def test_a_ticket_for_an_unknown_order_is_refused(shop: sqlite3.Connection) -> None:
    with pytest.raises(ShopError):
        create_ticket(shop, "x", order_id=1)


def test_text_with_quotes_is_only_text(shop: sqlite3.Connection) -> None:
    assert list_orders(shop, customer="' OR 1=1 --")["count"] == 0


def test_low_stock_and_sales_agree_with_the_tables(shop: sqlite3.Connection) -> None:
    assert low_stock(shop, threshold=1)["count"] == 1
    assert sales_summary(shop, days=365)["orders"] == count(shop, "shop_order") - 3


@in_module
async def test_the_tools_say_what_they_change(talk: Talk) -> None:
    hints = {tool.name: tool.annotations for tool in talk.catalogues["shop"].tools}
    assert hints["find_order"]["readOnlyHint"] is True
    assert hints["create_ticket"]["readOnlyHint"] is False
    assert hints["create_ticket"]["destructiveHint"] is False
    assert hints["cancel_order"]["destructiveHint"] is True
    assert len(hints) == 8


@in_module
async def test_wrong_arguments_are_a_tool_error_in_words(talk: Talk) -> None:
    target = talk.servers["shop"]
    for arguments in ({}, {"order_id": "x"}, {"order_id": 1042, "extra": 1}):
        outcome = await call_tool(talk.pool, target, "find_order", arguments)  # pyright: ignore[reportArgumentType]
        assert outcome.status == "tool_error"
        assert "arguments" in outcome.text
    assert (await call_tool(talk.pool, target, "no_such_tool", {})).status == "tool_error"


@in_module
async def test_a_result_is_structured_and_text_alike(talk: Talk) -> None:
    outcome = await call_tool(talk.pool, talk.servers["shop"], "find_order", {"order_id": 1042})
    assert outcome.structured is not None
    assert outcome.structured["order_id"] == 1042
    assert '"order_id": 1042' in outcome.text
