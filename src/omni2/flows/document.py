"""What a flow is found by: its terms, the kinds of its checkpoints, and its words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import orjson
from pydantic import JsonValue

from omni2.flows.checkpoints import KINDS

WORDS_LIMIT = 2_000
SAID_LIMIT = 6_000
VALUE_LIMIT = 300
PREVIEW_LIMIT = 400
COUNTED = ("user", "status", "source")
RARE = ("approval", "upstream_request", "security_check", "blocked", "error")
STEPS = tuple(digit * 10**power for power in range(3, 10) for digit in (1, 2, 5))
_BITS = {kind: 1 << place for place, kind in enumerate(KINDS)}
Term = tuple[str, str]


class Head(Protocol):
    """What a document takes from the head of a flow."""

    @property
    def key(self) -> int: ...
    @property
    def flow_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def sentence(self) -> str: ...
    @property
    def model(self) -> str | None: ...
    @property
    def duration_ms(self) -> float | None: ...
    @property
    def cost_micros(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Document:
    """One flow as the index knows it. `counted` terms have a number only, `terms` also a list of flows."""

    key: int
    terms: frozenset[Term]
    counted: tuple[Term, ...]
    kinds: int
    words: str


def document_of(head: Head, records: Sequence[str], said: str = "") -> Document:
    """Return what a flow is found by, from its head, its stored phases, and what else was `said`."""
    terms: set[Term] = set()
    words = [head.title, head.sentence]
    kinds = 0
    if head.model:
        terms.add(("model", head.model))
    for step in _steps(records):
        kind = str(step["kind"])
        kinds |= _BITS.get(kind, 0)
        if kind in RARE:
            terms.add(("kind", kind))
        data = cast("dict[str, JsonValue]", step["data"])
        terms |= set(_terms(kind, data))
        words += _words(kind, data)
    for name, amount in (("took", head.duration_ms), ("cost", head.cost_micros)):
        if amount is not None and amount >= STEPS[0]:
            terms.add((name, str(max(step for step in STEPS if step <= amount))))
    counted = (("user", head.user_id), ("status", head.status), ("source", head.source))
    found = frozenset((name, value.lower()[:VALUE_LIMIT]) for name, value in terms)
    told = searchable("\n".join(words))[:WORDS_LIMIT]
    told = f"{told}\n{searchable(said)[:SAID_LIMIT]}" if said else told
    return Document(head.key, found, counted, kinds, told)


def mask_of(kinds: Iterable[str]) -> int:
    """Return the bits of several kinds."""
    return sum(_BITS[kind] for kind in set(kinds))


def searchable(text: str) -> str:
    """Return words as they are stored and compared."""
    return text.replace("\x00", " ").lower()


def _steps(records: Sequence[str]) -> Iterator[dict[str, JsonValue]]:
    for record in records:
        yield from cast("list[dict[str, JsonValue]]", orjson.loads(record))


def _terms(kind: str, data: dict[str, JsonValue]) -> Iterator[Term]:
    if kind in {"tool_call", "tool_result"}:
        yield "server", str(data["server"])
        yield "tool", f"{data['server']}.{data['tool']}"
    elif kind in {"llm_thinking", "llm_complete"}:
        yield "model", str(data["model"])
    elif kind == "error":
        yield "error", str(data["code"])
    elif kind == "mcp_access_check" and data.get("server"):
        yield "server", str(data["server"])


def _words(kind: str, data: dict[str, JsonValue]) -> Iterator[str]:
    match kind:
        case "tool_call":
            yield f"{data['server']}.{data['tool']}"
            yield from _leaves(data.get("arguments"))
            yield from _leaves([data.get("rule"), data.get("detail")])
        case "tool_result":
            yield str(data.get("preview") or "")[:PREVIEW_LIMIT]
        case "error":
            yield f"{data['code']} {data['detail']}"
        case "blocked":
            yield str(data["message"])
        case _:
            return


def _leaves(value: JsonValue) -> Iterator[str]:
    """Return the texts and figures within a value."""
    waiting: list[JsonValue] = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += reversed(list(item.values()))
        elif isinstance(item, list):
            waiting += reversed(item)
        elif item is not None and not isinstance(item, bool):
            yield str(item)[:WORDS_LIMIT]
