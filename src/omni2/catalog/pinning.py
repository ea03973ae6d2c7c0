"""Pinned tool definitions: what was approved stays, what its server changed waits beside it."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, cast

from pydantic import JsonValue
from sqlalchemy import select

from omni2.catalog.models import Tool
from omni2.kernel.db import Work
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.jsons import canonical

MAX_NAME = 200
MAX_TOOLS = 10_000
MAX_ABSENT = 500


class Definition(Protocol):
    """A tool as its server describes it; all of it is pinned."""

    @property
    def name(self) -> str:
        """What it is called by."""
        ...

    @property
    def title(self) -> str | None:
        """What people read."""
        ...

    @property
    def description(self) -> str:
        """What models read."""
        ...

    @property
    def input_schema(self) -> dict[str, JsonValue]:
        """The JSON Schema of its arguments."""
        ...

    @property
    def output_schema(self) -> dict[str, JsonValue] | None:
        """The JSON Schema of its structured result."""
        ...

    @property
    def annotations(self) -> dict[str, JsonValue]:
        """The hints of its server."""
        ...

    @property
    def meta(self) -> dict[str, JsonValue]:
        """Its `_meta`."""
        ...

    @property
    def icons(self) -> tuple[dict[str, JsonValue], ...]:
        """Its icons."""
        ...


@dataclass(slots=True)
class Pinned:
    """What pinning did, by tool names.

    `held` are changed, or new and to be looked at first; `restored` are again as they were approved;
    `refused` could not be stored: no name, too long, too many, twice; `touched`: a pin was made anew.
    `forgotten` counts definitions that are not kept any more.
    """

    refused: int = 0
    forgotten: int = 0
    added: list[str] = field(default_factory=list[str])
    held: list[str] = field(default_factory=list[str])
    restored: list[str] = field(default_factory=list[str])
    gone: list[str] = field(default_factory=list[str])
    touched: bool = False

    @property
    def moved(self) -> bool:
        """Whether anything differs from before."""
        return bool(self.added or self.held or self.restored or self.gone or self.touched)


async def pin_tools(
    work: Work, server_id: str, definitions: Sequence[Definition], *, hold_new: bool = False
) -> Pinned:
    """Store what is new, hold what changed; what an admin chose for a tool stays, also while it is gone.

    Of tools that are gone and that nobody decided about, `MAX_ABSENT` are kept. Who forgets some has to hold
    what is new from then on: one of them may come back as something else.
    """
    stored = {
        row.name: row for row in await work.session.scalars(select(Tool).where(Tool.server_id == server_id))
    }
    usable = _usable(definitions)
    pinned = Pinned(refused=len(definitions) - len(usable))
    for position, definition in enumerate(usable.values()):
        row = stored.get(definition.name)
        if row is None:
            row = _new_row(server_id, definition, hold=hold_new)
            work.session.add(row)
            (pinned.held if hold_new else pinned.added).append(row.name)
        else:
            _compare(row, definition, pinned)
        row.position, row.gone_at = position, None
    absent = [row for name, row in stored.items() if name not in usable]
    pinned.gone.extend(_retire(absent))
    for row in _forgettable(absent):
        await work.session.delete(row)
        pinned.forgotten += 1
    return pinned


def definition_json(definition: Definition) -> dict[str, JsonValue]:
    """Return what is pinned of a definition: `meta` and `icons` where it has any."""
    return {
        "name": definition.name,
        "title": definition.title,
        "description": definition.description,
        "input_schema": definition.input_schema,
        "output_schema": definition.output_schema,
        "annotations": definition.annotations,
        **_decoration(definition.meta, [*definition.icons]),
    }


def pinned_json(row: Tool) -> dict[str, JsonValue] | None:
    """Return the approved definition in the form of `definition_json`, None when there never was one."""
    if not row.sha256:
        return None
    return {
        "name": row.name,
        "title": row.title,
        "description": row.description,
        "input_schema": row.input_schema,
        "output_schema": row.output_schema,
        "annotations": row.annotations,
        **_decoration(row.meta, row.icons),
    }


def fingerprint(definition: Definition) -> str:
    """Return the SHA-256 of a definition's canonical JSON."""
    return _digest(definition_json(definition))


def approve(row: Tool, sha256: str) -> None:
    """Make the definition that waits the approved one; raise `Problem` when it is not what was seen."""
    held = _held(row, sha256)
    row.title = cast("str | None", held["title"])
    row.description = str(held["description"])
    row.input_schema, row.output_schema = held["input_schema"], held["output_schema"]
    row.annotations = held["annotations"]
    row.meta, row.icons = held.get("meta"), held.get("icons")
    row.sha256, row.pinned_at = sha256, now()
    row.decided_at = row.pinned_at
    _release(row)


def reject(row: Tool, sha256: str) -> None:
    """Keep the tool away until its server changes it again; raise `Problem` when another one waits."""
    _held(row, sha256)
    row.rejected_at = row.decided_at = now()


