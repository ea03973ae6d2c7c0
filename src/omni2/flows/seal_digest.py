"""What is sealed of a row, and how links follow one another: pure functions over bytes.

leaf = SHA-256(facts + SHA-256(salt + content)). With its salt gone a leaf tells nothing of the content, and
the facts can still be proven by whoever is given the inner digest: an erasure leaves that behind.
chain = SHA-256(chain before + header + keys + leaves + former), one for each link.
"""

import struct
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal

import orjson

Source = Literal["records", "openings", "flows", "journal"]
Kind = Literal["seal", "erasure", "removal"]
SOURCES: tuple[Source, ...] = ("records", "openings", "flows", "journal")
SALT = 16
DIGEST = 32
NO_SALT = bytes(SALT)
GENESIS = bytes(DIGEST)

Described = tuple[bytes, bytes]  # the facts of a row, and its content
HEAD_COLUMNS = (
    "key, flow_id, user_id, source, conversation_id, owner, started_at, status, ended_at, duration_ms,"
    " last_seq, tool_calls, input_tokens, output_tokens, cost_micros, model, servers, title, sentence"
)
JOURNAL_COLUMNS = "key, journal_id, at, actor_id, kind, subject_id, actor_name, sentence, data"
RECORD_COLUMNS = "key, flow_id, user_id, first_seq, last_seq, at"


def describe_record(row: tuple[Any, ...]) -> Described:
    """Return a phase: its numbers and times are facts, its checkpoints are content."""
    key, flow_id, user_id, first, last, at, content = row
    return f"records {key} {flow_id} {user_id} {first} {last} {at}".encode(), content or b""


def describe_opening(row: tuple[Any, ...]) -> Described:
    """Return what is known of a flow from its beginning; its title is content."""
    return _listed("openings", row[:7]), _listed("", row[17:18])


def describe_flow(row: tuple[Any, ...]) -> Described:
    """Return the head of a flow that is over; title and sentence are content."""
    return _listed("flows", row[:17]), _listed("", row[17:19])


def describe_journal(row: tuple[Any, ...]) -> Described:
    """Return a row of the journal; names, words and data are content."""
    return _listed("journal", row[:6]), _listed("", row[6:9])


DESCRIBE: dict[Source, Callable[[tuple[Any, ...]], Described]] = {
    "records": describe_record,
    "openings": describe_opening,
    "flows": describe_flow,
    "journal": describe_journal,
}


def inner_digest(salt: bytes, content: bytes) -> bytes:
    """Return the digest of a content under its salt."""
    return sha256(salt + content).digest()


def leaf_of(facts: bytes, inner: bytes) -> bytes:
    """Return the digest of a row."""
    return sha256(facts + inner).digest()


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a chain, as bytes. `at` is in microseconds since 1970."""

    source: Source
    n: int
    kind: Kind
    writer: str
    at: int
    total: int
    keys: tuple[int, ...]
    salts: bytes
    leaves: bytes
    former: bytes
    chain: bytes

    @property
    def is_whole(self) -> bool:
        """Whether its parts have the sizes that its number of rows asks for."""
        rows = len(self.keys)
        if self.kind == "removal":  # it names rows that were taken away by retention, and nothing else
            return not (self.salts or self.leaves or self.former)
        former = rows * DIGEST if self.kind == "erasure" else 0
        return (len(self.salts), len(self.leaves), len(self.former)) == (rows * SALT, rows * DIGEST, former)


def link_digest(before: bytes, link: Link) -> bytes:
    """Return the value that a link has behind the one before; its salts are no part of it."""
    header = [link.source, link.n, link.kind, link.writer, link.at, link.total, len(link.keys)]
    return sha256(before + orjson.dumps(header) + pack_keys(link.keys) + link.leaves + link.former).digest()


def head_words(source: str, n: int, total: int, chain: bytes) -> bytes:
    """Return what is signed of the end of a chain."""
    return b"omni2 chain head\n" + orjson.dumps([source, n, total, chain.hex()])


def pack_keys(keys: Sequence[int]) -> bytes:
    """Return keys as bytes, 8 each."""
    return struct.pack(f">{len(keys)}q", *keys)


def unpack_keys(packed: bytes) -> tuple[int, ...]:
    """Return the keys in what `pack_keys` made; raise `ValueError` for anything else."""
    if len(packed) % 8:
        raise ValueError("not whole keys")
    return struct.unpack(f">{len(packed) // 8}q", packed)


def split(packed: bytes, size: int) -> tuple[bytes, ...]:
    """Return the parts of `size` bytes."""
    return struct.unpack(f"{size}s" * (len(packed) // size), packed)


def to_text(packed: bytes) -> str:
    """Return bytes as they are stored."""
    return b64encode(packed).decode()


def to_bytes(text: str) -> bytes:
    """Return what was stored; raise `ValueError` when it is not just what `to_text` writes."""
    packed = b64decode(text, validate=True)
    if to_text(packed) != text:
        raise ValueError("written in another way")
    return packed


def _listed(tag: str, values: Sequence[Any]) -> bytes:
    return orjson.dumps([tag, *values])
