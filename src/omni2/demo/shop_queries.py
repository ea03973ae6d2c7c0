"""What can be asked of the made-up shop, and done to it; every function returns plain JSON values."""

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

from omni2.demo.shop_data import CURRENCY

Record: TypeAlias = dict[str, object]


class ShopError(Exception):
    """What was asked cannot be done; the message is for the one who asked."""


def find_order(shop: sqlite3.Connection, order_id: int) -> Record:
    """Return one order with its lines, total and delivery. Raises `ShopError` for an unknown one."""
    row = shop.execute(
        "SELECT o.*, c.name, c.email, c.city FROM shop_order o JOIN customer c USING (customer_id)"
        " WHERE order_id = ?",
        (order_id,),
    ).fetchone()
    if row is None:
        raise ShopError(f"There is no order {order_id}. Order numbers run from {_order_range(shop)}.")
    lines = shop.execute(
        "SELECT p.name AS product, l.quantity, l.price_cents FROM order_line l JOIN product p USING (sku)"
        " WHERE order_id = ? ORDER BY p.name",
        (order_id,),
    ).fetchall()
    found: Record = {
        "order_id": order_id,
        "status": row["status"],
        "total": _money(sum(line["quantity"] * line["price_cents"] for line in lines)),
        "currency": CURRENCY,
        "placed_on": row["placed_on"],
        "customer": row["name"],
        "email": row["email"],
        "ship_to": row["city"],
    }
    for key in ("carrier", "tracking", "expected_on", "delivered_on", "cancel_reason"):
        if row[key] is not None:
            found[key] = row[key]
    found["lines"] = [
        {"product": line["product"], "quantity": line["quantity"], "price": _money(line["price_cents"])}
        for line in lines
    ]
    return found


def list_orders(
    shop: sqlite3.Connection, status: str | None = None, customer: str | None = None, limit: int = 10
) -> Record:
    """Return the newest orders, optionally of one status and of customers with a text in name or e-mail."""
    rows = shop.execute(
        "SELECT o.order_id, o.status, o.placed_on, c.name AS customer,"
        " (SELECT sum(quantity * price_cents) FROM order_line l WHERE l.order_id = o.order_id) AS cents"
        " FROM shop_order o JOIN customer c USING (customer_id)"
        " WHERE (:status IS NULL OR o.status = :status)"
        " AND (:customer IS NULL OR instr(lower(c.name || ' ' || c.email), lower(:customer)) > 0)"
        " ORDER BY o.order_id DESC LIMIT :limit",
        {"status": status, "customer": customer, "limit": limit},
    ).fetchall()
    orders = [
        {
            "order_id": row["order_id"],
            "status": row["status"],
            "customer": row["customer"],
            "placed_on": row["placed_on"],
            "total": _money(row["cents"]),
        }
        for row in rows
    ]
    return {"count": len(orders), "currency": CURRENCY, "orders": orders}


def search_products(shop: sqlite3.Connection, query: str, limit: int = 10) -> Record:
    """Return products whose name, category or number holds every word of `query`."""
    words = [word.lower().rstrip("s") for word in query.split()]
    rows = shop.execute("SELECT * FROM product ORDER BY name").fetchall()
    hits = [
        {
            "name": row["name"],
            "sku": row["sku"],
            "category": row["category"],
            "price": _money(row["price_cents"]),
            "stock": row["stock"],
        }
        for row in rows
        if all(word in f"{row['name']} {row['category']} {row['sku']}".lower() for word in words)
    ]
    return {"count": len(hits), "currency": CURRENCY, "products": hits[:limit]}


def low_stock(shop: sqlite3.Connection, threshold: int | None = None) -> Record:
    """Return products with fewer than `threshold` pieces, or under their reorder level; scarcest first."""
    rows = shop.execute(
        "SELECT name, sku, stock, reorder_at FROM product WHERE stock < coalesce(?, reorder_at)"
        " ORDER BY stock, name",
        (threshold,),
    ).fetchall()
    return {"count": len(rows), "products": [dict(row) for row in rows]}


