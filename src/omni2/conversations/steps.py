"""The statements of what was said, for the lane, so that they share the unit of the flow's phase."""

from pydantic import JsonValue

from omni2.kernel.ids import new_key, now, to_micros
from omni2.kernel.jsons import dumps
from omni2.kernel.lane import Step

TITLE_LENGTH = 80

_CONVERSATION = """
INSERT INTO conversations (conversation_id, user_id, title, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5)
"""
_BEGIN = """
UPDATE conversations SET running_flow_id = $1, updated_at = $2 WHERE conversation_id = $3 AND user_id = $4
"""
_END = """
UPDATE conversations SET running_flow_id = NULL, updated_at = $1
WHERE conversation_id = $2 AND running_flow_id = $3
"""
_MESSAGE = """
INSERT INTO messages (key, message_id, conversation_id, kind, flow_id, text, data, created_at)
SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT), conversation_id, CAST($4 AS TEXT), CAST($5 AS TEXT),
 CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS BIGINT)
FROM conversations WHERE conversation_id = $3
ON CONFLICT (message_id) DO NOTHING
"""
_SUPERSEDE = """
UPDATE messages SET superseded_at = $1
WHERE conversation_id = $2 AND key > $3 AND superseded_at IS NULL
"""
_CHUNK = """
INSERT INTO turn_chunks (flow_id, first_n, last_n, at, frames) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (flow_id, first_n) DO UPDATE SET last_n = excluded.last_n, frames = excluded.frames
"""


def insert_conversation(conversation_id: str, user_id: str, text: str, *, again: bool = False) -> Step:
    """Return the statement that starts a conversation, titled by the first words said.

    With `again` one that stands already is left as it is.
    """
    at = to_micros(now())
    sql = f"{_CONVERSATION} ON CONFLICT (conversation_id) DO NOTHING" if again else _CONVERSATION
    return Step(sql, (conversation_id, user_id, title_of(text), at, at), expect=None if again else 1)


def begin_turn(conversation_id: str, user_id: str, flow_id: str) -> Step:
    """Return the statement that marks a turn as running; refused for a deleted or foreign conversation."""
    return Step(_BEGIN, (flow_id, to_micros(now()), conversation_id, user_id), expect=1)


def end_turn(conversation_id: str, flow_id: str) -> Step:
    """Return the statement that takes the mark away."""
    return Step(_END, (to_micros(now()), conversation_id, flow_id))


def insert_message(
    message_id: str,
    conversation_id: str,
    said: tuple[str, str],
    data: dict[str, JsonValue],
    flow_id: str | None,
) -> Step:
    """Return the statement that adds a message (`said`: kind, text) once, if its conversation stands."""
    kind, text = said
    return Step(
        _MESSAGE,
        (new_key(), message_id, conversation_id, kind, flow_id, text, dumps(data), to_micros(now())),
    )


def supersede_after(conversation_id: str, key: int) -> Step:
    """Return the statement that hides everything said behind message `key`, for a regenerated answer."""
    return Step(_SUPERSEDE, (to_micros(now()), conversation_id, key))


def insert_chunk(flow_id: str, first_n: int, frames: list[JsonValue]) -> Step:
    """Return the statement that stores a piece of a turn's stream; it may be repeated with more in it."""
    return Step(_CHUNK, (flow_id, first_n, first_n + len(frames) - 1, to_micros(now()), dumps(frames)))


def title_of(text: str) -> str:
    """Return the first words of a message, as a title."""
    words = " ".join(text.split())
    return words if len(words) <= TITLE_LENGTH else words[: TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "\u2026"
