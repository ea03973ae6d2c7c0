"""How every interaction ends: what was under way, what was used, why it ended, and then `done`."""

from collections.abc import Sequence
from typing import cast

from omni2.engine.context import Run, note_snapshot, snapshot_steps
from omni2.engine.credits import close_holds, remaining_then
from omni2.engine.tools import cancelled_calls
from omni2.flows.checkpoints import Blocked, ErrorStep, FlowStatus, UsageSettled
from omni2.flows.phase import Entry
from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime
from omni2.kernel.lane import Row


async def close(run: Run, status: FlowStatus, problem: Problem | None = None) -> None:
    """Close the flow of a request with its credits, once; what came of its call is in the same unit.

    A caller that is cancelled meanwhile learns it behind the end.
    Raises `Problem` when the store refuses: then nothing may leave.
    """
    if not run.concluded:
        run.concluded = True
        started = uptime()
        await _close(run, status, problem)
        run.spans.record_ms += (uptime() - started) * 1000


async def _close(run: Run, status: FlowStatus, problem: Problem | None) -> None:
    status = cast("FlowStatus", final_status(run, status))
    held = bool(run.open_holds)
    holds = close_holds(run)
    cut, counted = cancelled_calls(run)
    entries = [*cut, *closing_entries(run, status, problem, settles=held)]
    try:
        await run.flow.end(status, *entries, steps=[*holds, *snapshot_steps(run), *run.last_steps, *counted])
    except Problem as failure:
        if not run.flow.totals.tool_calls:
            raise
        raise _unrecorded(failure) from failure
    note_snapshot(run)


def _unrecorded(failure: Problem) -> Problem:
    words = "The server was asked, but what came of it could not be recorded, so it may not leave."
    return Problem(failure.code, failure.status, f"{words} Look whether it happened before you try again.")


def status_of(problem: Problem) -> FlowStatus:
    """Return how an interaction that is refused, or fails, ends."""
    if problem.code == "blocked":
        return "blocked"
    return "denied" if problem.status in {401, 402, 403} else "failed"


def final_status(run: Run, status: str) -> str:
    """Return how it ended: what was cancelled by a block is blocked."""
    if status != "cancelled":
        return status
    if run.engine.mirror.standing(run.principal.user_id, run.door) is not None or run.stopped_by == "blocked":
        return "blocked"
    return "cancelled"


def closing_entries(run: Run, status: str, problem: Problem | None, *, settles: bool = False) -> list[Entry]:
    """Return the last checkpoints before `done`. With `settles` the unit begins with a settlement."""
    entries: list[Entry] = []
    if status == "blocked":
        standing = run.engine.mirror.standing(run.principal.user_id, run.door)
        if standing is not None and not run.flow.is_denied:
            what = _cancelled(run)
            entries.append(Entry(Blocked(by=standing.by, message=standing.message, cancelled=what), "denied"))
    elif problem is not None and status == "failed":
        entries.append(Entry(ErrorStep(code=problem.code, detail=problem.detail), "failed"))
    elif problem is not None and not run.flow.is_denied:
        entries.append(Entry(ErrorStep(code=problem.code, detail=problem.detail), "denied"))
    if run.spent.model_calls or run.spent.reserved_micros:
        entries.append(_settled(run, settles=settles))
    return entries


def _cancelled(run: Run) -> str:
    """Return in words what a block cut short."""
    if not run.single:
        return "the running answer"
    return "the running call" if run.flow.totals.tool_calls else "the request"


def _settled(run: Run, *, settles: bool) -> Entry:
    """Return what the interaction cost; what is left is read from the settlement, where the unit has one."""

    def make(rows: Sequence[Row | None]) -> UsageSettled:
        spent, totals = run.spent, run.flow.totals
        return UsageSettled(
            reserved_micros=spent.reserved_micros,
            charged_micros=spent.charged_micros,
            refunded_micros=spent.refunded_micros,
            remaining_micros=remaining_then(rows) if settles else spent.remaining_micros,
            input_tokens=totals.input_tokens,
            output_tokens=totals.output_tokens,
        )

    return Entry(None, "info", make=make) if settles else Entry(make(()), "info")
