"""The JSON of a phase as it is stored, put together from its parts: each of them is encoded once."""

from collections.abc import Sequence
from datetime import datetime

import orjson

from omni2.flows.phase import Entry, Opening
from omni2.flows.steps import Written
from omni2.kernel.jsons import dumps
from omni2.kernel.lane import Row


def written(
    opening: Opening, entries: Sequence[Entry], start: tuple[int, datetime], rows: Sequence[Row | None] = ()
) -> Written:
    """Return the checkpoints of a phase as they are stored, numbered from `start` and of its time.

    `rows` are those of the steps before, for the entries that are made of them.
    """
    first, at = start
    flow = f'{{"flow_id":{dumps(opening.flow_id)},"seq":'
    who = (
        f',"user_id":{dumps(opening.user_id)},"source":"{opening.source}"'
        f',"conversation_id":{dumps(opening.conversation_id)}'
        f',"at":{orjson.dumps(at, option=orjson.OPT_UTC_Z).decode()},"duration_ms":'
    )
    items: list[str] = []
    number = first
    for entry in entries:
        body = entry.body(rows)
        if body is None:
            continue
        parent = "null" if entry.parent_seq is None else entry.parent_seq
        lasted = "null" if entry.duration_ms is None else entry.duration_ms
        items.append(
            f'{flow}{number},"parent_seq":{parent}{who}{lasted},"verdict":"{entry.verdict}","kind":{body}}}'
        )
        number += 1
    return Written(first, number - 1, f"[{','.join(items)}]")
