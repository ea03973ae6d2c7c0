"""The tools of the demo shop: names, descriptions, argument schemas and what they may change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import mcp_types as types

from omni2.demo.shop_queries import (
    Record,
    cancel_order,
    create_ticket,
    find_order,
    list_orders,
    list_tickets,
    low_stock,
    sales_summary,
    search_products,
)

Schema = dict[str, Any]

READS = types.ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
WRITES = types.ToolAnnotations(
    read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=False
)
DESTROYS = types.ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=False
)

ORDER_ID: Schema = {"type": "integer", "description": "The order number, such as 1042.", "minimum": 1}
LIMIT: Schema = {"type": "integer", "description": "At most so many.", "minimum": 1, "maximum": 50}


@dataclass(frozen=True, slots=True)
class ShopTool:
    tool: types.Tool
    run: Callable[..., Record]
    arguments: jsonschema_rs.Validator


def _entry(
    run: Callable[..., Record],
    title: str,
    description: str,
    properties: dict[str, Schema],
    required: tuple[str, ...] = (),
    annotations: types.ToolAnnotations = READS,
) -> ShopTool:
    schema: Schema = {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
    tool = types.Tool(
        name=run.__name__, title=title, description=description, input_schema=schema, annotations=annotations
    )
    return ShopTool(tool, run, jsonschema_rs.validator_for(schema))


TOOLS = (
    _entry(
        find_order,
        "Find an order",
        "Look up one order by its number: status, delivery and tracking, customer, products, total cost.",
        {"order_id": ORDER_ID},
        ("order_id",),
    ),
    _entry(
        list_orders,
        "List orders",
        "List the newest orders, optionally of one status or one customer.",
        {
            "status": {
                "type": "string",
                "enum": ["paid", "packed", "shipped", "delivered", "returned", "cancelled"],
                "description": "Only orders of this status.",
            },
            "customer": {"type": "string", "description": "Part of the customer's name or e-mail."},
            "limit": LIMIT,
        },
    ),
    _entry(
        search_products,
        "Search products",
        "Search the products of the shop by name or category; returns price and stock.",
        {
            "query": {"type": "string", "description": "Words to look for, such as mug.", "minLength": 1},
            "limit": LIMIT,
        },
        ("query",),
    ),
    _entry(
        low_stock,
        "Low stock",
        "List products that are low on stock: under their reorder level, or fewer than `threshold` pieces.",
        {"threshold": {"type": "integer", "description": "Fewer pieces than this.", "minimum": 0}},
    ),
    _entry(
        list_tickets,
        "List support tickets",
        "List support tickets, the most urgent first.",
        {
            "status": {
                "type": "string",
                "enum": ["open", "waiting", "solved", "all"],
                "default": "open",
                "description": "Only tickets of this status.",
            },
            "order_id": {**ORDER_ID, "description": "Only tickets about this order."},
        },
    ),
    _entry(
        sales_summary,
        "Sales summary",
        "Sum up sales: revenue, number of orders and best sellers of the last days.",
        {
            "days": {
                "type": "integer",
                "minimum": 1,
                "maximum": 365,
                "description": "How far back; 30 if left out.",
            }
        },
    ),
    _entry(
        create_ticket,
        "Create a support ticket",
        "Create a new support ticket, optionally about an order.",
        {
            "subject": {"type": "string", "minLength": 1, "maxLength": 200, "description": "About what."},
            "description": {"type": "string", "maxLength": 4000, "description": "The whole story."},
            "order_id": {**ORDER_ID, "description": "The order that it is about."},
            "priority": {
                "type": "string",
                "enum": ["low", "normal", "high", "urgent"],
                "default": "normal",
                "description": "How much it hurries.",
            },
        },
        ("subject",),
        WRITES,
    ),
    _entry(
        cancel_order,
        "Cancel an order",
        "Cancel an order that has not been shipped, and refund it. This cannot be undone.",
        {"order_id": ORDER_ID, "reason": {"type": "string", "maxLength": 500, "description": "Why."}},
        ("order_id",),
        DESTROYS,
    ),
)
