"""Tool results made safe: bounded, plain JSON, and flattened to text for a model."""

import base64
import binascii
from typing import cast

import mcp_types as types
import orjson
from pydantic import JsonValue

from omni2.upstream.faults import masked_json, words
from omni2.upstream.http_link import MAX_RESULT_BYTES
from omni2.upstream.ports import CallOutcome, CallStatus, ServerTarget


def outcome_of(target: ServerTarget, result: types.CallToolResult) -> CallOutcome:
    """Turn a result of the MCP client into an outcome, without the credentials that the server was shown."""
    content = [block.model_dump(by_alias=True, mode="json", exclude_none=True) for block in result.content]
    try:
        encoded = orjson.dumps([content, result.structured_content])
    except (TypeError, ValueError, RecursionError):
        return failed("upstream_error", "The server answered with values that JSON cannot carry.")
    if len(encoded) > MAX_RESULT_BYTES:
        return failed("upstream_error", "The server answered with more than 4 MiB.", len(encoded))
    blocks, structured = cast(
        "tuple[list[dict[str, JsonValue]], JsonValue]", masked_json(target, orjson.loads(encoded))
    )
    text = _flatten(blocks, structured)
    return CallOutcome(
        status="tool_error" if result.is_error else "ok",
        content=tuple(blocks),
        structured=structured if isinstance(structured, dict) else None,
        text=text,
        size_bytes=len(encoded),
        error=(words(text) or "The tool failed without saying why.") if result.is_error else None,
    )


def failed(status: CallStatus, error: str, size_bytes: int = 0) -> CallOutcome:
    """Return the outcome of a call that brought no result."""
    return CallOutcome(status, (), None, error, size_bytes, error)


def _flatten(blocks: list[dict[str, JsonValue]], structured: JsonValue) -> str:
    parts = [_describe(block) for block in blocks]
    if not parts and structured is not None:
        parts = [orjson.dumps(structured).decode()]
    return "\n\n".join(part for part in parts if part)


def _describe(block: dict[str, JsonValue]) -> str:
    match block:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "image" | "audio" as kind, "data": str(data)}:
            return f"[{kind}: {block.get('mimeType', 'unknown type')}, {_decoded_size(data)} bytes]"
        case {"type": "resource", "resource": {"text": str(text)}}:
            return text
        case {"type": "resource", "resource": {"uri": str(uri)}}:
            return f"[resource: {uri}]"
        case {"type": "resource_link", "uri": str(uri)}:
            return f"[link: {block.get('name', uri)} ({uri})]"
        case _:
            return f"[{block.get('type', 'unknown')} content]"


def _decoded_size(data: str) -> int:
    try:
        return len(base64.b64decode(data, validate=True))
    except (binascii.Error, ValueError):
        return len(data)
