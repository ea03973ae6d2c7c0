"""The query language of flows: words and `key:value` pairs, read strictly or refused with the place.

`user:ann status:denied,failed server:wiki tool:get_* cost:>0.01 duration:>2s text:"invoice" -source:mcp`.
Parts narrow one another; values behind commas are alternatives; a leading `-` turns a part round.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal, cast, get_args
from zoneinfo import ZoneInfo

from omni2.flows.checkpoints import KINDS, FlowStatus, Source
from omni2.kernel.errors import Problem

Compare = Literal[">", ">=", "<", "<=", "="]
LIMIT = 1_000
MAX_PARTS = 24
MAX_AMOUNT = 1 << 50
MICROS_IN_USD = 1_000_000
_CHOICES: dict[str, tuple[str, ...]] = {
    "status": get_args(FlowStatus),
    "source": get_args(Source),
    "kind": KINDS,
}
_ALIASES = {"step": "kind", "door": "source", "outcome": "status", "took": "duration", "id": "flow"}
_WORDS = ("user", "server", "tool", "model", "conversation", "text", "error", "flow")
_AMOUNTS = ("cost", "duration", "tokens", "steps", "calls")
_TIMES = ("since", "until")
KEYS: tuple[str, ...] = (*_WORDS, *_CHOICES, *_AMOUNTS, *_TIMES)
_PART = re.compile(r'(?P<minus>-)?(?:(?P<key>[A-Za-z_]+):)?(?P<value>(?:"[^"]*"|[^\s",]|,)*)(?P<odd>")?')
_VALUE = re.compile(r'"([^"]*)"|([^",]+)')
_AMOUNT = re.compile(r"(>=|<=|>|<|=)?\s*(\d{1,12}(?:\.\d{1,9})?)\s*([a-z$]*)", re.IGNORECASE)
_CLOCK = re.compile(r"\d\d:\d\d(:\d\d)?")
_AGO = re.compile(r"-?(\d{1,5})(m|h|d|w)")
_UNITS: dict[str, dict[str, Decimal]] = {
    "cost": {
        "": Decimal(MICROS_IN_USD), "usd": Decimal(MICROS_IN_USD), "$": Decimal(MICROS_IN_USD),
    },
    "duration": {
        "ms": Decimal(1), "s": Decimal(1_000), "m": Decimal(60_000), "min": Decimal(60_000),
        "h": Decimal(3_600_000),
    },
    "tokens": {"": Decimal(1), "k": Decimal(1_000), "m": Decimal(1_000_000)},
}  # fmt: skip
_AGO_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(7)}


@dataclass(frozen=True, slots=True)
class Part:
    """One condition. Words and choices have `values`, amounts `compare` and `amount`, times `at`.

    Amounts are micro-USD, milliseconds, or counts. `key` is `any` for words without a key.
    """

    key: str
    values: tuple[str, ...] = ()
    compare: Compare = "="
    amount: int = 0
    at: datetime | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A part as it was typed: where, and between which ends."""

    key: str
    value: str
    start: int
    end: int
    negated: bool

    def refuse(self, detail: str) -> Problem:
        """Return the problem of this part."""
        return _malformed(detail, self.start, self.end - self.start)


def parse(text: str, zone: ZoneInfo, now: datetime) -> tuple[Part, ...]:
    """Return the parts of a query; dates without a zone are those of `zone`.

    Raises `Problem` query_malformed with `position` and `length`, counted in characters from 0.
    """
    found = list(_split(text))
    if len(found) > MAX_PARTS:
        raise found[MAX_PARTS].refuse(f"A query has at most {MAX_PARTS} parts.")
    return tuple(_part(each, zone, now) for each in found)


def _split(text: str) -> list[_Found]:
    if len(text) > LIMIT:
        raise _malformed(f"A query has at most {LIMIT:,} characters.", LIMIT, len(text) - LIMIT)
    found: list[_Found] = []
    place = 0
    while True:
        while place < len(text) and text[place].isspace():
            place += 1
        if place == len(text):
            return found
        match = cast("re.Match[str]", _PART.match(text, place))  # it matches anything
        if match["odd"]:
            raise _malformed("This quotation mark has no end.", match.start("odd"), 1)
        key = match["key"]
        if key is None and not match["value"]:
            raise _malformed("There is nothing behind this minus sign.", place, 1)
        name = "any" if key is None else _key(key, match.start("key"))
        found.append(_Found(name, match["value"], place, match.end(), match["minus"] is not None))
        place = match.end()


