"""The statements of the record, for the lane: few, fenced by owner, the same on both databases."""

from collections.abc import Callable, Sequence
from datetime import datetime

from omni2.flows.checkpoints import CHECKPOINTS, Checkpoint, Done
from omni2.flows.phase import Opening, Totals
from omni2.kernel.ids import new_key, now, to_micros
from omni2.kernel.jsons import dumps
from omni2.kernel.lane import Row, Step, Value

_HEAD = """
INSERT INTO flows (key, flow_id, user_id, source, conversation_id, owner, status, title, sentence, started_at,
 last_seq, tool_calls, input_tokens, output_tokens, cost_micros, servers)
VALUES ($1, $2, $3, $4, $5, $6, 'running', $7, 'Running.', $8, 0, 0, 0, 0, 0, '[]')
"""
_HEAD_AGAIN = f"{_HEAD} ON CONFLICT (flow_id) DO NOTHING"
_FENCE = "UPDATE flows SET owner = owner WHERE flow_id = $1 AND owner = $2 AND status = 'running'"
_LAST_SEQ = "SELECT COALESCE(MAX(last_seq), 0) FROM flow_records WHERE flow_id = $1"
_RECORD = """
INSERT INTO flow_records (key, flow_id, user_id, first_seq, last_seq, at, checkpoints)
SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS INTEGER), CAST($5 AS INTEGER),
 CAST($6 AS BIGINT), CAST($7 AS TEXT)
WHERE EXISTS (SELECT 1 FROM flows WHERE flow_id = $2 AND owner = $8 AND status = 'running')
 AND $4 - 1 = COALESCE(
  (SELECT last_seq FROM flow_records WHERE flow_id = $2 ORDER BY first_seq DESC LIMIT 1), 0)
ON CONFLICT (flow_id, first_seq) DO NOTHING
"""
_CLOSE = """
UPDATE flows SET status = $1, sentence = $2, ended_at = $3, duration_ms = $4, tool_calls = $5,
 input_tokens = $6, output_tokens = $7, cost_micros = $8, model = $9, servers = $10,
 last_seq = (SELECT last_seq FROM flow_records WHERE flow_id = $11 ORDER BY first_seq DESC LIMIT 1)
WHERE flow_id = $11 AND owner = $12 AND status = 'running'
"""
_CALL = """
INSERT INTO calls (key, flow_id, user_id, at, server, tool, status, duration_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (key) DO NOTHING
"""


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


def insert_record(
    opening: Opening,
    owner: str,
    checkpoints: Callable[[Sequence[Row | None], datetime], list[Checkpoint]],
) -> Step:
    """Return the statement that adds one phase of at least one checkpoint.

    Refused unless the flow still runs, is `owner`'s, and the numbers follow those that stand.
    """
    key, at = new_key(), now()

    def params(rows: Sequence[Row | None]) -> tuple[Value, ...]:
        items = checkpoints(rows, at)
        seqs = (items[0].seq, items[-1].seq)
        body = CHECKPOINTS.dump_json(items).decode()
        return (key, opening.flow_id, opening.user_id, *seqs, to_micros(at), body, owner)

    return Step(_RECORD, params, expect=1)


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
