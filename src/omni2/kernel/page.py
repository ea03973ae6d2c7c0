"""Keyset paging: an opaque cursor that holds the last row's sort key."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel

from omni2.kernel.errors import invalid
from omni2.kernel.jsons import dumps, loads_strict

MAX_LIMIT = 200
T = TypeVar("T")
R = TypeVar("R")


class Page(BaseModel, Generic[T]):
    """Rows and the cursor of the next page, or None at the end."""

    items: list[T]
    next: str | None = None


def encode(key: Sequence[str | int]) -> str:
    """Return the cursor for a sort key."""
    return base64.urlsafe_b64encode(dumps(list(key)).encode()).decode().rstrip("=")


def decode(after: str | None, size: int) -> tuple[str | int, ...] | None:
    """Return the sort key of `size` parts in a cursor; raise `Problem` for one we did not make."""
    if not after:
        return None
    try:
        parts = loads_strict(base64.urlsafe_b64decode(after + "=" * (-len(after) % 4)))
    except (binascii.Error, ValueError) as error:
        raise invalid("after", "This page cursor is not valid. Start from the first page.") from error
    if not isinstance(parts, list) or len(parts) != size:
        raise invalid("after", "This page cursor is not valid. Start from the first page.")
    return tuple(part if isinstance(part, int) else str(part) for part in parts)


def cut(
    rows: Sequence[R], limit: int, key: Callable[[R], Sequence[str | int]]
) -> tuple[Sequence[R], str | None]:
    """Return the rows of a page that was read with `limit + 1`, and its cursor."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], encode(key(rows[limit - 1]))
