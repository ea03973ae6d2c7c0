"""A circuit breaker: a server that fails again and again is left alone, then tried by one call."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from omni2.kernel.errors import Problem
from omni2.upstream.ports import BreakerState

FAILURES = 5
FIRST_PAUSE_S = 5.0
MAX_PAUSE_S = 60.0


class Trial:
    """One call that was let through; without a word of how it went it counts for nothing."""

    __slots__ = ("probes", "went")

    def __init__(self, *, probes: bool = False) -> None:
        self.went: bool | None = None
        self.probes = probes

    def worked(self) -> None:
        """The server answered, whatever it said."""
        self.went = True

    def failed(self) -> None:
        """The server failed: no connection, no answer in time, or none that makes sense."""
        self.went = False


class Breaker:
    """Opens after `FAILURES` in a row; half-opens with one call after 5 s, doubled up to 60 s."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0
        self._pause_s = FIRST_PAUSE_S
        self._closed_until = 0.0
        self._probing = False

    @property
    def state(self) -> BreakerState:
        """Whether calls are let through: all, none, or one."""
        if self._failures < FAILURES:
            return "closed"
        return "open" if self._clock() < self._closed_until else "half_open"

    def begin(self, title: str) -> Trial:
        """Let a call through, which `end` follows; raise `Problem` server_unavailable while it is open."""
        if self._failures < FAILURES:
            return Trial()
        if self.state == "open" or self._probing:
            raise self._unavailable(title)
        self._probing = True
        return Trial(probes=True)

    def end(self, trial: Trial) -> None:
        """Learn from a call that was let through."""
        if trial.probes:
            self._probing = False
        if trial.went is not None:
            self.note(worked=trial.went)

    @contextmanager
    def trying(self, title: str) -> Iterator[Trial]:
        """Let the body call, and learn from it; raise like `begin`."""
        trial = self.begin(title)
        try:
            yield trial
        finally:
            self.end(trial)

    def note(self, *, worked: bool) -> None:
        """Learn how the server is."""
        if worked:
            self._failures, self._pause_s = 0, FIRST_PAUSE_S
            return
        self._failures += 1
        if self._failures < FAILURES:
            return
        if self._failures > FAILURES and self._clock() >= self._closed_until:
            self._pause_s = min(self._pause_s * 2, MAX_PAUSE_S)
        self._closed_until = max(self._closed_until, self._clock() + self._pause_s)

    def retry_now(self) -> None:
        """The server answered something else: let one call try it, whatever the pause."""
        self._closed_until = min(self._closed_until, self._clock())

    def _unavailable(self, title: str) -> Problem:
        wait_s = max(1, round(self._closed_until - self._clock()))
        return Problem(
            "server_unavailable",
            503,
            f"{title} failed {self._failures} times in a row and is left alone. Try again in {wait_s} s.",
            retry_after_ms=wait_s * 1000,
        )
