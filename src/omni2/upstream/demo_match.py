"""Chooses tools for a question by name, description and schema, as a set of rules can."""

import math
import re
from dataclasses import dataclass

from pydantic import JsonValue

from omni2.upstream.demo_arguments import Filled, fill, has_evidence, schema_words
from omni2.upstream.demo_words import ACTION_VERBS, clauses, has_pronoun, telling_words, tokens
from omni2.upstream.ports import ToolSpec, ToolWish

MIN_SCORE = 2.5
MAX_CALLS = 4

_FOLLOW_UP = re.compile(r"^(?:and|what about|how about|also|then|ok,? and)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Choice:
    """A tool for one part of the question, with what could be filled in."""

    tool: ToolSpec
    filled: Filled


def choose(question: str, tools: tuple[ToolSpec, ...], last: ToolWish | None) -> list[Choice]:
    """Return the calls that the question asks for, in order; `last` is the latest call made before it."""
    previous = _previous(tools, last)
    if previous is not None and last is not None and _points_back(question, tools):
        return _once_more(previous, question, last.arguments)
    choices: list[Choice] = []
    for clause in [question] if asks_for_action(question) else clauses(question):
        choice = _for_clause(clause, tools, choices)
        if choice is not None and all(_differs(choice, other) for other in choices):
            choices.append(choice)
    if not choices:
        tool = best_tool(question, tools)
        choices = [] if tool is None else [Choice(tool, fill(tool.input_schema, question))]
    known = last.arguments if last is not None and has_pronoun(question) else None
    return [_completed(choice, question, known) for choice in choices[:MAX_CALLS]]


def best_tool(text: str, tools: tuple[ToolSpec, ...]) -> ToolSpec | None:
    """Return the tool that fits `text` best, or None if none fits well."""
    words = telling_words(text)
    weights = _weights(words, tools)
    scored = [(score(text, words, weights, tool), tool) for tool in tools]
    best = max(scored, key=lambda pair: pair[0], default=(0.0, None))
    return best[1] if best[0] >= MIN_SCORE else None


def score(text: str, words: set[str], weights: dict[str, float], tool: ToolSpec) -> float:
    """Return how well a tool fits; under `MIN_SCORE` it does not."""
    verb = action_verb(tool)
    if verb is not None and not _says(text, ACTION_VERBS[verb]):
        return 0.0
    named = set(tokens(_bare_name(tool) + " " + (tool.title or "")))
    described = set(tokens(tool.description)) | schema_words(tool.input_schema)
    total = sum(weights[word] * (3.0 if word in named else 1.0) for word in words & (named | described))
    if verb is not None:
        return total + 3.0 if words & named else 0.0
    if asks_for_action(text):
        total -= 3.0
    if not words & named:
        total = min(total, MIN_SCORE)
    filled = fill(tool.input_schema, text)
    needed = tool.input_schema.get("required")
    given = [name for name in needed if name in filled.arguments] if isinstance(needed, list) else []
    return total + 0.5 * len(given) - 0.75 * len(filled.missing)


def action_verb(tool: ToolSpec) -> str | None:
    """Return the verb of a tool that changes something, or None for one that reads."""
    return next((word for word in tokens(_bare_name(tool)) if word in ACTION_VERBS), None)


def asks_for_action(text: str) -> bool:
    """Whether the question is an order to change something."""
    first = re.sub(r"^(?:please|can you|could you|i want to|i'd like to|let's)\s+", "", text.strip().lower())
    return any(_starts(first, verb) for verbs in ACTION_VERBS.values() for verb in verbs)


def _for_clause(clause: str, tools: tuple[ToolSpec, ...], earlier: list[Choice]) -> Choice | None:
    if earlier and has_pronoun(clause) and not has_evidence(clause):
        return None
    tool = best_tool(clause, tools)
    if tool is not None:
        return Choice(tool, fill(tool.input_schema, clause))
    if earlier and has_evidence(clause):
        filled = fill(earlier[-1].tool.input_schema, clause)
        if filled.arguments and not filled.missing:
            return Choice(earlier[-1].tool, filled)
    return None


def _completed(choice: Choice, question: str, known: dict[str, JsonValue] | None) -> Choice:
    """Look for what one clause lacks in the whole question, and in the call before."""
    if not choice.filled.missing:
        return choice
    whole = fill(choice.tool.input_schema, question, known)
    arguments = {**whole.arguments, **choice.filled.arguments}
    missing = [name for name in choice.filled.missing if name not in arguments]
    return Choice(choice.tool, Filled(arguments, missing))


def _once_more(tool: ToolSpec, question: str, arguments: dict[str, JsonValue]) -> list[Choice]:
    choices: list[Choice] = []
    for clause in clauses(question):
        choice = Choice(tool, _again(tool, clause, arguments))
        if all(_differs(choice, other) for other in choices):
            choices.append(choice)
    return choices[:MAX_CALLS]


def _again(tool: ToolSpec, question: str, arguments: dict[str, JsonValue]) -> Filled:
    if not has_evidence(question):
        return Filled(dict(arguments), [])
    return Filled({**arguments, **fill(tool.input_schema, question).arguments}, [])


def _points_back(question: str, tools: tuple[ToolSpec, ...]) -> bool:
    """Whether the question continues the one before rather than starting a subject of its own."""
    if asks_for_action(question):
        return False
    follows = _FOLLOW_UP.match(question.strip()) is not None
    if not follows and not (has_pronoun(question) and not has_evidence(question)):
        return False
    tool = best_tool(_FOLLOW_UP.sub("", question.strip()), tools)
    return tool is None or bool(fill(tool.input_schema, question).missing) or asks_nothing_new(question)


def asks_nothing_new(question: str) -> bool:
    """Whether the question is only a few words about something named before."""
    return has_pronoun(question) and len(tokens(question)) <= 5


def _previous(tools: tuple[ToolSpec, ...], last: ToolWish | None) -> ToolSpec | None:
    if last is None:
        return None
    return next((tool for tool in tools if tool.name == last.name and action_verb(tool) is None), None)


def _differs(one: Choice, other: Choice) -> bool:
    return one.tool.name != other.tool.name or one.filled.arguments != other.filled.arguments


def _weights(words: set[str], tools: tuple[ToolSpec, ...]) -> dict[str, float]:
    """A word that many tools share says little about which one is meant."""
    texts = [set(tokens(f"{tool.name} {tool.title or ''} {tool.description}")) for tool in tools]
    count = max(1, len(texts))
    return {word: 0.5 + math.log((1 + count) / (1 + sum(word in text for text in texts))) for word in words}


def _bare_name(tool: ToolSpec) -> str:
    return tool.name.rpartition("__")[2]


def _says(text: str, verbs: tuple[str, ...]) -> bool:
    lowered = f" {text.lower()} "
    return any(re.search(rf"\b{re.escape(verb)}\b", lowered) for verb in verbs)


def _starts(text: str, verb: str) -> bool:
    return text.startswith(verb + " ")
