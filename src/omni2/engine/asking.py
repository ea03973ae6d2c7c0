"""A model call on the governed path: reserved and recorded before, streamed, settled after."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import cast

from omni2.catalog.entries import ModelEntry
from omni2.catalog.price import Price
from omni2.engine.context import Run
from omni2.engine.credits import (
    Intent,
    commit_intent,
    note_settled,
    note_use,
    refuse_unpriced,
    settle_steps,
)
from omni2.engine.events import Text, Thinking
from omni2.engine.prompting import Offered, system_prompt, upper_bound_tokens
from omni2.engine.storable import plausible, storable, storable_wish
from omni2.flows.checkpoints import LlmComplete, LlmThinking
from omni2.flows.phase import Entry
from omni2.kernel.errors import Problem
from omni2.kernel.ids import new_id, uptime
from omni2.kernel.jsons import dumps
from omni2.kernel.lane import Row
from omni2.upstream.ports import Message, ModelDone, ModelRequest, ModelUsage, TextDelta, ToolWish
from omni2.upstream.targets import model_target
from omni2.usage.budgets import Charge, Hold
from omni2.usage.prices import cost_micros, fallback_price

MIN_OUTPUT_TOKENS = 256
MAX_TOKEN_BYTES = 64
MIN_CUT_BYTES = 64 * 1024
MAX_CALLS = 64
MAX_ID = 200


@dataclass(slots=True)
class Answer:
    """What a model said in one call."""

    text: str = ""
    wishes: list[ToolWish] = field(default_factory=list[ToolWish])
    done: ModelDone | None = None


async def choose_model(run: Run, model_id: str | None) -> ModelEntry:
    """Return the model that answers; raise `Problem` when there is none, or not this one."""
    snapshot = await run.engine.catalog.snapshot()
    model = snapshot.models.get(model_id) if model_id else snapshot.default_model()
    if model is None or not model.enabled:
        code, detail = ("model_unknown", "This model is no longer offered. Choose another one.")
        if not model_id:
            code, detail = ("no_model", "No model is set up. An administrator can add one under Models.")
        raise Problem(code, 409, detail)
    run.model = model
    run.flow.totals.model = model.title
    if model.price is None and run.engine.settings.fallback_price_micros == 0:
        raise await refuse_unpriced(run, model)
    return model


async def ask_model(run: Run, model: ModelEntry, offered: Offered, messages: Sequence[Message]) -> Answer:
    """Ask once; text leaves as it comes. Raises `Problem` for no credits or a failing model."""
    iteration = run.spent.model_calls + 1
    limit = min(
        model.max_output_tokens or run.engine.settings.max_output_tokens,
        run.engine.settings.max_output_tokens,
    )
    request = ModelRequest(tuple(messages), offered.specs, system_prompt(run.principal.name), limit)
    bound = upper_bound_tokens(request)
    limit, micros = await _affordable(run, model, bound, limit)
    request = ModelRequest(request.messages, request.tools, request.system, limit)
    charge = Charge("model", 0, unpriced=model.price is None, provider=model.provider, model=model.name)
    thinking = LlmThinking(
        provider=model.provider,
        model=model.name,
        iteration=iteration,
        messages=len(messages),
        tools_offered=len(offered.specs),
    )
    started = uptime()
    hold = await commit_intent(run, Intent(micros, charge, (Entry(thinking, "info"),)))
    first_of_message = run.spent.model_calls == 0
    run.spent.model_calls += 1
    run.emit(Thinking(iteration=iteration, model=model.title))
    answer = await _stream(run, model, request, (hold, bound, first_of_message))
    await _settle(run, model, hold, (answer, started, first_of_message))
    run.partial = ""
    return answer


async def _stream(run: Run, model: ModelEntry, request: ModelRequest, held: tuple[Hold, int, bool]) -> Answer:
    answer, size = Answer(), 0
    target = model_target(model, run.engine.sealer)
    most = max(MIN_CUT_BYTES, request.max_output_tokens * MAX_TOKEN_BYTES)
    _note_cut_short(run, model, held, 0)  # who stops before the first word has used what was asked
    try:
        async with aclosing(run.engine.models.stream(target, request)) as events:
            async for event in events:
                match event:
                    case TextDelta():
                        run.flow.require_owned()
                        piece = storable(event.text)
                        size += len(piece.encode())
                        answer.text += piece
                        run.partial = answer.text
                        run.emit(Text(text=piece))
                        _note_cut_short(run, model, held, size)
                    case ToolWish():
                        wish = _distinct(run, answer, storable_wish(event))
                        size += len(wish.name) + len(dumps(wish.arguments))
                        answer.wishes.append(wish)
                        _note_cut_short(run, model, held, size)
                    case ModelDone():
                        answer.done = event
                if size > most:
                    raise Problem("model_failed", 502, "The model wrote far more than it was asked for.")
    except Problem:
        if not answer.text and not answer.wishes:  # nothing came: it did not happen
            note_use(run, held[0], micros=0, input_tokens=0, output_tokens=0)
        raise
    if answer.done is None:
        raise Problem("model_failed", 502, "The model's answer broke off. Try again.")
    return answer


def _note_cut_short(run: Run, model: ModelEntry, held: tuple[Hold, int, bool], size: int) -> None:
    """Keep what the call would be charged, should it be cut short now: the input and `size` bytes of text."""
    hold, bound, first_of_message = held
    used = _cut_short(rate_of(run, model), bound, size, first_of_message=first_of_message)
    note_use(run, hold, micros=min(used, hold.micros), input_tokens=bound // 4, output_tokens=-(-size // 4))


def _distinct(run: Run, answer: Answer, wish: ToolWish) -> ToolWish:
    """Return the wish under an id that no other call of the flow has: results are told apart by it."""
    if len(answer.wishes) >= MAX_CALLS:
        raise Problem("too_many_calls", 502, f"The model wanted more than {MAX_CALLS} tools at once.")
    earlier = {str(part.data.get("call_id")) for part in run.parts}
    taken = earlier | {other.call_id for other in answer.wishes}
    if wish.call_id and len(wish.call_id) <= MAX_ID and wish.call_id not in taken:
        return wish
    return replace(wish, call_id=new_id())


async def _settle(run: Run, model: ModelEntry, hold: Hold, came: tuple[Answer, float, bool]) -> None:
    answer, started, first_of_message = came
    done = cast("ModelDone", answer.done)
    usage = plausible(done.usage)
    price = rate_of(run, model)
    reported = _cost(price, usage, first_of_message=first_of_message)
    charged = min(reported, hold.micros)
    beyond = _beyond(done.usage, usage, reported, hold)
    run.spent.estimated = run.spent.estimated or usage.estimated
    run.finish_reason = done.finish_reason
    complete = LlmComplete(
        model=model.name,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        reasoning_tokens=usage.reasoning_tokens,
        estimated=usage.estimated,
        cost_micros=charged if model.price else None,
        price_version=model.price.version if model.price else None,
        finish_reason=done.finish_reason,
        first_token_ms=done.first_token_ms,
        detail=beyond,
    )
    charge = Charge(
        "model",
        charged,
        unpriced=model.price is None,
        provider=model.provider,
        model=model.name,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        price_version=complete.price_version,
    )
    entry = Entry(complete, "warned" if beyond else "info", round((uptime() - started) * 1000, 3))

    def note(rows: Sequence[Row | None] | None) -> None:
        if rows is not None:
            note_settled(run, hold, rows)

    await run.flow.write(entry, steps=settle_steps(run, hold, charge), again=(), then=note)


async def _affordable(run: Run, model: ModelEntry, bound: int, limit: int) -> tuple[int, int]:
    """Return the output limit that fits into the credits left, and the upper bound of the cost (micro-USD).

    It is never below 256 output tokens: the reservation refuses what does not fit.
    """
    price = rate_of(run, model)
    first = run.spent.model_calls == 0
    most = cost_micros(price, bound, limit, first_of_message=first) or 0
    if price.output_micros_per_mtok == 0:
        return limit, most
    window = await run.engine.budgets.window(run.principal.user_id)
    if most <= window.remaining_micros:
        return limit, most
    base = cost_micros(price, bound, 0, first_of_message=first) or 0
    fits = (window.remaining_micros - base) * 1_000_000 // price.output_micros_per_mtok
    fits = min(max(fits, MIN_OUTPUT_TOKENS), limit)
    return fits, cost_micros(price, bound, fits, first_of_message=first) or 0


def rate_of(run: Run, model: ModelEntry) -> Price:
    """Return at what price a model is reserved and charged: its own, else the organisation's fallback."""
    return model.price or fallback_price(run.engine.settings.fallback_price_micros)


def _cost(price: Price, usage: ModelUsage, *, first_of_message: bool) -> int:
    counts = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
    return cost_micros(price, *counts, first_of_message=first_of_message) or 0


def _beyond(said: ModelUsage, usage: ModelUsage, reported: int, hold: Hold) -> str | None:
    """Return in words what of a provider's report cannot be believed, or charged, or None."""
    words: list[str] = []
    if said != usage:
        words.append("The provider reported numbers of tokens that no call has; they are shown cut.")
    if reported > hold.micros:
        words.append(
            f"The provider reported usage worth {reported:,} micro-USD, more than the {hold.micros:,} that "
            "were reserved; no more than those were charged."
        )
    return " ".join(words) or None


def _cut_short(price: Price, bound: int, size_bytes: int, *, first_of_message: bool) -> int:
    """Return what a stream that is cut now is charged: the input and the text so far, estimated."""
    return cost_micros(price, bound // 4, size_bytes // 4, first_of_message=first_of_message) or 0
