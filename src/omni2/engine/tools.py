"""A call on the governed path: decided, recorded, paid for, called, recorded again, then released."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from omni2.access.decide import Decision
from omni2.catalog.entries import ServerEntry
from omni2.engine.asked_back import AskedBack
from omni2.engine.context import OpenCall, Run, note_snapshot, snapshot_steps
from omni2.engine.credits import (
    Intent,
    commit_intent,
    is_used,
    note_settled,
    note_use,
    refund_steps,
    settle_steps,
)
from omni2.engine.deciding import decide, upstream_call
from omni2.flows.checkpoints import CallStatus, Target, ToolCall, ToolResult, Verdict
from omni2.flows.phase import Entry, known
from omni2.flows.steps import insert_call
from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime
from omni2.kernel.lane import Row, Step
from omni2.kernel.redact import redact, redact_text
from omni2.live.registry import Ending, Handle
from omni2.upstream.ports import CallOutcome, OnWire, ToolWish
from omni2.usage.budgets import Charge, Hold

PREVIEW = 2_000
LOOKED_AT = PREVIEW + 65_536  # a secret that begins in the preview may be long


@dataclass(slots=True)
class Called:
    """What came of a call: in full for the model (`text`), as a preview for a person, and the time."""

    status: CallStatus
    text: str
    preview: str
    duration_ms: float
    rule: str | None = None
    outcome: CallOutcome | None = None


@dataclass(slots=True)
class Wanted:
    """A call that somebody asks for: the server's slug, the own name of its tool or prompt, or a uri."""

    server: str
    tool: str
    wish: ToolWish
    iteration: int | None = None
    target: Target = "tool"
    meta: dict[str, JsonValue] = field(default_factory=dict)


async def call_tool(run: Run, wanted: Wanted, announce: Callable[[], None] | None = None) -> Called:
    """Call what is wanted for the run's principal; a denial or a server's fault is an answer, no exception.

    This is the only way to a server's tools, prompts, resources and completions.

    `announce` is called once the intent, or the refusal, is on record: nobody hears of it before.

    Raises `Problem` when the user is blocked, the credits are used up or the record cannot be written.
    """
    started = uptime()
    decision, server, price_micros = await decide(
        run, wanted.target, wanted.server, wanted.tool, wanted.wish.arguments
    )
    run.spans.checks_ms += (uptime() - started) * 1000
    if not decision.allowed or server is None:
        return _announced(announce, await _denied(run, wanted, decision, started))
    if wanted.wish.invalid is not None:
        return _announced(announce, await _refused(run, wanted, wanted.wish.invalid, started))
    recording = uptime()
    hold = await _record_intent(run, wanted, price_micros)
    run.spans.record_ms += (uptime() - recording) * 1000
    if announce is not None:
        announce()
    outcome = await _call(run, wanted, server, hold)
    if outcome.status in {"upstream_error", "timeout"} and outcome.code is None:
        await run.engine.bus.publish("server_trouble", {"server_id": server.server_id})
    return await _record_outcome(run, wanted, hold, (outcome, started))


async def _call(run: Run, wanted: Wanted, server: ServerEntry, hold: Hold | None) -> CallOutcome:
    engine, handle = run.engine, _handle(run)
    engine.registry.add(handle)
    try:
        if engine.mirror.refused(run.principal.user_id, run.door):
            await engine.mirror.require_open(run.principal.user_id, run.door)
        calling = uptime()
        try:
            target = engine.targets.of(server, engine.sealer, run.principal.user_id)
            call = upstream_call(server, wanted.target, wanted.tool, wanted.wish.arguments, wanted.meta)
            link = AskedBack(run, wanted.server, run.link) if run.link is not None else None
            return await engine.pool.request(target, call, link, on_wire=_on_wire(run, hold))
        except Problem as problem:
            words = f"{problem.code}: {problem.detail}"
            return CallOutcome("upstream_error", (), None, problem.detail, 0, words)
        finally:
            run.spans.upstream_ms += (uptime() - calling) * 1000
    finally:
        engine.registry.remove(handle)


async def _record_intent(run: Run, wanted: Wanted, price_micros: int | None) -> Hold | None:
    entry = _intent(wanted, "passed")

    def note(rows: Sequence[Row | None] | None) -> None:
        del rows
        if wanted.server not in run.flow.totals.servers:
            run.flow.totals.servers.append(wanted.server)
        run.flow.totals.tool_calls += 1
        run.open_calls[wanted.wish.call_id] = OpenCall(wanted.target, wanted.server, wanted.tool, uptime())

    first = snapshot_steps(run)
    if not price_micros:
        await run.flow.write(entry, steps=first, then=note)
        hold = None
    else:
        charge = Charge("tool", 0, server=wanted.server, tool=wanted.tool)
        hold = await commit_intent(run, Intent(price_micros, charge, (entry,), tuple(first)), note)
    note_snapshot(run)
    return hold


