"""One id and one clock: UUIDv7 strings, aware UTC, append-only integer keys."""

import os
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from itertools import count

MICROS = 1_000_000
NOISE_BYTES = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY_EPOCH_MS = 1_700_000_000_000
_APART = timedelta(seconds=1)  # a key and the time that stands beside it
_VARIANT = dict(zip("0123456789abcdef", "89ab" * 4, strict=True))
_uptime_clock: int = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now() -> datetime:
    """Return the current time, aware, UTC."""
    return datetime.now(UTC)


def to_micros(at: datetime) -> int:
    """Return microseconds since 1970 UTC, exactly."""
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * MICROS + delta.microseconds


def from_micros(micros: int) -> datetime:
    """Return the aware UTC time of `micros` since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def new_id() -> str:
    """Return a UUIDv7 (RFC 9562): 48 bit milliseconds, then random bits."""
    noise = _noise.take()
    begin = _id_begin(time.time_ns() // 1_000_000)
    return f"{begin}{noise[:3]}-{_VARIANT[noise[3]]}{noise[4:7]}-{noise[7:19]}"


@lru_cache(maxsize=8)
def _id_begin(millis: int) -> str:
    return f"{millis >> 16:08x}-{millis & 0xFFFF:04x}-7"


class _Noise:
    """Random digits in stock: asking the system lets go of the interpreter each time."""

    def __init__(self) -> None:
        self._stock: list[str] = []
        os.register_at_fork(after_in_child=self._stock.clear)

    def take(self) -> str:
        """Return 20 digits that nobody else gets."""
        try:
            return self._stock.pop()
        except IndexError:
            drawn = os.urandom(NOISE_BYTES * 256).hex()
            size = NOISE_BYTES * 2
            self._stock += [drawn[at : at + size] for at in range(size, len(drawn), size)]
            return drawn[:size]


_noise = _Noise()


class _Keys:
    """Hands out keys that never go back, also when the counter wraps within a millisecond.

    Processes that are forked from this one have other numbers, one after the other.
    """

    def __init__(self) -> None:
        self._last = 0
        self._counter = count(secrets.randbelow(4096))
        self._process = secrets.randbelow(256)
        self._forked = 0
        os.register_at_fork(before=self._count, after_in_child=self._part)

    def next(self) -> int:
        millis = time.time_ns() // 1_000_000 - _KEY_EPOCH_MS
        key = (millis << 22) | (self._process << 14) | (next(self._counter) & 0x3FFF)
        self._last = max(key, self._last + 1)
        return self._last

    def _count(self) -> None:
        self._forked += 1

    def _part(self) -> None:
        self._process = (self._process + self._forked) & 0xFF


_keys = _Keys()


# A 63-bit integer that grows with time: 41 bit milliseconds, 8 bit process, 14 bit counter.
new_key: Callable[[], int] = _keys.next


# Seconds on a clock that never steps and that runs while the machine is suspended.
uptime: Callable[[], float] = partial(time.clock_gettime, _uptime_clock)


def key_at(at: datetime) -> int:
    """Return the smallest key that a row made at this time can have; keys of later rows are greater."""
    return max(0, (to_micros(at) // 1000 - _KEY_EPOCH_MS) << 22)


def oldest_key(since: datetime) -> int:
    """Return a key below which no row stands whose own time is `since` or later: it is made just before."""
    return key_at(since - _APART)


def key_time(key: int) -> datetime:
    """Return when a key was made, to the millisecond."""
    return from_micros(((key >> 22) + _KEY_EPOCH_MS) * 1000)
