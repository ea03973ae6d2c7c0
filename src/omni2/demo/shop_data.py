"""The database of the made-up shop: its tables and its deterministic contents, dated relative to today."""

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

CURRENCY = "EUR"
FIRST_ORDER = 1021
ORDERS = 36

_SCHEMA = """
CREATE TABLE product (sku TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL,
  price_cents INTEGER NOT NULL, stock INTEGER NOT NULL, reorder_at INTEGER NOT NULL) STRICT;
CREATE TABLE customer (customer_id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL,
  city TEXT NOT NULL) STRICT;
CREATE TABLE shop_order (order_id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer,
  status TEXT NOT NULL, placed_on TEXT NOT NULL, carrier TEXT, tracking TEXT, expected_on TEXT,
  delivered_on TEXT, cancel_reason TEXT) STRICT;
CREATE TABLE order_line (order_id INTEGER NOT NULL REFERENCES shop_order,
  sku TEXT NOT NULL REFERENCES product, quantity INTEGER NOT NULL, price_cents INTEGER NOT NULL,
  PRIMARY KEY (order_id, sku)) STRICT;
CREATE TABLE ticket (ticket_id INTEGER PRIMARY KEY, subject TEXT NOT NULL, description TEXT NOT NULL,
  status TEXT NOT NULL, priority TEXT NOT NULL, order_id INTEGER REFERENCES shop_order,
  customer_id INTEGER REFERENCES customer, opened_on TEXT NOT NULL) STRICT;
"""

_PRODUCTS = (
    ("MUG-01", "Stoneware mug, blue", "kitchen", 1450, 64, 20),
    ("MUG-02", "Stoneware mug, white", "kitchen", 1450, 7, 20),
    ("KET-01", "Gooseneck kettle", "kitchen", 7900, 18, 8),
    ("GRN-01", "Hand coffee grinder", "kitchen", 6450, 3, 8),
    ("POT-01", "Cast-iron pot, 4 l", "kitchen", 11900, 12, 5),
    ("KNF-01", "Chef's knife, 20 cm", "kitchen", 8900, 25, 8),
    ("BRD-01", "Oak cutting board", "kitchen", 4200, 31, 10),
    ("LMP-01", "Desk lamp, brass", "home", 9900, 9, 6),
    ("LMP-02", "Floor lamp, linen", "home", 15900, 2, 4),
    ("BLK-01", "Wool blanket, grey", "home", 8450, 22, 8),
    ("CND-01", "Beeswax candles, set of 4", "home", 1990, 140, 40),
    ("VAS-01", "Glass vase, tall", "home", 3900, 16, 6),
    ("CLK-01", "Wall clock, walnut", "home", 6900, 4, 5),
    ("BAG-01", "Canvas backpack", "travel", 7450, 27, 10),
    ("BAG-02", "Weekend bag, leather", "travel", 18900, 6, 4),
    ("BTL-01", "Steel bottle, 0.75 l", "travel", 2900, 88, 25),
    ("UMB-01", "Folding umbrella", "travel", 3450, 0, 12),
    ("NTB-01", "Notebook A5, dotted", "office", 1250, 210, 50),
    ("PEN-01", "Fountain pen, medium", "office", 4900, 14, 6),
    ("INK-01", "Ink, midnight blue", "office", 1190, 5, 15),
    ("ORG-01", "Desk organiser, beech", "office", 5450, 19, 6),
    ("CHR-01", "Phone stand, aluminium", "office", 2450, 41, 12),
)

_CUSTOMERS = (
    ("Ana Costa", "Lisbon"),
    ("Ben Okafor", "London"),
    ("Chloe Martin", "Paris"),
    ("Daniel Weber", "Berlin"),
    ("Elif Kaya", "Istanbul"),
    ("Finn Larsen", "Copenhagen"),
    ("Giulia Romano", "Rome"),
    ("Hana Sato", "Tokyo"),
    ("Ivan Petrov", "Sofia"),
    ("Julia Novak", "Prague"),
    ("Karim Haddad", "Marseille"),
    ("Lucy Brown", "Dublin"),
    ("Marta Nowak", "Warsaw"),
    ("Noah Jansen", "Amsterdam"),
)

