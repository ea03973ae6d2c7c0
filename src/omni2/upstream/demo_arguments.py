"""Fills a tool's arguments from a question: numbers, dates, e-mails, time zones, enum words, quoted text."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import JsonValue

from omni2.upstream.demo_words import STOP_WORDS, tokens, zones

Schema = dict[str, JsonValue]

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.[\w.]{0,190}\w")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_TIME = re.compile(r"\b([01]?\d|2[0-3]):[0-5]\d\b")
_QUOTED = re.compile(r"[\"\u201c\u201e]([^\"\u201c\u201d\u201e]+)[\"\u201d]|(?<!\w)'([^']+)'(?!\w)")
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)")
_CODE = re.compile(r"\b[A-Z]{2,}-\d+\b")
_TOPIC = re.compile(
    r"(?:\b(?:about|saying|titled|called|named|with (?:the )?subject|that says|because)\b|:)\s*(.+)$",
    re.IGNORECASE | re.DOTALL,
)
_PERIODS = {"today": 1, "yesterday": 2, "week": 7, "fortnight": 14, "month": 30, "quarter": 90, "year": 365}
_COUNT_NAMES = frozenset({"limit", "count", "top", "max", "number", "n", "size"})
_TEXT_NAMES = frozenset(
    {"subject", "title", "message", "text", "description", "body", "content", "note", "summary", "reason"}
)
_COUNTED = r"(?:top|first|last|latest|newest|next|limit(?: of)?|at most)"
_DULL = STOP_WORDS | {
    "product",
    "products",
    "item",
    "items",
    "sell",
    "carry",
    "stock",
    "much",
    "price",
    "prices",
}
_SEARCH_NAMES = frozenset({"query", "q", "search", "keyword", "term", "pattern", "product"})


@dataclass(slots=True)
class Filled:
    """The arguments found, and the required ones that the question does not give."""

    arguments: dict[str, JsonValue] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)


def fill(schema: Schema, question: str, known: dict[str, JsonValue] | None = None) -> Filled:
    """Fill `schema` from `question`; what that lacks may come from `known`, an earlier call's arguments."""
    filled = Filled()
    properties = properties_of(schema)
    required = schema.get("required")
    names = required if isinstance(required, list) else []
    needed = {name for name in names if isinstance(name, str)}
    finder = _Finder(question)
    for name in sorted(properties, key=lambda name: name not in needed):
        prop = _plain(properties[name])
        value = finder.find(name, prop, needed=name in needed)
        if value is None and name in needed and known is not None:
            value = known.get(name)
        if value is not None:
            filled.arguments[name] = value
        elif name in needed and "default" not in prop:
            filled.missing.append(name)
    return filled


