"""Calls of tools by hand, as the governed path makes them."""

from pydantic import JsonValue

from omni2.upstream.ports import CallOutcome, McpPool, OnWire, ServerTarget, UpstreamCall


async def call_tool(
    pool: McpPool,
    target: ServerTarget,
    name: str,
    arguments: dict[str, JsonValue],
    *,
    timeout_ms: int | None = None,
    on_wire: OnWire | None = None,
) -> CallOutcome:
    """Call a tool whose caller takes no questions."""
    call = UpstreamCall("tools/call", {"name": name, "arguments": arguments})
    return await pool.request(target, call, None, timeout_ms, on_wire)
