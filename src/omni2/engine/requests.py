"""One request of a client on the governed path: a tool, a prompt, a resource or a completion, in a flow."""

import asyncio
import re
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from omni2.engine.checks import Subject, auth_data, run_checks
from omni2.engine.closing import close, status_of
from omni2.engine.context import Engine, Run
from omni2.engine.storable import storable
from omni2.engine.tools import Called, Wanted, call_tool
from omni2.flows.checkpoints import CallStatus, FlowStatus, Target
from omni2.flows.phase import Entry, Opening
from omni2.identity.principal import Door, Principal
from omni2.kernel.errors import Problem, invalid
from omni2.kernel.ids import uptime
from omni2.upstream.ports import CallerLink, ToolWish

CALL_ID = "call_1"
MAX_SERVER_CHARS = 64
MAX_NAME_CHARS = 2_048
REFUSED_EVERY_S = 1.0
MAX_REFUSED = 10_000
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

_ENDS: dict[CallStatus, FlowStatus] = {"ok": "ok", "denied": "denied", "cancelled": "cancelled"}


@dataclass(slots=True)
class Asked:
    """What a client asks for: slug of the real server, own name or uri; `client` is its name and version.

    For a completion `name` is that of its prompt or the uri of its template, and `arguments` hold `ref`,
    `argument` and `context`.
    """

    target: Target
    server: str
    name: str
    arguments: dict[str, JsonValue]
    client: str | None = None
    meta: dict[str, JsonValue] = field(default_factory=dict)


@dataclass(slots=True)
class Timing:
    """Where the time of a request went (ms)."""

    auth_ms: float
    checks_ms: float
    record_ms: float
    upstream_ms: float
    total_ms: float


@dataclass(slots=True)
class Answered:
    """What a client is told; it is on record already, and may be released at once and only at once."""

    flow_id: str
    called: Called
    timing: Timing


async def answer(
    engine: Engine, principal: Principal, asked: Asked, *, door: Door = "mcp", link: CallerLink | None = None
) -> Answered:
    """Answer `asked` in a flow of its own: one commit before the call, one behind it.

    A denial is an answer; what the user may not even ask (blocked, signed out, wrong scope, no credits) and
    what could not be recorded is raised as `Problem`. A caller that is cancelled is on record as such.
    """
    asked = _storable(asked)
    started = uptime()
    flow = engine.recorder.open(Opening(principal.user_id, door, f"{asked.server}.{asked.name}"))
    run = Run(engine, principal, door, flow, single=True, link=link, client=asked.client)
    run.traceparent = _trace_of(asked)
    try:
        await run_checks(run, Subject(asked.target, asked.server, asked.name))
        wish = ToolWish(CALL_ID, asked.name, asked.arguments)
        called = await call_tool(
            run, Wanted(asked.server, asked.name, wish, target=asked.target, meta=asked.meta)
        )
        await close(run, _ENDS.get(called.status, "failed"))
    except Problem as problem:
        await close(run, status_of(problem), problem)
        raise
    except asyncio.CancelledError:
        await close(run, "cancelled")
        _raise_ending(run)
        raise
    finally:
        await close(run, "failed", _BUG)
    if engine.mirror.refused(principal.user_id, door):
        await engine.mirror.require_open(principal.user_id, door)
    return Answered(flow.flow_id, called, _timing(run, started))


async def refuse(
    engine: Engine, principal: Principal, asked: Asked | str, problem: Problem, *, door: Door = "mcp"
) -> None:
    """Put on record that a known user was refused something that opens no flow, such as a list.

    At most one a second a user is recorded; it says how many there were since the last one. `asked` may be
    the name of a method.
    """
    at = uptime()
    last, missed = engine.refusals.get(principal.user_id, (-REFUSED_EVERY_S, 0))
    if at - last < REFUSED_EVERY_S:
        engine.refusals[principal.user_id] = (last, missed + 1)
        return
    if len(engine.refusals) >= MAX_REFUSED:
        engine.refusals.clear()
    engine.refusals[principal.user_id] = (at, 0)
    title = asked if isinstance(asked, str) else f"{asked.server}.{asked.name}"
    flow = engine.recorder.open(Opening(principal.user_id, door, storable(title)))
    client = principal.client if isinstance(asked, str) else asked.client or principal.client
    run = Run(engine, replace(principal, client=client), door, flow, single=True)
    flow.note(Entry(auth_data(run.principal)))
    more = f" {missed} more requests were refused just before." if missed else ""
    await close(run, status_of(problem), Problem(problem.code, problem.status, problem.detail + more))


_BUG = Problem("internal", 500, "omni2 failed. The log has the details.")


def _raise_ending(run: Run) -> None:
    """Raise why it was ended, where that was done here and nobody else cancelled it."""
    task = asyncio.current_task()
    if run.ending is None or task is None or task.uncancel() > 0:
        return
    status = {4401: 401, 4403: 403}.get(run.ending.close_code, 503)
    raise Problem(run.ending.code, status, run.ending.message, message=run.ending.message)


def _storable(asked: Asked) -> Asked:
    """Return the same with names that can be stored: what cannot exists nowhere either."""
    if len(asked.server) > MAX_SERVER_CHARS or len(asked.name) > MAX_NAME_CHARS:
        raise invalid("name", "The name is too long.")
    server, name = storable(asked.server), storable(asked.name)
    return asked if (server, name) == (asked.server, asked.name) else replace(asked, server=server, name=name)


def _trace_of(asked: Asked) -> str | None:
    """Return the span that a client names as W3C says; what does not look like one is none."""
    told = asked.meta.get("traceparent") if asked.meta else None
    return told if isinstance(told, str) and _TRACEPARENT.fullmatch(told) else None


def _timing(run: Run, started: float) -> Timing:
    spans = run.spans
    total_ms = (uptime() - started) * 1000
    return Timing(spans.auth_ms, spans.checks_ms, spans.record_ms, spans.upstream_ms, total_ms)