def properties_of(schema: Schema) -> dict[str, Schema]:
    """Return the properties of an object schema, whatever a server may have put there."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {name: prop for name, prop in properties.items() if isinstance(prop, dict)}


def schema_words(schema: Schema) -> set[str]:
    """Return the words that a schema says about its tool: property names and the choices they offer."""
    words: set[str] = set()
    for name, prop in properties_of(schema).items():
        choices = _plain(prop).get("enum")
        words.update(tokens(name))
        if isinstance(choices, list):
            words.update(word for choice in choices for word in tokens(str(choice)))
    return words


def has_evidence(question: str) -> bool:
    """Whether the question names something of its own: a number, a place, an e-mail or a quotation."""
    patterns = (_EMAIL, _NUMBER, _QUOTED, _CODE)
    return any(pattern.search(question) for pattern in patterns) or bool(zones(question))


def _plain(prop: Schema) -> Schema:
    """Return the property without the "or null" around it."""
    for key in ("anyOf", "oneOf"):
        options = prop.get(key)
        if isinstance(options, list):
            for option in options:
                if isinstance(option, dict) and option.get("type") != "null":
                    return {**prop, **option}
    return prop


class _Finder:
    """Looks for values in one question; a number or a zone that was used is not used again."""

    def __init__(self, question: str) -> None:
        self._question = question
        self._words = tokens(question)
        bare = _EMAIL.sub(" ", _DATE.sub(" ", _TIME.sub(" ", _QUOTED.sub(" ", question))))
        self._numbers = _NUMBER.findall(re.sub(rf"\b{_COUNTED}\s+\d+", " ", bare, flags=re.IGNORECASE))
        self._bare = bare.lower()
        self._zones = zones(question)
        self._text_used = False

    def find(self, name: str, prop: Schema, *, needed: bool) -> JsonValue:
        """Return a value for the property, or None."""
        choices = prop.get("enum")
        if isinstance(choices, list):
            return self._choice(choices)
        match prop.get("type"):
            case "integer" | "number" as kind:
                return self._number(name, kind=kind, needed=needed)
            case "boolean":
                return True if set(tokens(name)) & set(self._words) else None
            case "array":
                items = prop.get("items")
                value = self.find(name, items, needed=needed) if isinstance(items, dict) else None
                return None if value is None else [value]
            case "object":
                return {} if needed else None
            case _:
                return self._string(name, prop, needed=needed)

    def _choice(self, choices: list[JsonValue]) -> JsonValue:
        for choice in choices:
            words = tokens(str(choice))
            if words and set(words) <= set(self._words):
                return choice
        return None

    def _number(self, name: str, *, kind: str, needed: bool) -> JsonValue:
        names = set(tokens(name))
        if names & {"day", "period"}:
            return self._period_days()
        if names & _COUNT_NAMES and "order" not in names:
            found = self._after(_COUNTED)
        elif names & {"threshold", "below", "under", "minimum", "min"}:
            found = self._after(r"(?:below|under|less than|fewer than|threshold(?: of)?)")
        else:
            nouns = "|".join(re.escape(word) for word in sorted(names - {"id", "number"})) or "id"
            found = self._after(rf"(?:{nouns})s?(?: number| no\.?| id)?")
            if found is None and needed and self._numbers:
                found = self._numbers[0]
        if found is None:
            return None
        if found in self._numbers:
            self._numbers.remove(found)
        return int(float(found)) if kind == "integer" else float(found)

    def _after(self, words: str) -> str | None:
        match = re.search(rf"\b{words}\s*#?\s*(\d+(?:\.\d+)?)\b", self._bare)
        return match.group(1) if match is not None else None

    def _period_days(self) -> JsonValue:
        match = re.search(r"(?<!\d)(\d{1,9})\s*(day|week|month|year)s?", self._bare)
        if match is not None:
            return int(match.group(1)) * {"day": 1, "week": 7, "month": 30, "year": 365}[match.group(2)]
        return next((days for word, days in _PERIODS.items() if word in self._words), None)

    def _string(self, name: str, prop: Schema, *, needed: bool) -> JsonValue:
        names = set(tokens(name))
        if _is_special(names, prop):
            return self._special(names, str(prop.get("description", "")).lower())
        quoted = self._quoted()
        if names & _TEXT_NAMES:
            return self._text(quoted, needed=needed)
        if names & _SEARCH_NAMES:
            return quoted or (self._residue() if needed else None)
        if "id" in names and needed:
            code = _CODE.search(self._question)
            return code.group() if code is not None else (self._numbers[0] if self._numbers else None)
        person = re.search(rf"\b(?:{'|'.join(names)}|of|by|from)\s+((?:[A-Z][\w-]+\s?)+)", self._question)
        if person is not None and names & {"customer", "name", "user", "person", "owner", "author"}:
            return person.group(1).strip()
        return quoted or (self._residue() or self._question.strip()) if needed else None

    def _special(self, names: set[str], description: str) -> str | None:
        if names & {"timezone", "tz", "zone"} or "iana" in description:
            return self._zones.pop(0) if self._zones else None
        if "email" in names or "mail" in names:
            found = _EMAIL.search(self._question)
            return found.group() if found is not None else None
        if "date" in names or names & {"since", "until"}:
            return self._date()
        if names == {"time"}:
            found = _TIME.search(self._question)
            return found.group() if found is not None else None
        return None

    def _date(self) -> str | None:
        found = _DATE.search(self._question)
        if found is not None:
            return found.group()
        back = {"today": 0, "yesterday": 1}
        days = next((back[word] for word in self._words if word in back), None)
        return None if days is None else (datetime.now(UTC) - timedelta(days=days)).date().isoformat()

    def _text(self, quoted: str | None, *, needed: bool) -> str | None:
        """What the question says in quotes or after "about"; it is given to one property only."""
        if self._text_used:
            return None
        topic = _TOPIC.search(self._question)
        text = quoted or (topic.group(1).strip(" .!?")[:200] if topic is not None else "")
        self._text_used = bool(text)
        if not text and needed:
            return self._residue() or self._question.strip()
        return text or None

    def _quoted(self) -> str | None:
        match = _QUOTED.search(self._question)
        return (match.group(1) or match.group(2)).strip() if match is not None else None

    def _residue(self) -> str:
        """The words that remain when everything usual is taken away."""
        words = [word for word in re.findall(r"[\w'-]+", self._question) if word.lower() not in _DULL]
        return " ".join(words)


def _is_special(names: set[str], prop: Schema) -> bool:
    description = str(prop.get("description", "")).lower()
    kinds = {"timezone", "tz", "zone", "email", "mail", "date", "since", "until"}
    return bool(names & kinds) or names == {"time"} or "iana" in description
