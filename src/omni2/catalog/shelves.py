"""Prompts, resources and templates as their servers list them, written only where they differ."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue
from sqlalchemy import delete, insert, select

from omni2.catalog.models import Prompt, Resource, ResourceTemplate
from omni2.kernel.db import Work
from omni2.kernel.jsons import canonical

Listed = Mapping[str, JsonValue]
Table = type[Prompt] | type[Resource] | type[ResourceTemplate]
KEYS: dict[Table, tuple[str, int]] = {
    Prompt: ("name", 200),
    Resource: ("uri", 2_000),
    ResourceTemplate: ("uri_template", 2_000),
}
MAX_ROWS = 5_000
_CHUNK = 500
_MAX_SIZE = 1 << 63


async def replace_rows(work: Work, table: Table, server_id: str, listed: Sequence[Listed]) -> bool:
    """Make the rows of one server what it lists now, in its order; return whether anything differs.

    `listed` has a mapping of columns for each row. What no column can hold is left out.
    """
    key = KEYS[table][0]
    wanted = _usable(table, listed)
    column: Any = getattr(table, key)
    found = await work.session.execute(select(column, table.sha256).where(table.server_id == server_id))
    stored = {str(name): str(sha256) for name, sha256 in found}
    leaving = [name for name, sha256 in stored.items() if wanted.get(name, {}).get("sha256") != sha256]
    coming = [row for name, row in wanted.items() if stored.get(name) != row["sha256"]]
    for first in range(0, len(leaving), _CHUNK):
        names = leaving[first : first + _CHUNK]
        await work.session.execute(delete(table).where(table.server_id == server_id, column.in_(names)))
    for first in range(0, len(coming), _CHUNK):
        rows = [{**row, "server_id": server_id} for row in coming[first : first + _CHUNK]]
        await work.session.execute(insert(table), rows)
    return bool(leaving or coming)


def _usable(table: Table, listed: Sequence[Listed]) -> dict[str, dict[str, JsonValue]]:
    key, limit = KEYS[table]
    found: dict[str, dict[str, JsonValue]] = {}
    for given in listed:
        row = {name: _storable(value) for name, value in given.items()}
        name = given[key]
        fits = isinstance(name, str) and 0 < len(name.encode()) <= limit and "\0" not in name
        if not fits or name in found or len(found) >= MAX_ROWS:
            continue
        row["position"] = len(found)
        row["sha256"] = hashlib.sha256(canonical(row)).hexdigest()
        found[str(name)] = row
    return found


def _storable(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -_MAX_SIZE <= value < _MAX_SIZE else None
    return value
