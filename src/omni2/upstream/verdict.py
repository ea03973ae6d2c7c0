"""Whose fault it was that a request brought nothing, and what the breaker learns from it."""

from dataclasses import replace
from typing import cast

from mcp.shared.exceptions import MCPError
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.breaker import Trial
from omni2.upstream.definitions import size_of
from omni2.upstream.exchange import Exchange
from omni2.upstream.faults import connect_problem, has_closed
from omni2.upstream.masks import masked_json
from omni2.upstream.outcome import failed, failed_by
from omni2.upstream.ports import CallOutcome, ServerTarget
from omni2.upstream.session import Session

# What counts as a fault of the server, beside every HTTP status from 500 on.
COUNTED = frozenset({"server_unreachable", "server_timeout", "server_invalid", "server_not_mcp"})
MAX_DATA_BYTES = 16 * 1024
CAPABILITIES = frozenset({"sampling", "elicitation", "roots"})


def failure_of(session: Session, exchange: Exchange, error: Exception, trial: Trial) -> CallOutcome:
    """Return the outcome of a request that failed with one of `SERVER_FAULTS`."""
    target = session.target
    if has_closed(error) and session.fault() is not None and exchange.status not in {401, 403}:
        trial.failed()
        return failed("upstream_error", f"{target.title}: {session.fault()}")
    problem = connect_problem(target, error, exchange)
    learn(trial, problem, exchange)
    outcome = failed_by(problem, exchange.refused_with)
    return replace(outcome, data=_data(target, error), required=_required(error)) if outcome.code else outcome


def learn(trial: Trial, problem: Problem, exchange: Exchange) -> None:
    """Count what is the server's fault; a request that it refused in words is an answer."""
    if exchange.refused_with is not None and (exchange.status or 0) < 500:
        trial.worked()
    elif problem.code in COUNTED or (exchange.status or 0) >= 500:
        trial.failed()


def _data(target: ServerTarget, error: Exception) -> JsonValue:
    """Return what a server says beside an error, without the credentials that it was shown; nothing large."""
    data = cast("JsonValue", error.error.data) if isinstance(error, MCPError) else None
    size = size_of(data)
    return masked_json(target, data) if size is not None and size <= MAX_DATA_BYTES else None


def _required(error: Exception) -> tuple[str, ...]:
    """Return the capabilities that the server misses in the caller; it may name no others than there are."""
    data: object = error.error.data if isinstance(error, MCPError) else None
    named = cast("dict[str, object]", data).get("requiredCapabilities") if isinstance(data, dict) else None
    return (
        tuple(sorted(CAPABILITIES & cast("dict[str, object]", named).keys()))
        if isinstance(named, dict)
        else ()
    )
