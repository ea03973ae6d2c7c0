"""Heads of HTTP messages that come again on a connection: the same bytes need not be read twice."""

import re
from dataclasses import dataclass

MAX_HEAD = 8_192
MAX_DIGITS = 7

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]+)(?=\r\n)", re.I)
_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class KnownHead:
    """A head that was read once, in front of and behind the digits of its length."""

    before: bytes
    behind: bytes

    def body_in(self, data: bytes) -> bytes | None:
        """Return the body if `data` is a message with this head, whatever its length, and nothing else."""
        if not data.startswith(self.before):
            return None
        start = len(self.before)
        stop = data.find(b"\r", start, start + MAX_DIGITS + 1)
        digits = data[start:stop]
        if stop < 0 or not digits.isdigit() or not data.startswith(self.behind, stop):
            return None
        begin = stop + len(self.behind)
        return data[begin:] if len(data) - begin == int(digits) else None


def known_head(data: bytes, size: int) -> KnownHead | None:
    """Return the head of `data`, a message that was read and has a body of `size` bytes.

    None unless it is just that, and says its length once.
    """
    end = data.find(_END) + len(_END)
    if end < len(_END) or end > MAX_HEAD or len(data) - end != size:
        return None
    found = list(_LENGTH.finditer(data, 0, end))
    if len(found) != 1 or int(found[0][1]) != size:
        return None
    return KnownHead(data[: found[0].start(1)], data[found[0].end(1) : end])
