"""Turns tool results into Markdown: JSON lists become tables, objects bullets, errors plain words."""

import re
from collections.abc import Mapping
from datetime import datetime

import orjson
from pydantic import JsonValue

from omni2.upstream.demo_words import tokens
from omni2.upstream.ports import ToolMessage

MAX_ROWS = 25
MAX_COLUMNS = 6
MAX_TEXT_CHARS = 2_000

_MONEY = frozenset({"total", "price", "cost", "amount", "revenue", "refunded"})
_DENIED = re.compile(
    r"\b(?:denied|not allowed|forbidden|not permitted|blocked|no grant|permission)\b", re.IGNORECASE
)
_FOCUS = {
    "where": ("status", "tracking", "carrier", "delivered_on", "expected_on"),
    "status": ("status",),
    "cost": ("total", "price"),
    "much": ("total", "price", "revenue"),
    "price": ("price", "total"),
    "total": ("total", "revenue"),
    "when": ("delivered_on", "expected_on", "placed_on", "datetime"),
    "who": ("customer", "email"),
    "email": ("email",),
}


def answer(question: str, results: list[ToolMessage]) -> str:
    """Return the answer to `question` from what the tools gave."""
    parts = [_one(question, result) for result in results]
    return "\n\n".join(part for part in parts if part)


def _one(question: str, result: ToolMessage) -> str:
    if result.is_error:
        return _error(result)
    value = _parsed(result.text)
    if value is None:
        return _plain_text(result)
    if isinstance(value, dict):
        return _object(question, value)
    if isinstance(value, list):
        return _list("Result", value)
    return f"{_title(result.name)}: **{_cell(value)}**"


def _error(result: ToolMessage) -> str:
    words = result.text.strip() or "no reason was given"
    if _DENIED.search(words):
        return (
            f"I asked for `{result.name}`, but was not allowed to use it: {words}\n\n"
            "An administrator can say which rule decided that, and change it."
        )
    return f"The tool `{result.name}` could not do it: {words}"


def _plain_text(result: ToolMessage) -> str:
    text = result.text.strip()
    if not text:
        return f"The tool `{result.name}` finished and had nothing to say."
    if len(text) > MAX_TEXT_CHARS:
        text = text[:MAX_TEXT_CHARS].rstrip() + "\n\n(shortened; the whole result is in the flow)"
    return text


def _parsed(text: str) -> JsonValue:
    """Return the JSON of a result, or None for prose; several blocks become a list."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        blocks = text.split("\n\n")
    try:
        return [orjson.loads(block) for block in blocks] if len(blocks) > 1 else None
    except orjson.JSONDecodeError:
        return None


def _object(question: str, value: dict[str, JsonValue]) -> str:
    clock = _clock(value)
    if clock is not None:
        return clock
    currency = str(value.get("currency") or "")
    lists = {key: part for key, part in value.items() if isinstance(part, list)}
    plain = {key: part for key, part in value.items() if not isinstance(part, list) and key != "currency"}
    parts = [_lead(question, plain, currency)]
    if not (set(plain) <= {"count", "threshold", "days"} and lists):
        parts.append("\n".join(_bullet(key, part, currency) for key, part in plain.items()))
    parts.extend(_list(_title(key), part, currency) for key, part in lists.items())
    return "\n\n".join(part for part in parts if part)


def _clock(value: dict[str, JsonValue]) -> str | None:
    moment, zone = value.get("datetime"), value.get("timezone")
    if not isinstance(moment, str) or not isinstance(zone, str):
        return None
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    place = zone.rpartition("/")[2].replace("_", " ")
    return f"It is **{at:%H:%M}** in {place} on {at:%A}, {at.day} {at:%B %Y} ({zone}, UTC{at:%z})."


def _lead(question: str, plain: Mapping[str, JsonValue], currency: str) -> str:
    """A first sentence with just what was asked for, if the result has it."""
    wanted: list[str] = []
    for word in tokens(question):
        wanted.extend(key for key in _FOCUS.get(word, ()) if plain.get(key) not in (None, ""))
    facts = [f"{_title(key).lower()} **{_cell(plain[key], key, currency)}**" for key in dict.fromkeys(wanted)]
    if not facts:
        return ""
    named = next((key for key in plain if key.endswith("_id")), None)
    if named is None:
        return _title(f"{', '.join(facts)}.")
    return f"{_title(named.removesuffix('_id'))} {plain[named]}: {', '.join(facts)}."


def _bullet(key: str, value: JsonValue, currency: str) -> str:
    if isinstance(value, dict):
        inner = ", ".join(f"{_title(name).lower()} {_cell(part)}" for name, part in value.items())
        return f"- **{_title(key)}:** {inner}"
    return f"- **{_title(key)}:** {_cell(value, key, currency)}"


def _list(title: str, rows: list[JsonValue], currency: str = "") -> str:
    if not rows:
        return f"**{title}:** none."
    objects = [row for row in rows if isinstance(row, dict)]
    if len(objects) != len(rows):
        return f"**{title}:**\n\n" + "\n".join(f"- {_cell(row)}" for row in rows[:MAX_ROWS])
    columns = _columns(objects)
    lines = ["| " + " | ".join(_title(column) for column in columns) + " |", "|" + " --- |" * len(columns)]
    for row in objects[:MAX_ROWS]:
        cells = [_cell(row.get(column), column, str(row.get("currency") or currency)) for column in columns]
        lines.append("| " + " | ".join(cells) + " |")
    more = f"\n\n... and {len(rows) - MAX_ROWS} more." if len(rows) > MAX_ROWS else ""
    return f"**{title}** ({len(rows)}):\n\n" + "\n".join(lines) + more


def _columns(rows: list[dict[str, JsonValue]]) -> list[str]:
    cells = (item for row in rows for item in row.items())
    names = dict.fromkeys(name for name, value in cells if not isinstance(value, dict | list))
    return [name for name in names if name != "currency"][:MAX_COLUMNS]


def _cell(value: JsonValue, key: str = "", currency: str = "") -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case int() | float() if _MONEY & set(tokens(key)):
            return f"{value:,.2f} {currency}".strip()
        case int() | float():
            return str(value)
        case str():
            return value.replace("|", "\\|").replace("\n", " ")
        case _:
            return "`" + orjson.dumps(value).decode() + "`"


def _title(key: str) -> str:
    words = key.rpartition("__")[2].replace("_", " ").replace("-", " ").strip()
    return words[:1].upper() + words[1:]