_TICKETS = (
    ("Parcel arrived damaged", "The lamp shade is dented on one side.", "open", "high", 1033, 1),
    ("Where is my parcel?", "Tracking has not moved for four days.", "open", "normal", 1042, 1),
    ("Wrong colour delivered", "Ordered the blue mug and got the white one.", "waiting", "normal", 1030, 3),
    ("Invoice with VAT number", "Please add our VAT number to the invoice.", "solved", "low", 1025, 9),
    ("Change delivery address", "We have moved; please send it to the new address.", "open", "high", 1050, 0),
    ("Kettle does not pour evenly", "Is the spout supposed to drip?", "waiting", "low", 1027, 6),
    ("Refund not received", "The refund was promised ten days ago.", "open", "urgent", 1023, 12),
    ("Discount code rejected", "Code AUTUMN10 is not accepted.", "solved", "normal", None, 15),
    ("Order twice by mistake", "Please cancel the second one.", "open", "high", 1052, 0),
    ("Gift wrapping", "Can the blanket be wrapped as a gift?", "solved", "low", 1047, 5),
    ("Grinder makes a noise", "It squeaks at every turn.", "open", "normal", 1029, 4),
    ("Question about wood oil", "Which oil for the cutting board?", "solved", "low", 1026, 11),
    ("Missing item", "One notebook of three is missing.", "waiting", "normal", 1036, 2),
    ("Umbrella back in stock?", "When can I buy the folding umbrella again?", "open", "low", None, 2),
    ("Payment taken twice", "My card shows two charges for one order.", "open", "urgent", 1049, 0),
    ("Return label", "Please send a label for the return of the bag.", "waiting", "normal", 1031, 7),
    ("Broken clasp", "The clasp of the weekend bag broke after a week.", "solved", "high", 1024, 18),
)


def open_shop(path: Path) -> sqlite3.Connection:
    """Open the database at `path`; a new or empty one is filled first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=10, isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute("BEGIN IMMEDIATE")
    found = connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'shop_order'").fetchone()[0]
    if not found:
        for statement in _SCHEMA.split(";"):
            connection.execute(statement)
        _seed(connection, datetime.now(UTC))
    connection.execute("COMMIT")
    return connection


def _seed(connection: sqlite3.Connection, now: datetime) -> None:
    chance = random.Random(2026)  # noqa: S311
    connection.executemany("INSERT INTO product VALUES (?, ?, ?, ?, ?, ?)", _PRODUCTS)
    for number, (name, city) in enumerate(_CUSTOMERS, start=1):
        email = f"{name.lower().replace(' ', '.')}@example.com"
        connection.execute("INSERT INTO customer VALUES (?, ?, ?, ?)", (number, name, email, city))
    for index in range(ORDERS):
        _seed_order(connection, now, chance, index)
    for number, (subject, description, status, priority, order_id, age) in enumerate(_TICKETS, start=301):
        customer = chance.randint(1, len(_CUSTOMERS))
        if order_id is not None:
            row = connection.execute("SELECT customer_id FROM shop_order WHERE order_id = ?", (order_id,))
            customer = row.fetchone()[0]
        opened_on = _day(now, -age)
        values = (number, subject, description, status, priority, order_id, customer, opened_on)
        connection.execute("INSERT INTO ticket VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def _seed_order(connection: sqlite3.Connection, now: datetime, chance: random.Random, index: int) -> None:
    order_id = FIRST_ORDER + index
    age = ORDERS - index - 1
    customer = chance.randint(1, len(_CUSTOMERS))
    status = _status(order_id, age)
    shipped = status in {"shipped", "delivered", "returned"}
    carrier = chance.choice(("DHL", "UPS", "PostNord")) if shipped else None
    tracking = f"{carrier[:2].upper()}{chance.randint(10**9, 10**10 - 1)}" if carrier is not None else None
    expected_on = _day(now, 6 - age) if status in {"paid", "packed", "shipped"} else None
    delivered_on = _day(now, 5 - age) if status in {"delivered", "returned"} else None
    reason = "Customer changed their mind" if status == "cancelled" else None
    connection.execute(
        "INSERT INTO shop_order VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (order_id, customer, status, _day(now, -age), carrier, tracking, expected_on, delivered_on, reason),
    )
    for product in chance.sample(_PRODUCTS, chance.randint(1, 3)):
        line = (order_id, product[0], chance.randint(1, 3), product[3])
        connection.execute("INSERT INTO order_line VALUES (?, ?, ?, ?)", line)


def _status(order_id: int, age: int) -> str:
    special = {1042: "shipped", 1023: "returned", 1035: "cancelled", 1046: "cancelled"}
    if order_id in special:
        return special[order_id]
    if age < 2:
        return "paid"
    if age < 4:
        return "packed"
    return "shipped" if age < 8 else "delivered"


def _day(now: datetime, offset: int) -> str:
    return (now + timedelta(days=offset)).date().isoformat()
