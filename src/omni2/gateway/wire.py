"""JSON-RPC as it crosses the wire: what is read strictly, what is written, and the codes of faults."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import orjson
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.kernel.jsons import loads_strict

MODERN = "2026-07-28"
LEGACY = ("2025-06-18", "2025-11-25")
NEWEST_LEGACY = LEGACY[-1]
SUPPORTED = (*LEGACY, MODERN)

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
HEADER_MISMATCH = -32020
MISSING_CAPABILITY = -32021
UNSUPPORTED_VERSION = -32022

STATUS_OF: Mapping[int, int] = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    HEADER_MISMATCH: 400,
    MISSING_CAPABILITY: 400,
    UNSUPPORTED_VERSION: 400,
    METHOD_NOT_FOUND: 404,
}
ID_LIMIT = 256

Id = int | str
Object = dict[str, JsonValue]


class Fault(Exception):
    """A JSON-RPC error. `status` is that of the HTTP answer, None where the revision decides."""

    def __init__(self, code: int, message: str, data: JsonValue = None, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.status = status

    def status_at(self, revision: str | None) -> int:
        """Return the HTTP status: older revisions have one for what could not be read alone."""
        if self.status is not None:
            return self.status
        return STATUS_OF.get(self.code, 200) if revision in {None, MODERN} else 200


@dataclass(slots=True)
class Message:
    """One message of a client: a request, a notification, or an answer to a request of ours.

    `meta` is what stands in `_meta` of its params, empty without.
    """

    kind: Literal["request", "notification", "answer"]
    id: Id | None
    method: str
    params: Object
    body: Object
    meta: Object


def parse(body: bytes) -> Message:
    """Return the one message of a body; raise `Fault` for anything else."""
    try:
        value = loads_strict(body)
    except Problem as problem:
        raise Fault(PARSE_ERROR, "Parse error: this is not JSON that omni2 accepts.") from problem
    if isinstance(value, list):
        raise _malformed("Batches are not part of this protocol. Send one message at a time.")
    if not isinstance(value, dict) or value.get("jsonrpc") != "2.0":
        raise _malformed("Send one JSON-RPC 2.0 message.")
    message_id = _id_of(value)
    if "method" not in value:
        return _answer(value, message_id)
    method, params = value["method"], value.get("params", {})
    if not isinstance(method, str) or not method or len(method) > ID_LIMIT:
        raise _malformed("The method must be a short string.")
    if not isinstance(params, dict):
        raise _malformed("The params must be an object.")
    meta = params.get("_meta", {})
    if not isinstance(meta, dict):
        raise Fault(INVALID_PARAMS, "params._meta must be an object.")
    kind = "notification" if message_id is None else "request"
    return Message(kind, message_id, method, params, value, meta)


def _id_of(value: Object) -> Id | None:
    """Return the id, None without one; `null`, fractions, booleans and long strings are none."""
    if "id" not in value:
        return None
    found = value["id"]
    if isinstance(found, bool) or not isinstance(found, int | str):
        raise _malformed("The id must be a string or an integer.")
    if isinstance(found, str) and len(found) > ID_LIMIT:
        raise _malformed(f"The id is longer than {ID_LIMIT} characters.")
    return found


def _answer(value: Object, message_id: Id | None) -> Message:
    if message_id is None or ("result" in value) == ("error" in value):
        raise _malformed("This is neither a request nor a notification nor an answer.")
    return Message("answer", message_id, "", {}, value, {})


def _malformed(words: str) -> Fault:
    return Fault(INVALID_REQUEST, f"Invalid request: {words}")


def unsupported(requested: str) -> Fault:
    """Return the fault of a revision that is not spoken here."""
    data: Object = {"supported": [*SUPPORTED], "requested": requested[:64]}
    return Fault(UNSUPPORTED_VERSION, "Unsupported protocol version", data)


def result_bytes(message_id: Id, result: Mapping[str, JsonValue]) -> bytes:
    """Return the answer to a request."""
    return orjson.dumps({"jsonrpc": "2.0", "id": message_id, "result": result})


def fault_bytes(message_id: Id | None, fault: Fault) -> bytes:
    """Return the error that answers a request; the id is null where none could be read."""
    error: Object = {"code": fault.code, "message": fault.message}
    if fault.data is not None:
        error["data"] = fault.data
    return orjson.dumps({"jsonrpc": "2.0", "id": message_id, "error": error})


def notification_bytes(method: str, params: Mapping[str, JsonValue] | None = None) -> bytes:
    """Return a notification."""
    whole: dict[str, object] = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        whole["params"] = params
    return orjson.dumps(whole)


def request_bytes(message_id: Id, method: str, params: Mapping[str, JsonValue]) -> bytes:
    """Return a request of ours."""
    return orjson.dumps({"jsonrpc": "2.0", "id": message_id, "method": method, "params": params})


def fault_of(problem: Problem) -> Fault:
    """Return how a problem looks within a stream, or to a request that it does not end."""
    code = INVALID_PARAMS if problem.status in {404, 422} else REFUSED
    if problem.status >= 500:
        code = INTERNAL_ERROR
    data: Object = {name: value for name, value in problem.members().items() if name != "detail"}
    return Fault(code, problem.detail, data)
