"""Credits on the governed path: reserve with the intent, settle with the outcome."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from omni2.catalog.entries import ModelEntry
from omni2.engine.context import Run
from omni2.flows.checkpoints import BudgetLine, UsageCheck
from omni2.flows.phase import Entry, Then
from omni2.kernel.errors import Problem
from omni2.kernel.lane import Row, Step, UnitRefused
from omni2.usage.budgets import (
    RESERVED_ROW,
    SETTLED_ROW,
    Charge,
    Hold,
    Window,
    end_hold,
    refund,
    remaining_of,
    reserve,
    settle,
)
from omni2.usage.words import in_credits

ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Intent:
    """What is about to happen, and its upper bound. `charge` says what it would be charged as."""

    micros: int
    charge: Charge
    entries: tuple[Entry, ...] = ()
    steps: tuple[Step, ...] = ()


async def commit_intent(run: Run, intent: Intent, then: Then | None = None) -> Hold:
    """Reserve and record an intent in one unit; raise `Problem` budget_exhausted when it does not fit.

    The `usage_check` checkpoint carries the figures of the very update that reserved; nothing is read before
    it, only where it was refused. See `Flow.write` for `then`.
    """
    budgets, user_id = run.engine.budgets, run.principal.user_id
    for attempt in range(ATTEMPTS):
        window = await budgets.window(user_id) if attempt else budgets.today(user_id)
        if attempt and window.remaining_micros < intent.micros:
            break
        hold, steps = reserve(window, run.flow.flow_id, intent.micros)
        check = Entry(
            None, "passed", make=lambda rows, window=window: _passed(window, intent, rows[RESERVED_ROW])
        )
        try:
            await run.flow.write(
                check, *intent.entries, steps=[*steps, *intent.steps], then=_held(run, hold, intent, then)
            )
        except UnitRefused as refusal:
            if refusal.index != RESERVED_ROW:
                raise
            continue
        return hold
    window = await budgets.window(user_id)
    raise _exhausted(run, window, intent)


def settle_steps(run: Run, hold: Hold, charge: Charge) -> list[Step]:
    """Return the steps of a settlement; call `note_settled` with their rows once they stand."""
    run.open_holds[hold.reservation_id] = (hold, charge)
    return settle(hold, charge)


def refund_steps(run: Run, hold: Hold) -> list[Step]:
    """Return the steps that give a hold back; call `note_settled` with their rows once they stand."""
    run.open_holds[hold.reservation_id] = (hold, Charge("none", 0))
    return refund(hold)


def note_settled(run: Run, hold: Hold, rows: Sequence[Row | None]) -> None:
    """Count what was settled, and take what is left from the rows of a settlement, first in its unit."""
    _count(run, run.open_holds.pop(hold.reservation_id)[1])
    run.spent.remaining_micros = remaining_of(rows[SETTLED_ROW])


def close_holds(run: Run) -> list[Step]:
    """Return the steps that end all open holds: charged as far as they were used, the rest given back.

    They are never refused: whether a hold stands may be in doubt.
    """
    steps: list[Step] = []
    for hold, charge in run.open_holds.values():
        used = bool(charge.micros or charge.input_tokens or charge.output_tokens)
        if used:
            _count(run, charge)
        steps += end_hold(hold, charge if used else None)
    run.open_holds.clear()
    return steps


def remaining_then(rows: Sequence[Row | None]) -> int | None:
    """Return what is left behind `close_holds` of one hold, first in its unit; None where it was not held."""
    return remaining_of(rows[0])


def is_used(run: Run, hold: Hold) -> bool:
    """Whether an open hold would be charged now."""
    held = run.open_holds.get(hold.reservation_id)
    return held is not None and held[1].micros > 0


def note_use(run: Run, hold: Hold, **used: int) -> None:
    """Keep what an open hold would be charged now, should the call be cut short."""
    held = run.open_holds.get(hold.reservation_id)
    if held is not None:
        run.open_holds[hold.reservation_id] = (hold, replace(held[1], **used))  # type: ignore[arg-type]


async def refuse_unpriced(run: Run, model: ModelEntry) -> Problem:
    """Return the refusal of a model whose cost is not known, to somebody whose credits are counted."""
    window = await run.engine.budgets.window(run.principal.user_id)
    problem = Problem(
        "model_unpriced",
        402,
        f"{model.title} has no price, so it cannot be counted against your daily credits. Choose another "
        "model; an administrator can set its price under Models, also to nothing.",
        rule="no price",
    )
    stored = (window.limit_micros, window.used_micros, window.reserved_micros)
    check = UsageCheck(
        budgets=[_line(window, *stored)],
        requested_micros=0,
        reserved_micros=0,
        denied_by="no price",
        unpriced=True,
    )
    run.flow.note(Entry(check, "denied"))
    run.flow.deny(problem)
    return problem


def _held(run: Run, hold: Hold, intent: Intent, then: Then | None) -> Then:
    def note(rows: Sequence[Row | None] | None) -> None:
        run.open_holds[hold.reservation_id] = (hold, intent.charge)
        if rows is not None:
            run.spent.reserved_micros += intent.micros
            run.spent.remaining_micros = remaining_of(rows[RESERVED_ROW])
        if then is not None:
            then(rows)

    return note


def _count(run: Run, charge: Charge) -> None:
    run.spent.charged_micros += charge.micros
    run.flow.totals.cost_micros += charge.micros
    run.flow.totals.input_tokens += charge.input_tokens
    run.flow.totals.output_tokens += charge.output_tokens


def _line(window: Window, limit: int, used: int, reserved: int) -> BudgetLine:
    return BudgetLine(
        name="daily credits",
        limit_micros=limit,
        used_micros=used,
        reserved_micros=reserved,
        remaining_micros=max(0, limit - used - reserved),
        resets_at=window.resets_at,
    )


def _passed(window: Window, intent: Intent, row: Row | None) -> UsageCheck:
    stored = (window.limit_micros, window.used_micros, window.reserved_micros)
    limit, used, reserved = (int(figure) for figure in row[:3]) if row else stored
    return UsageCheck(
        budgets=[_line(window, limit, used, reserved)],
        requested_micros=intent.micros,
        reserved_micros=intent.micros,
        unpriced=intent.charge.unpriced,
    )


def _exhausted(run: Run, window: Window, intent: Intent) -> Problem:
    micros_each = run.engine.settings.credit_micros
    resets_at = window.resets_at.isoformat().replace("+00:00", "Z")
    problem = Problem(
        "budget_exhausted",
        402,
        f"Not enough credits: this needs {in_credits(intent.micros, micros_each)}, and of today's "
        f"{in_credits(window.limit_micros, micros_each)} there are "
        f"{in_credits(window.remaining_micros, micros_each)} left. An administrator can raise the limit.",
        limit=window.limit_micros,
        remaining=window.remaining_micros,
        resets_at=resets_at,
        rule="daily credits",
    )
    check = UsageCheck(
        budgets=[_line(window, window.limit_micros, window.used_micros, window.reserved_micros)],
        requested_micros=intent.micros,
        reserved_micros=0,
        denied_by="daily credits",
        unpriced=intent.charge.unpriced,
    )
    run.flow.note(Entry(check, "denied"))
    run.flow.deny(problem)
    return problem
