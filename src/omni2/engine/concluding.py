"""The end of a turn: credits, calls, messages and the flow are closed in one unit."""

from dataclasses import dataclass
from typing import cast

import structlog
from pydantic import JsonValue

from omni2.conversations.steps import end_turn, insert_message
from omni2.engine.closing import closing_entries, final_status
from omni2.engine.context import Part, Run
from omni2.engine.credits import close_holds
from omni2.engine.events import TurnDone, UsageFrame
from omni2.engine.tools import cancelled_calls
from omni2.flows.checkpoints import FlowStatus
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id
from omni2.kernel.lane import Step
from omni2.kernel.tasks import finish_here

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """How a turn ended. `before` are statements that no phase had yet, and that the last one must have."""

    conversation_id: str
    status: str
    problem: Problem | None = None
    before: tuple[Step, ...] = ()


async def conclude(run: Run, ending: Conclusion) -> None:
    """Close everything and emit `usage` and `done`, once; what a store refuses is told as unknown."""
    await finish_here(_conclude(run, ending))


async def _conclude(run: Run, ending: Conclusion) -> None:
    if run.concluded:
        return
    run.concluded = True
    status = final_status(run, ending.status)
    message_id = new_id()
    holds = close_holds(run)
    cut, counted = cancelled_calls(run)
    entries = [*cut, *closing_entries(run, status, ending.problem)]
    turn = _turn_facts(run, status, ending.problem)
    _last_part(run, status).data["turn"] = turn
    steps = [*ending.before, *holds, *counted, *_messages(run, ending.conversation_id, message_id)]
    steps.append(end_turn(ending.conversation_id, run.flow.flow_id))
    problem = ending.problem
    try:
        await run.flow.end(cast("FlowStatus", status), *entries, steps=steps)
    except Problem as failure:
        log.warning("turn_not_stored", flow_id=run.flow.flow_id, code=failure.code)
        status, problem = _in_doubt(status, problem, failure)
    run.emit(
        UsageFrame(
            charged_micros=run.spent.charged_micros,
            remaining_micros=run.spent.remaining_micros,
            input_tokens=run.flow.totals.input_tokens,
            output_tokens=run.flow.totals.output_tokens,
            estimated=run.spent.estimated,
        )
    )
    rule = problem.extra.get("rule") if problem else None
    run.emit(
        TurnDone(
            message_id=message_id,
            status=cast("FlowStatus", status),
            code=problem.code if problem else None,
            detail=problem.detail if problem else None,
            rule=str(rule) if rule else None,
            duration_ms=run.flow.elapsed_ms,
            model=run.flow.totals.model,
        )
    )


def _in_doubt(status: str, problem: Problem | None, failure: Problem) -> tuple[str, Problem]:
    """Return how a turn is told whose end is not on record, and may be later: no answer fails by that."""
    if status != "ok" and failure.code != "flow_closed":
        return status, problem or failure
    words = "Its end is not on record. What was said stands above; load the conversation again in a moment."
    return "unknown", Problem(failure.code, failure.status, words)


def _last_part(run: Run, status: str) -> Part:
    """Return the assistant's part that carries the facts of the turn; make one where the answer broke off."""
    text = run.partial if status != "ok" else ""
    if run.parts and run.parts[-1].kind == "assistant" and not text:
        return run.parts[-1]
    run.parts.append(Part("assistant", text, {"turn": None, "tool_calls": []}))
    return run.parts[-1]


def _turn_facts(run: Run, status: str, problem: Problem | None) -> JsonValue:
    totals, spent = run.flow.totals, run.spent
    return {
        "status": status,
        "model": totals.model,
        "input_tokens": totals.input_tokens,
        "output_tokens": totals.output_tokens,
        "estimated": spent.estimated,
        "charged_micros": spent.charged_micros,
        "remaining_micros": spent.remaining_micros,
        "duration_ms": run.flow.elapsed_ms,
        "finish_reason": run.finish_reason,
        "code": problem.code if problem else None,
        "detail": problem.detail if problem else None,
    }


def _messages(run: Run, conversation_id: str, message_id: str) -> list[Step]:
    last = len(run.parts) - 1
    return [
        insert_message(
            message_id if index == last else new_id(),
            conversation_id,
            (part.kind, part.text),
            part.data,
            run.flow.flow_id,
        )
        for index, part in enumerate(run.parts)
    ]