def _key(word: str, position: int) -> str:
    key = _ALIASES.get(word.lower(), word.lower())
    if key not in KEYS:
        detail = f"There is no key '{word}'. Use one of {', '.join(KEYS)}, or put the words in quotes."
        raise _malformed(detail, position, len(word))
    return key


def _part(found: _Found, zone: ZoneInfo, now: datetime) -> Part:
    if found.key in _AMOUNTS:
        return _amount(found)
    if found.key in _TIMES:
        if found.negated:
            raise found.refuse("A time cannot be turned round: use since: or until: instead.")
        return Part(found.key, at=_moment(found, zone, now))
    values = (found.value.strip('"'),) if found.key == "any" else _values(found)
    values = tuple(value for value in values if value.strip())
    if not values:
        what = "these quotes" if found.key == "any" else f"{found.key}:"
        raise found.refuse(f"There is nothing behind {what}.".replace("behind these", "between these"))
    choices = _CHOICES.get(found.key)
    if choices is None:
        return Part(found.key, values, negated=found.negated)
    return Part(found.key, tuple(_choice(found, value, choices) for value in values), negated=found.negated)


def _values(found: _Found) -> tuple[str, ...]:
    if found.value.startswith(",") or found.value.endswith(",") or ",," in found.value:
        raise found.refuse("There is nothing on one side of a comma.")
    return tuple(quoted or plain for quoted, plain in _VALUE.findall(found.value))


def _choice(found: _Found, value: str, choices: tuple[str, ...]) -> str:
    if value.lower() not in choices:
        raise found.refuse(f"There is no {found.key} '{value}'. It is one of {', '.join(choices)}.")
    return value.lower()


def _amount(found: _Found) -> Part:
    units = _UNITS.get(found.key, {"": Decimal(1)})
    match = _AMOUNT.fullmatch(found.value)
    scale = units.get(match[3].lower()) if match else None
    if match is None or scale is None:
        raise found.refuse(f"{found.key}: takes {_EXAMPLES[found.key]}.")
    amount = Decimal(match[2]) * scale
    if amount > MAX_AMOUNT:
        raise found.refuse("This figure is too large.")
    compare, whole = _whole(match[1] or "=", amount)
    return Part(found.key, compare=compare, amount=whole, negated=found.negated)


def _whole(sign: str, amount: Decimal) -> tuple[Compare, int]:
    """Return a comparison of whole numbers that holds for the same ones."""
    floor = int(amount)
    if amount == floor or sign in {">", "<="}:
        return _SIGNS[sign], floor
    return (">", floor) if sign == ">=" else ("<=", floor) if sign == "<" else ("=", -1)


def _moment(found: _Found, zone: ZoneInfo, now: datetime) -> datetime:
    word = found.value.strip('"').strip()
    try:
        return _read_moment(word, zone, now)
    except (ValueError, OverflowError) as error:
        raise found.refuse(
            f"{found.key}: takes a date (2026-03-10), a moment (2026-03-10T14:05, or 14:05 today), today, "
            "yesterday, or a time ago (90m, 24h, 7d)."
        ) from error


def _read_moment(word: str, zone: ZoneInfo, now: datetime) -> datetime:
    today = now.astimezone(zone).date()
    named: dict[str, Callable[[], datetime]] = {
        "now": lambda: now,
        "today": lambda: _midnight(today, zone),
        "yesterday": lambda: _midnight(today - timedelta(days=1), zone),
    }
    if (moment := named.get(word.lower())) is not None:
        return moment()
    if (ago := _AGO.fullmatch(word.lower())) is not None:
        return now - int(ago[1]) * _AGO_UNITS[ago[2]]
    if _CLOCK.fullmatch(word):
        return datetime.combine(today, time.fromisoformat(word), zone)
    if "T" not in word.upper():
        return _midnight(date.fromisoformat(word), zone)
    at = datetime.fromisoformat(word.upper())
    return at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _malformed(detail: str, position: int, length: int) -> Problem:
    return Problem("query_malformed", 422, detail, field="q", position=position, length=length)


_SIGNS: dict[str, Compare] = {sign: sign for sign in get_args(Compare)}
_EXAMPLES = {
    "cost": "an amount in USD, such as >0.01",
    "duration": "a time with its unit (ms, s, m, h), such as >2s",
    "tokens": "a number, such as >1000 or >10k",
    "steps": "a number, such as >20",
    "calls": "a number, such as >3",
}