async def _record_outcome(
    run: Run, wanted: Wanted, hold: Hold | None, came: tuple[CallOutcome, float]
) -> Called:
    outcome, started = came
    duration_ms = _since(started)
    preview = redact_text((outcome.text or outcome.error or "")[:LOOKED_AT])[:PREVIEW]
    entry = _result(wanted, outcome.status, outcome.size_bytes, preview, duration_ms)
    counted = insert_call(run.flow.opening, (wanted.server, wanted.tool), outcome.status, duration_ms)
    happened = hold is not None and (outcome.status in {"ok", "tool_error"} or is_used(run, hold))
    text = (
        outcome.text
        if outcome.status in {"ok", "tool_error"}
        else f"The call failed: {outcome.error or outcome.status}"
    )
    called = Called(outcome.status, text, preview, duration_ms, outcome=outcome)
    if run.single:  # it stands, and is settled, in the unit that closes the flow
        if hold is not None:
            note_use(run, hold, micros=hold.micros if happened else 0)
        run.open_calls.pop(wanted.wish.call_id, None)
        run.last_steps.append(counted)
        run.flow.note(entry)
        return called
    settled: list[Step] = []
    if hold is not None:
        charge = Charge("tool", hold.micros, server=wanted.server, tool=wanted.tool)
        settled = settle_steps(run, hold, charge) if happened else refund_steps(run, hold)

    def note(rows: Sequence[Row | None] | None) -> None:
        run.open_calls.pop(wanted.wish.call_id, None)
        if hold is not None and rows is not None:
            note_settled(run, hold, rows)

    await run.flow.write(entry, steps=[*settled, counted], again=[counted], then=note)
    return called


def _on_wire(run: Run, hold: Hold | None) -> OnWire | None:
    """Return what notes that a call is on the wire: from then on it is paid for, however it ends."""
    if hold is None:
        return None
    return lambda fate: note_use(run, hold, micros=hold.micros if fate == "sent" else 0)


async def _denied(run: Run, wanted: Wanted, decision: Decision, started: float) -> Called:
    rule = decision.rule or decision.code
    detail = (
        f"You may not use {wanted.server}.{wanted.tool}: {decision.reason}. Ask an administrator for access."
    )
    entry = _intent(wanted, "denied", _since(started), rule=rule, detail=detail)
    if run.single:
        run.flow.deny(Problem("denied", 403, detail, rule=rule))
        run.flow.note(entry)
    else:
        await run.flow.write(entry)
    return Called("denied", f"Denied by rule '{rule}'. {detail}", detail, _since(started), rule)


async def _refused(run: Run, wanted: Wanted, reason: str, started: float) -> Called:
    detail = f"The arguments could not be read: {reason}"
    entry = _intent(wanted, "failed", _since(started), detail=detail)
    if run.single:
        run.flow.note(entry)
    else:
        await run.flow.write(entry)
    return Called("tool_error", detail, detail, _since(started))


def _announced(announce: Callable[[], None] | None, called: Called) -> Called:
    if announce is not None:
        announce()
    return called


def cancelled_calls(run: Run) -> tuple[list[Entry], list[Step]]:
    """Return a result for every call whose intent alone is on record, and what counts it."""
    entries: list[Entry] = []
    steps: list[Step] = []
    for call_id, call in run.open_calls.items():
        result = ToolResult(
            target=call.target,
            server=call.server,
            tool=call.tool,
            call_id=call_id,
            status="cancelled",
            size_bytes=0,
            preview="",
        )
        took_ms = _since(call.started)
        entries.append(Entry(result, "info", took_ms))
        steps.append(insert_call(run.flow.opening, (call.server, call.tool), "cancelled", took_ms))
    return entries, steps


def _intent(
    wanted: Wanted,
    verdict: Verdict,
    duration_ms: float | None = None,
    *,
    rule: str | None = None,
    detail: str | None = None,
) -> Entry:
    data, as_json = known(
        ToolCall,
        target=wanted.target,
        server=wanted.server,
        tool=wanted.tool,
        call_id=wanted.wish.call_id,
        arguments=redact(wanted.wish.arguments),
        iteration=wanted.iteration,
        rule=rule,
        detail=detail,
    )
    return Entry(data, verdict, duration_ms, json=as_json)


def _result(wanted: Wanted, status: CallStatus, size_bytes: int, preview: str, duration_ms: float) -> Entry:
    data, as_json = known(
        ToolResult,
        target=wanted.target,
        server=wanted.server,
        tool=wanted.tool,
        call_id=wanted.wish.call_id,
        status=status,
        size_bytes=size_bytes,
        preview=preview,
    )
    verdict: Verdict = "passed" if status == "ok" else "failed" if status != "cancelled" else "info"
    return Entry(data, verdict, duration_ms, json=as_json)


def _handle(run: Run) -> Handle:
    task = asyncio.current_task()

    async def end(ending: Ending) -> None:
        run.stopped_by = run.stopped_by or ending.code
        run.ending = run.ending or ending
        if task is not None and not (run.single and run.concluded):
            task.cancel()

    return Handle("call", run.principal.user_id, run.door, run.principal.credential_id, end)


def _since(started: float) -> float:
    return round((uptime() - started) * 1000, 3)