def list_tickets(shop: sqlite3.Connection, status: str = "open", order_id: int | None = None) -> Record:
    """Return support tickets of one status ("all" for every one), most urgent first."""
    rows = shop.execute(
        "SELECT t.ticket_id, t.subject, t.priority, t.status, t.order_id, t.opened_on, c.name AS customer"
        " FROM ticket t LEFT JOIN customer c USING (customer_id)"
        " WHERE (:status = 'all' OR t.status = :status) AND (:order_id IS NULL OR t.order_id = :order_id)"
        " ORDER BY instr('urgent high normal low', t.priority), t.opened_on",
        {"status": status, "order_id": order_id},
    ).fetchall()
    return {"count": len(rows), "tickets": [dict(row) for row in rows]}


def sales_summary(shop: sqlite3.Connection, days: int = 30) -> Record:
    """Return revenue, orders and best sellers of the last `days` days, without what came back."""
    since = (datetime.now(UTC) - timedelta(days=days)).date().isoformat()
    sold = (
        "FROM shop_order o JOIN order_line l USING (order_id) JOIN product p USING (sku)"
        " WHERE o.placed_on > ? AND o.status NOT IN ('cancelled', 'returned')"
    )
    total = shop.execute(
        "SELECT count(DISTINCT o.order_id) AS orders, coalesce(sum(quantity * l.price_cents), 0) AS cents "
        + sold,
        (since,),
    ).fetchone()
    best = shop.execute(
        "SELECT p.name AS product, sum(quantity) AS pieces, sum(quantity * l.price_cents) AS cents "
        + sold
        + " GROUP BY p.sku ORDER BY cents DESC LIMIT 5",
        (since,),
    ).fetchall()
    return {
        "days": days,
        "orders": total["orders"],
        "revenue": _money(total["cents"]),
        "currency": CURRENCY,
        "best_sellers": [
            {"product": row["product"], "pieces": row["pieces"], "revenue": _money(row["cents"])}
            for row in best
        ],
    }


def create_ticket(
    shop: sqlite3.Connection,
    subject: str,
    description: str = "",
    order_id: int | None = None,
    priority: str = "normal",
) -> Record:
    """Open a support ticket and return it. Raises `ShopError` for an unknown order."""
    customer = None
    if order_id is not None:
        row = shop.execute("SELECT customer_id FROM shop_order WHERE order_id = ?", (order_id,)).fetchone()
        if row is None:
            raise ShopError(f"There is no order {order_id}, so the ticket was not created.")
        customer = row["customer_id"]
    today = datetime.now(UTC).date().isoformat()
    created = shop.execute(
        "INSERT INTO ticket (subject, description, status, priority, order_id, customer_id, opened_on)"
        " VALUES (?, ?, 'open', ?, ?, ?, ?)"
        " RETURNING ticket_id, subject, status, priority, order_id, opened_on",
        (subject, description, priority, order_id, customer, today),
    ).fetchone()
    return dict(created)


def cancel_order(shop: sqlite3.Connection, order_id: int, reason: str = "Cancelled on request") -> Record:
    """Cancel an order that has not left yet. Raises `ShopError` for one that has, or is unknown."""
    order = find_order(shop, order_id)
    if order["status"] not in {"paid", "packed"}:
        raise ShopError(f"Order {order_id} is {order['status']} and can no longer be cancelled.")
    shop.execute(
        "UPDATE shop_order SET status = 'cancelled', cancel_reason = ?, expected_on = NULL"
        " WHERE order_id = ? AND status IN ('paid', 'packed')",
        (reason, order_id),
    )
    return {"order_id": order_id, "status": "cancelled", "refunded": order["total"], "currency": CURRENCY}


def _order_range(shop: sqlite3.Connection) -> str:
    row = shop.execute("SELECT min(order_id), max(order_id) FROM shop_order").fetchone()
    return f"{row[0]} to {row[1]}"


def _money(cents: int) -> float:
    return round(cents / 100, 2)
