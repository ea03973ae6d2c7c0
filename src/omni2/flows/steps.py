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
_RECORD = """
INSERT INTO flow_records (key, flow_id, user_id, first_seq, last_seq, at, checkpoints)
SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS INTEGER), CAST($5 AS INTEGER),
 CAST($6 AS BIGINT), CAST($7 AS TEXT)
WHERE EXISTS (SELECT 1 FROM flows WHERE flow_id = $2 AND owner = $8 AND status = 'running')
"""
_CLOSE = """
UPDATE flows SET status = $1, sentence = $2, ended_at = $3, duration_ms = $4, last_seq = $5, tool_calls = $6,
 input_tokens = $7, output_tokens = $8, cost_micros = $9, model = $10, servers = $11
WHERE flow_id = $12 AND owner = $13 AND status = 'running'
"""
_CALL = """
INSERT INTO calls (key, flow_id, user_id, at, server, tool, status, duration_ms)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


def insert_head(key: int, opening: Opening, owner: str, started_at: datetime) -> Step:
    """Return the statement that opens a flow."""
    return Step(
        _HEAD,
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
        expect=1,
    )


def insert_record(
    opening: Opening,
    owner: str,
    seqs: tuple[int, int],
    at: datetime,
    checkpoints: Callable[[Sequence[Row | None]], list[Checkpoint]],
) -> Step:
    """Return the statement that adds one phase, refused unless the flow still runs and is `owner`'s."""
    key = new_key()

    def params(rows: Sequence[Row | None]) -> tuple[Value, ...]:
        body = CHECKPOINTS.dump_json(checkpoints(rows)).decode()
        return (key, opening.flow_id, opening.user_id, *seqs, to_micros(at), body, owner)

    return Step(_RECORD, params, expect=1)


def close_head(owned: tuple[str, str], totals: Totals, done: Done, outcome: tuple[str, int]) -> Step:
    """Return the statement that closes a flow, refused unless it still runs.

    `owned` is flow id and owner, `outcome` the sentence and the last seq.
    """
    flow_id, owner = owned
    sentence, last_seq = outcome
    return Step(
        _CLOSE,
        (
            done.status,
            sentence,
            to_micros(now()),
            done.duration_ms,
            last_seq,
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
    """Return the statement that counts a call; `called` is server and tool."""
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
