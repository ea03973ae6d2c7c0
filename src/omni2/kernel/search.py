"""Searching by words: what people type into a search box, and the condition that it becomes."""

from typing import Annotated, TypeVar

from pydantic import StringConstraints
from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute

from omni2.kernel.errors import invalid
from omni2.kernel.page import decode

Words = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
T = TypeVar("T", str, "str | None")
_KEY_LIMIT = 1 << 63


def contains(column: InstrumentedAttribute[T], words: str) -> ColumnElement[bool]:
    """Whether `column` contains `words` in any case.

    The databases fold the case of ASCII only, so words with other letters are also tried in each case.
    """
    variants = [words] if words.isascii() else sorted({words, words.lower(), words.upper(), words.title()})
    return or_(*(column.icontains(variant, autoescape=True) for variant in variants))


def after_key(after: str | None) -> int | None:
    """Return the append-only key in a cursor; raise `Problem` for one that we did not make."""
    cursor = decode(after, 1)
    if cursor is None:
        return None
    key = cursor[0]
    if not isinstance(key, int) or not 0 <= key < _KEY_LIMIT:
        raise invalid("after", "This page cursor is not valid. Start from the first page.")
    return key
