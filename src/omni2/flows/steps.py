"""The statements of the record, for the lane: few, fenced by owner, the same on both databases."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from omni2.flows.checkpoints import Done
from omni2.flows.phase import Opening, Totals
from omni2.kernel.ids import new_key, now, to_micros
from omni2.kernel.jsons import dumps
from omni2.kernel.lane import Row, Step, Value
from omni2.kernel.statement import Statement

_HEAD_SQL = """
INSERT INTO flows (key, flow_id, user_id, source, conversation_id, owner, status, title, sentence, started_at,
 last_seq, tool_calls, input_tokens, output_tokens, cost_micros, servers)
WITH given (key, flow_id, user_id, source, conversation_id, owner, title, started_at) AS ({rows})
SELECT key, flow_id, user_id, source, conversation_id, owner, 'running', title, 'Running.', started_at,
 0, 0, 0, 0, 0, '[]' FROM given WHERE true
"""
_HEAD_TYPES = ("bigint", "text", "text", "text", "text", "text", "text", "bigint")
_HEAD = Statement(_HEAD_SQL, _HEAD_TYPES)
_HEAD_AGAIN = Statement(f"{_HEAD_SQL} ON CONFLICT (flow_id) DO NOTHING", _HEAD_TYPES)
_FENCE = "UPDATE flows SET owner = owner WHERE flow_id = $1 AND owner = $2 AND status = 'running'"
_LAST_SEQ = "SELECT COALESCE(MAX(last_seq), 0) FROM flow_records WHERE flow_id = $1"
_RECORD = Statement(
    """
INSERT INTO flow_records (key, flow_id, user_id, first_seq, last_seq, at, checkpoints)
WITH given (key, flow_id, user_id, first_seq, last_seq, at, checkpoints, owner) AS ({rows})
SELECT key, flow_id, user_id, first_seq, last_seq, at, checkpoints FROM given
WHERE EXISTS (SELECT 1 FROM flows
  WHERE flows.flow_id = given.flow_id AND flows.owner = given.owner AND flows.status = 'running')
 AND given.first_seq - 1 = COALESCE((SELECT records.last_seq FROM flow_records records
  WHERE records.flow_id = given.flow_id ORDER BY records.first_seq DESC LIMIT 1), 0)
ON CONFLICT (flow_id, first_seq) DO NOTHING
""",
    ("bigint", "text", "text", "integer", "integer", "bigint", "text", "text"),
)
_CLOSE = Statement(
    """
UPDATE flows SET status = given.status, sentence = given.sentence, ended_at = given.ended_at,
 duration_ms = given.duration_ms, tool_calls = given.tool_calls, input_tokens = given.input_tokens,
 output_tokens = given.output_tokens, cost_micros = given.cost_micros, model = given.model,
 servers = given.servers, last_seq = (SELECT records.last_seq FROM flow_records records
  WHERE records.flow_id = given.flow_id ORDER BY records.first_seq DESC LIMIT 1)
FROM (WITH given (status, sentence, ended_at, duration_ms, tool_calls, input_tokens, output_tokens,
  cost_micros, model, servers, flow_id, owner) AS ({rows}) SELECT * FROM given) given
WHERE flows.flow_id = given.flow_id AND flows.owner = given.owner AND flows.status = 'running'
""",
    (
        *("text", "text", "bigint", "double precision", "integer", "bigint", "bigint", "bigint"),
        *("text", "text", "text", "text"),
    ),
)
_CALL = Statement(
    """
INSERT INTO calls (key, flow_id, user_id, at, server, tool, status, duration_ms)
WITH given (key, flow_id, user_id, at, server, tool, status, duration_ms) AS ({rows})
SELECT key, flow_id, user_id, at, server, tool, status, duration_ms FROM given WHERE true
ON CONFLICT (key) DO NOTHING
""",
    ("bigint", "text", "text", "bigint", "text", "text", "text", "double precision"),
)


def insert_head(key: int, opening: Opening, owner: str, started_at: datetime, *, again: bool = False) -> Step:
    """Return the statement that opens a flow; with `again`, one that leaves a flow as it stands."""
    return Step(
        _HEAD_AGAIN if again else _HEAD,
        (
            key,
            opening.flow_id,
            opening.user_id,
            opening.source,
            opening.conversation_id,
            owner,
            opening.title[:200],
            to_micros(started_at),
        ),
        expect=None if again else 1,
    )


def fence(flow_id: str, owner: str) -> Step:
    """Return the statement of a phase without checkpoints, refused unless the flow still runs."""
    return Step(_FENCE, (flow_id, owner), expect=1)


def fetch_last_seq(flow_id: str) -> Step:
    """Return the statement whose row is the number of the last checkpoint that stands, 0 for none."""
    return Step(_LAST_SEQ, (flow_id,), expect=1, fetch=True)


@dataclass(slots=True)
class Written:
    """A phase as it is stored: the numbers of its first and last checkpoint, and the array of them."""

    first: int
    last: int
    body: str


def insert_record(
    opening: Opening, owner: str, phase: Written | Callable[[Sequence[Row | None]], Written], at: datetime
) -> Step:
    """Return the statement that adds one phase of at least one checkpoint.

    Refused unless the flow still runs, is `owner`'s, and the numbers follow those that stand.
    """
    key = new_key()

    def params(written: Written) -> tuple[Value, ...]:
        numbers = (written.first, written.last)
        return (key, opening.flow_id, opening.user_id, *numbers, to_micros(at), written.body, owner)

    if isinstance(phase, Written):
        return Step(_RECORD, params(phase), expect=1)
    return Step(_RECORD, lambda rows: params(phase(rows)), expect=1)


def close_head(owned: tuple[str, str], totals: Totals, done: Done, sentence: str) -> Step:
    """Return the statement that closes a flow behind its last phase, refused unless it still runs.

    `owned` is flow id and owner.
    """
    flow_id, owner = owned
    return Step(
        _CLOSE,
        (
            done.status,
            sentence,
            to_micros(now()),
            done.duration_ms,
            totals.tool_calls,
            totals.input_tokens,
            totals.output_tokens,
            totals.cost_micros,
            totals.model,
            dumps(totals.servers),
            flow_id,
            owner,
        ),
        expect=1,
    )


def insert_call(opening: Opening, called: tuple[str, str], status: str, duration_ms: float) -> Step:
    """Return the statement that counts a call, once if it is run twice; `called` is server and tool."""
    server, tool = called
    return Step(
        _CALL,
        (
            new_key(),
            opening.flow_id,
            opening.user_id,
            to_micros(now()),
            server[:64],
            tool[:200],
            status,
            duration_ms,
        ),
    )
