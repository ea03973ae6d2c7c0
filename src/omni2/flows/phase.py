"""What goes into a phase of a flow, and what a flow adds up to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

from omni2.flows.checkpoints import AnyData, Data, Source, Verdict
from omni2.kernel.ids import new_id
from omni2.kernel.jsons import dumps
from omni2.kernel.lane import Row, Step


@dataclass(slots=True)
class Entry:
    """What a check or step returned, on its way into the record.

    `make` builds the data from the rows of the steps in the same unit: figures that only the commit knows.
    `json` is `json_of` the data, where that is kept.
    """

    data: AnyData | None
    verdict: Verdict = "passed"
    duration_ms: float | None = None
    parent_seq: int | None = None
    make: Callable[[Sequence[Row | None]], AnyData] | None = None
    json: str | None = None

    def body(self, rows: Sequence[Row | None]) -> str | None:
        """Return kind and data as they are stored, None without."""
        if self.json is not None:
            return self.json
        data = self.make(rows) if self.make else self.data
        return None if data is None else json_of(data)


def json_of(data: AnyData) -> str:
    """Return the kind of `data` and itself, as they stand at the end of a checkpoint."""
    return f'"{data.kind}","data":{data.model_dump_json()}'


D = TypeVar("D", bound=Data)


def known(model: type[D], **fields: Any) -> tuple[D, str]:
    """Return checkpoint data and its `json_of`, from all fields but `kind`, in their order, unchecked.

    For what our own code has just made, and whose types the checker knows: asking once more costs more than
    making it.
    """
    kind = _kind_of(model)
    whole = {"kind": kind, **fields}
    data = model.__new__(model)
    object.__setattr__(data, "__dict__", whole)
    object.__setattr__(data, "__pydantic_fields_set__", _NONE_SET)
    object.__setattr__(data, "__pydantic_extra__", None)
    object.__setattr__(data, "__pydantic_private__", None)
    return data, f'"{kind}","data":{dumps(whole)}'


_NONE_SET: frozenset[str] = frozenset()


@lru_cache
def _kind_of(model: type[Data]) -> str:
    return str(model.model_fields["kind"].default)


Then = Callable[[Sequence[Row | None] | None], None]


@dataclass(slots=True)
class Doubt:
    """A phase that may or may not stand: the wait for it was cut, or the store failed meanwhile.

    `again` are statements that may be run twice, for the unit that writes the entries should they be lost.
    """

    entries: tuple[Entry, ...]
    again: tuple[Step, ...]


@dataclass(slots=True)
class Totals:
    """What a flow adds up to."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_micros: int = 0
    tool_calls: int = 0
    model: str | None = None
    servers: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Opening:
    """What is known of a flow when it opens."""

    user_id: str
    source: Source
    title: str
    conversation_id: str | None = None
    flow_id: str = field(default_factory=new_id)
