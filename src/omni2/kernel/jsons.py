"""JSON in and out: orjson, with the refusals that every edge needs."""

import json
import math
from typing import NoReturn

import orjson
from pydantic import JsonValue

from omni2.kernel.errors import Problem


def dumps(value: object) -> str:
    """Return compact JSON."""
    return orjson.dumps(value).decode()


def canonical(value: object) -> bytes:
    """Return JSON with sorted keys, the form that digests are taken of."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def pretty(value: object) -> str:
    """Return JSON with sorted keys on lines of their own, for people."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode()


def loads(text: str | bytes) -> JsonValue:
    """Return the value of trusted JSON, such as a column that we wrote."""
    return orjson.loads(text)


def loads_strict(text: str | bytes) -> JsonValue:
    """Return the value of foreign JSON; refuse duplicate keys, NaN, lone surrogates and huge numbers.

    What comes out as it came in, byte for byte, as most programs write it, has none of that.
    """
    given = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        quick: JsonValue = orjson.loads(given)
        if orjson.dumps(quick) == given:
            return quick
    except (ValueError, RecursionError, orjson.JSONEncodeError):
        pass  # read once more, for what exactly is wrong
    try:
        value: JsonValue = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_refuse_constant,
            parse_int=_bounded_int,
            parse_float=_finite_float,
        )
        orjson.dumps(value)
    except (ValueError, RecursionError, orjson.JSONEncodeError) as error:
        raise Problem("invalid_json", 400, "The body is not JSON that omni2 accepts.") from error
    return value


def _unique(pairs: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _finite_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError("number too large")
    return value


def _bounded_int(digits: str) -> int:
    if len(digits.lstrip("-")) > 19:
        raise ValueError("number too long")
    return int(digits)