def _held(row: Tool, sha256: str) -> dict[str, JsonValue]:
    if not isinstance(row.held_definition, dict) or row.held_sha256 is None:
        raise Problem("nothing_held", 409, f"No changed definition of {row.name} waits for a decision.")
    if row.held_sha256 != sha256:
        raise Problem(
            "definition_changed_again",
            409,
            f"{row.name} was changed once more since you looked at it. Look at the newest definition first.",
        )
    return row.held_definition


def _new_row(server_id: str, definition: Definition, *, hold: bool) -> Tool:
    row = Tool(
        server_id=server_id,
        name=definition.name,
        description="",
        input_schema={},
        annotations={},
        enabled=True,
        price_micros=None,
        sha256="",
        pinned_at=now(),
    )
    if hold:
        _hold(row, definition, fingerprint(definition))
    else:
        _describe(row, definition, fingerprint(definition))
    return row


def _compare(row: Tool, definition: Definition, pinned: Pinned) -> None:
    sha256 = fingerprint(definition)
    if row.sha256 == sha256:
        pinned.touched = _decorate(row, definition) or pinned.touched
        _restore(row, pinned)
    elif _was_pinned_before(row, definition) or not (row.sha256 or row.held_sha256):
        _describe(row, definition, sha256)
        pinned.touched = True
        _restore(row, pinned)
    elif row.held_sha256 != sha256:
        _hold(row, definition, sha256)
        pinned.held.append(row.name)
    if row.gone_at is not None and row.name not in pinned.held:
        pinned.added.append(row.name)


def _restore(row: Tool, pinned: Pinned) -> None:
    if row.held_sha256 is not None:
        _release(row)
        pinned.restored.append(row.name)


def _was_pinned_before(row: Tool, definition: Definition) -> bool:
    """Whether a row is pinned by less than is pinned today, and for the rest shows just this definition.

    First output schemas were not pinned, then icons and meta: such a row is taken over at its first look.
    """
    whole = definition_json(definition)
    shown = _decoration(row.meta, row.icons)
    if shown != _decoration(definition.meta, [*definition.icons]):
        return False
    bare = {name: value for name, value in whole.items() if name not in shown}
    older = {name: value for name, value in bare.items() if name != "output_schema"}
    return row.sha256 in {_digest(bare), _digest(older)}


def _decoration(meta: JsonValue, icons: JsonValue) -> dict[str, JsonValue]:
    return {name: value for name, value in (("meta", meta), ("icons", icons)) if value}


def _digest(value: dict[str, JsonValue]) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _usable(definitions: Iterable[Definition]) -> Mapping[str, Definition]:
    found: dict[str, Definition] = {}
    for definition in definitions:
        if 0 < len(definition.name) <= MAX_NAME and "\0" not in definition.name and len(found) < MAX_TOOLS:
            found.setdefault(definition.name, definition)
    return found


def _describe(row: Tool, definition: Definition, sha256: str) -> None:
    row.title = _storable(definition.title) if definition.title is not None else None
    row.description = _storable(definition.description)
    row.input_schema = cast("JsonValue", definition.input_schema)
    row.output_schema = cast("JsonValue", definition.output_schema)
    row.annotations = cast("JsonValue", definition.annotations)
    _decorate(row, definition)
    row.sha256 = sha256
    row.pinned_at = now()


def _decorate(row: Tool, definition: Definition) -> bool:
    """Take over icons and meta; return whether they differ, as they may where they were not pinned yet."""
    before = row.meta or None, row.icons or None
    row.meta = cast("JsonValue", definition.meta) or None
    row.icons = cast("JsonValue", [*definition.icons]) or None
    return before != (row.meta, row.icons)


def _hold(row: Tool, definition: Definition, sha256: str) -> None:
    held = definition_json(definition)
    if definition.title is not None:
        held["title"] = _storable(definition.title)
    held["description"] = _storable(definition.description)
    row.held_definition, row.held_sha256, row.held_at, row.rejected_at = held, sha256, now(), None


def _release(row: Tool) -> None:
    row.held_definition = row.held_sha256 = row.held_at = row.rejected_at = None


def _retire(rows: Iterable[Tool]) -> list[str]:
    leaving = [row for row in rows if row.gone_at is None]
    for row in leaving:
        row.gone_at = now()
    return [row.name for row in leaving]


def _forgettable(absent: Iterable[Tool]) -> list[Tool]:
    """Return the oldest of what is gone and was never decided about, where there is too much of it."""
    undecided = [row for row in absent if row.decided_at is None and row.gone_at is not None]
    return sorted(undecided, key=_left, reverse=True)[MAX_ABSENT:]


def _left(row: Tool) -> tuple[datetime, str]:
    return row.gone_at or row.pinned_at, row.name


def _storable(text: str) -> str:
    return text.replace("\0", "")
