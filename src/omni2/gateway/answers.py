"""What came of a governed request, in the words of each revision."""

from pydantic import JsonValue

from omni2.engine.requests import Answered, Timing
from omni2.gateway.outlet import Header
from omni2.gateway.wire import INTERNAL_ERROR, INVALID_PARAMS, MISSING_CAPABILITY, Fault, Object
from omni2.upstream.ports import CallOutcome

TIMING_KEY = "omni2/timing"
SERVER_INFO_KEY = "io.modelcontextprotocol/serverInfo"

LIST_TTL_MS = 5_000
_PASSED_ON = {INVALID_PARAMS, INTERNAL_ERROR, MISSING_CAPABILITY, -32002, -32042}
_MODERN_ONLY = ("resultType", "ttlMs", "cacheScope")


def called_result(answered: Answered, method: str) -> Object:
    """Return the result of a request; raise `Fault` where it has none.

    A tool that may not be used or whose server fails answers with `isError`, so that a model can read why.
    """
    called = answered.called
    outcome = called.outcome
    if outcome is not None and outcome.result is not None:
        return {name: value for name, value in outcome.result.items() if name not in _MODERN_ONLY}
    if outcome is not None and outcome.code is not None:
        words = outcome.error or "The server refused the request."
        raise Fault(_passed_on(outcome.code), words, _data_of(outcome))
    if method == "tools/call":
        return {"content": [{"type": "text", "text": called.text}], "isError": True}
    if called.status == "denied":
        raise Fault(INVALID_PARAMS, called.text, {"code": "denied", "rule": called.rule})
    raise Fault(INTERNAL_ERROR, called.text, {"code": called.status})


def modern_result(result: Object, method: str, info: Object) -> Object:
    """Return a result with what 2026-07-28 asks of each: its type, who answers (`info`), and how long."""
    meta = result.get("_meta")
    told: Object = {SERVER_INFO_KEY: info, **(meta if isinstance(meta, dict) else {})}
    whole: Object = {"resultType": "complete", **result, "_meta": told}
    if method.endswith("/list") or method == "server/discover":
        return {**whole, "ttlMs": LIST_TTL_MS, "cacheScope": "private"}
    return {**whole, "ttlMs": 0, "cacheScope": "private"} if method == "resources/read" else whole


def with_timing(result: Object, timing: Timing) -> Object:
    """Return a result that says where its time went (ms)."""
    meta = result.get("_meta")
    spans: Object = {
        "auth_ms": round(timing.auth_ms, 3),
        "checks_ms": round(timing.checks_ms, 3),
        "record_ms": round(timing.record_ms, 3),
        "upstream_ms": round(timing.upstream_ms, 3),
        "total_ms": round(timing.total_ms, 3),
    }
    return {**result, "_meta": {**(meta if isinstance(meta, dict) else {}), TIMING_KEY: spans}}


def timing_header(timing: Timing) -> Header:
    """Return `Server-Timing`."""
    return b"server-timing", (
        b"auth;dur=%.3f, checks;dur=%.3f, record;dur=%.3f, upstream;dur=%.3f, total;dur=%.3f"
        % (timing.auth_ms, timing.checks_ms, timing.record_ms, timing.upstream_ms, timing.total_ms)
    )


def _data_of(outcome: CallOutcome) -> JsonValue:
    """Return what goes along with an error: what the server says beside a code that is passed on."""
    if outcome.required:
        return {"requiredCapabilities": {name: {} for name in outcome.required}}
    return outcome.data if outcome.code in _PASSED_ON - {MISSING_CAPABILITY} else None


def _passed_on(code: int) -> int:
    """Return a server's error code, but for those that say something about a wire that is not ours."""
    return code if code in _PASSED_ON else INTERNAL_ERROR
