"""A head that came before is known again, and nothing else is taken for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omni2.kernel.heads import MAX_DIGITS, MAX_HEAD, known_head

HEAD = b"POST /mcp HTTP/1.1\r\nhost: here\r\nContent-Length: %d\r\naccept: */*\r\n\r\n"


def message(body: bytes) -> bytes:
    """Return a message with `HEAD`."""
    return HEAD % len(body) + body


KNOWN = known_head(message(b"first"), 5)


@given(st.binary(max_size=2_000))
def test_the_same_head_with_any_body_is_known(body: bytes) -> None:
    assert KNOWN is not None
    assert KNOWN.body_in(message(body)) == body


@given(st.binary(min_size=1, max_size=200), st.integers(0, 250), st.binary(min_size=1, max_size=3))
def test_a_message_that_was_changed_anywhere_in_its_head_is_not(body: bytes, at: int, put: bytes) -> None:
    assert KNOWN is not None
    whole = message(body)
    head = len(whole) - len(body)
    changed = whole[: at % head] + put + whole[at % head :]
    found = KNOWN.body_in(changed)
    assert found is None or changed == KNOWN.before + b"%d" % len(found) + KNOWN.behind + found


@pytest.mark.parametrize(
    "digits", [b"", b"+5", b" 5", b"5 ", b"05x", b"0x5", b"-5", b"5" * (MAX_DIGITS + 1), b"\xd9\xa5"]
)
def test_a_length_that_is_no_plain_number_is_left_to_the_parser(digits: bytes) -> None:
    assert KNOWN is not None
    assert KNOWN.body_in(KNOWN.before + digits + KNOWN.behind + b"12345") is None


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (message(b"x") + message(b"y"), 1),
        (message(b"12345")[:-1], 5),
        (b"\r\n\r\n" + message(b"12345"), 5),
        (b"POST / HTTP/1.1\r\nhost: here\r\n\r\n", 0),
        (b"POST / HTTP/1.1\r\ncontent-length: 1\r\nContent-Length: 1\r\n\r\nx", 1),
        (b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n", 1),
        (b"POST / HTTP/1.1\r\nlong: " + b"x" * MAX_HEAD + b"\r\ncontent-length: 1\r\n\r\nx", 1),
    ],
)
def test_what_is_not_one_plain_message_leaves_nothing_to_know(data: bytes, size: int) -> None:
    assert known_head(data, size) is None
