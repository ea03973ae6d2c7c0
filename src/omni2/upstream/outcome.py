"""Results made safe: bounded, plain JSON of the right shape, and flattened to text for a model."""

import base64
import binascii
from typing import cast

import orjson
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.challenge import scopes_in
from omni2.upstream.faults import words
from omni2.upstream.http_link import MAX_RESULT_BYTES
from omni2.upstream.masks import masked_json
from omni2.upstream.ports import CallOutcome, CallStatus, Method, ServerTarget

Object = dict[str, JsonValue]


def outcome_of(target: ServerTarget, method: Method, raw: Object) -> CallOutcome:
    """Turn a raw result into an outcome, without the credentials that the server was shown."""
    try:
        size = len(orjson.dumps(raw))
    except (TypeError, ValueError, RecursionError):
        return failed("upstream_error", "The server answered with values that JSON cannot carry.")
    if size > MAX_RESULT_BYTES:
        return failed("upstream_error", "The server answered with more than 4 MiB.", size)
    result = cast("Object", masked_json(target, raw))
    blocks = _blocks(method, result)
    if blocks is None:
        return failed("upstream_error", f"The answer of {target.title} does not follow the protocol.", size)
    structured = result.get("structuredContent")
    text = _flatten(blocks, structured)
    is_error = method == "tools/call" and result.get("isError") is True
    return CallOutcome(
        status="tool_error" if is_error else "ok",
        content=tuple(blocks),
        structured=structured if isinstance(structured, dict) else None,
        text=text,
        size_bytes=size,
        error=(words(text) or "The tool failed without saying why.") if is_error else None,
        result=result,
    )


def failed(status: CallStatus, error: str, size_bytes: int = 0, code: int | None = None) -> CallOutcome:
    """Return the outcome of a call that brought no result."""
    return CallOutcome(status, (), None, error, size_bytes, error, code=code)


def failed_by(problem: Problem, code: int | None = None) -> CallOutcome:
    """Return the outcome of a call that a fault of the server kept from bringing a result."""
    status: CallStatus = "timeout" if problem.code == "server_timeout" else "upstream_error"
    http_status = problem.extra.get("http_status")
    return CallOutcome(
        status,
        (),
        None,
        problem.detail,
        0,
        problem.detail,
        code=code,
        http_status=http_status if isinstance(http_status, int) else None,
        wanted_scopes=scopes_in(str(problem.extra.get("wanted_scopes", ""))),
    )


def _blocks(method: Method, result: Object) -> list[Object] | None:
    """Return the parts of a result that say something, or None when it is not of its method's shape."""
    match method:
        case "tools/call":
            return _typed(result.get("content", [] if "structuredContent" in result else None))
        case "prompts/get":
            messages = _objects(result.get("messages"))
            if messages is None or any(not isinstance(one.get("role"), str) for one in messages):
                return None
            return _typed([one.get("content") for one in messages])
        case "resources/read":
            return _contents(result.get("contents"))
        case "completion/complete":
            match result.get("completion"):
                case {"values": list(values)} if all(isinstance(value, str) for value in values):
                    return [{"type": "text", "text": ", ".join(str(value) for value in values)}]
                case _:
                    return None


def _objects(value: JsonValue) -> list[Object] | None:
    if not isinstance(value, list):
        return None
    found = [item for item in value if isinstance(item, dict)]
    return found if len(found) == len(value) else None


def _typed(value: JsonValue) -> list[Object] | None:
    blocks = _objects(value)
    if blocks is None or any(not isinstance(block.get("type"), str) for block in blocks):
        return None
    return None if any(block["type"] == "text" and "text" not in block for block in blocks) else blocks


def _contents(value: JsonValue) -> list[Object] | None:
    contents = _objects(value)
    if contents is None or any(not isinstance(one.get("uri"), str) for one in contents):
        return None
    return [{"type": "resource", "resource": one} for one in contents]


def _flatten(blocks: list[Object], structured: JsonValue) -> str:
    parts = [_describe(block) for block in blocks]
    if not parts and structured is not None:
        parts = [orjson.dumps(structured).decode()]
    return "\n\n".join(part for part in parts if part)


def _describe(block: Object) -> str:
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
