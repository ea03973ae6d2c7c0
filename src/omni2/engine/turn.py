"""A turn: the model and the tools in alternation, on the governed path, until there is an answer.

However it ends, flow, credits and messages are closed in one unit, and only then does `done` leave.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pydantic import JsonValue

from omni2.conversations.history import Said
from omni2.conversations.steps import begin_turn, insert_conversation, insert_message, supersede_after
from omni2.engine.asking import ask_model, choose_model
from omni2.engine.checks import run_checks
from omni2.engine.closing import status_of
from omni2.engine.concluding import Conclusion, conclude
from omni2.engine.context import Engine, Part, Run, note_snapshot, snapshot_steps
from omni2.engine.events import ToolCalled, ToolReturned, TurnEvent
from omni2.engine.prompting import Offered, as_read, messages_of, offer_tools
from omni2.engine.tools import Called, Wanted, call_tool
from omni2.flows.phase import Opening
from omni2.identity.principal import Principal
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id
from omni2.kernel.lane import Step, UnitRefused
from omni2.kernel.redact import redact
from omni2.upstream.ports import AssistantMessage, Message, ToolMessage, ToolWish, UserMessage


@dataclass(frozen=True, slots=True)
class Ask:
    """What a person says. `supersede_key` is the question's key when an answer is regenerated.

    `refusal` is why the turn may not even be registered, should the checks not say so themselves.
    """

    flow_id: str
    conversation_id: str
    message_id: str
    text: str
    is_new: bool
    model_id: str | None = None
    history: tuple[Said, ...] = ()
    supersede_key: int | None = None
    refusal: Problem | None = None


async def run_turn(
    engine: Engine,
    principal: Principal,
    ask: Ask,
    emit: Callable[[TurnEvent], None],
    on_record: Callable[[Problem | None], None],
) -> Run:
    """Answer `ask`. Never raises for what befalls the turn: refusals, failures and stops end in `done`.

    `on_record` is called once the question is durable, or with the reason why the store did not take it. A
    cancellation is concluded and then goes on to the caller.
    """
    opening = Opening(principal.user_id, "chat", ask.text, ask.conversation_id, ask.flow_id)
    async with engine.recorder.open(opening) as flow:
        run = Run(engine, principal, "chat", flow, emit)
        try:
            await _begin(run, ask)
            on_record(None)
            async with asyncio.timeout(engine.settings.turn_timeout_s):
                await _converse(run, ask)
            await conclude(run, Conclusion(ask.conversation_id, "ok"))
        except UnitRefused:
            gone = Problem("not_found", 404, "This conversation does not exist. It may have been deleted.")
            await conclude(run, Conclusion(ask.conversation_id, "failed", gone))
        except TimeoutError:
            late = Problem(
                "turn_timeout", 504, f"No answer within {engine.settings.turn_timeout_s} s. Try again."
            )
            await conclude(run, Conclusion(ask.conversation_id, "failed", late))
        except Problem as problem:
            if problem.status >= 500 and not flow.is_recorded:
                on_record(problem)
            await conclude(run, _ending(run, ask, status_of(problem), problem))
        except asyncio.CancelledError:
            await conclude(run, _ending(run, ask, "cancelled"))
            raise
        except Exception:
            bug = Problem("internal", 500, "omni2 failed. The log has the details.")
            await conclude(run, _ending(run, ask, "failed", bug))
            raise
    return run


def begin_steps(ask: Ask, user_id: str, *, strict: bool = True) -> list[Step]:
    """Return the statements that put the question on record and mark the turn as running.

    Strict ones refuse the unit when the conversation is gone; the others may be run twice.
    """
    start = insert_conversation(ask.conversation_id, user_id, ask.text, again=not strict)
    steps = [start] if ask.is_new else []
    begin = begin_turn(ask.conversation_id, user_id, ask.flow_id)
    steps.append(begin if strict else replace(begin, expect=None))
    if ask.supersede_key is not None:
        return [*steps, supersede_after(ask.conversation_id, ask.supersede_key)]
    return [*steps, insert_message(ask.message_id, ask.conversation_id, ("user", ask.text), {}, ask.flow_id)]


async def _begin(run: Run, ask: Ask) -> None:
    await run_checks(run)
    if ask.refusal is not None:
        raise ask.refusal
    await run.flow.write(steps=[*begin_steps(ask, run.principal.user_id), *snapshot_steps(run)])
    note_snapshot(run)


def _ending(run: Run, ask: Ask, status: str, problem: Problem | None = None) -> Conclusion:
    """Return how it ended; a question that no phase has stored yet is stored with the end."""
    recorded = run.flow.is_recorded
    before = [] if recorded else begin_steps(ask, run.principal.user_id, strict=False)
    return Conclusion(ask.conversation_id, status, problem, tuple(before))


async def _converse(run: Run, ask: Ask) -> None:
    model = await choose_model(run, ask.model_id)
    messages: list[Message] = [*messages_of(ask.history), UserMessage(ask.text)]
    for _ in range(run.engine.settings.max_iterations):
        access = run.access = await run.engine.access.of(run.principal)
        offered = offer_tools(access)
        answer = await ask_model(run, model, offered, messages)
        calls: list[JsonValue] = [
            {"call_id": wish.call_id, "name": wish.name, "arguments": redact(wish.arguments)}
            for wish in answer.wishes
        ]
        run.parts.append(Part("assistant", answer.text, {"turn": None, "tool_calls": calls}))
        if not answer.wishes:
            return
        messages.append(AssistantMessage(answer.text, tuple(answer.wishes)))
        messages.extend(await _call_all(run, offered, answer.wishes))
    raise Problem(
        "too_many_steps",
        409,
        f"The model wanted more than {run.engine.settings.max_iterations} rounds of tools.",
    )


async def _call_all(run: Run, offered: Offered, wishes: Sequence[ToolWish]) -> list[Message]:
    iteration = run.spent.model_calls
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_call_one(run, _wanted(offered, wish, iteration))) for wish in wishes]
    except* Problem as problems:
        raise _first(problems) from None
    return [task.result() for task in tasks]


async def _call_one(run: Run, wanted: Wanted) -> Message:
    wish = wanted.wish
    server = (await run.engine.catalog.snapshot()).servers.get(wanted.server)
    entry = server.tools.get(wanted.tool) if server else None
    frame = ToolCalled(
        call_id=wish.call_id,
        server=wanted.server,
        tool=wanted.tool,
        title=entry.title if entry else None,
        arguments=redact(wish.arguments),
    )
    called = await call_tool(run, wanted, lambda: run.emit(frame))
    run.emit(
        ToolReturned(
            call_id=wish.call_id,
            status=called.status,
            preview=called.preview,
            duration_ms=called.duration_ms,
            rule=called.rule,
        )
    )
    run.parts.append(_part(wanted, called, entry.title if entry else None))
    return ToolMessage(wish.call_id, wish.name, as_read(called.text), called.status != "ok")


def _part(wanted: Wanted, called: Called, title: str | None) -> Part:
    data: dict[str, JsonValue] = {
        "call_id": wanted.wish.call_id,
        "server": wanted.server,
        "tool": wanted.tool,
        "title": title,
        "arguments": redact(wanted.wish.arguments),
        "status": called.status,
        "preview": called.preview,
        "duration_ms": called.duration_ms,
        "rule": called.rule,
        "text": called.text[:100_000],
    }
    return Part("tool", "", data)


def _wanted(offered: Offered, wish: ToolWish, iteration: int) -> Wanted:
    offer = offered.by_name.get(wish.name)
    if offer is not None:
        tool, server, _ = offer
        return Wanted(server.slug, tool.name, wish, iteration)
    slug, _, tool_name = wish.name.partition("__")
    return Wanted(slug, tool_name or wish.name, wish, iteration)


def _first(problems: BaseExceptionGroup[Problem]) -> Problem:
    for error in problems.exceptions:
        return error if isinstance(error, Problem) else _first(error)
    return Problem("internal", 500, "omni2 failed.")


def new_ask(text: str, conversation_id: str | None, model_id: str | None, history: tuple[Said, ...]) -> Ask:
    """Return the ask of a new message, with ids made here."""
    return Ask(
        flow_id=new_id(),
        conversation_id=conversation_id or new_id(),
        message_id=new_id(),
        text=text,
        is_new=conversation_id is None,
        model_id=model_id,
        history=history,
    )
