"""Slows down guessing: per address, and per account and address; nobody can lock another person out."""

from collections import OrderedDict

from omni2.kernel.errors import Problem
from omni2.kernel.ids import uptime

FREE = 5
MAX_WAIT_S = 60.0
FORGET_S = 900.0
ADDRESS_FREE = 30
REMEMBERED = 20_000


class Throttle:
    """Counts failures in memory. After `FREE` the wait doubles from one second up to a minute.

    The account's own count is kept by account and address together, so that a stranger's failures
    never slow the owner down; a whole address is slowed after `ADDRESS_FREE`.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def require_calm(self, email: str, address: str) -> None:
        """Raise `Problem` while this pair, or this address, has to wait."""
        wait = max(self._wait(f"{email}|{address}", FREE), self._wait(address, ADDRESS_FREE))
        if wait > 0:
            raise Problem(
                "throttled",
                429,
                f"Too many failed attempts. Try again in {int(wait) + 1} s.",
                retry_after_ms=int(wait * 1000),
            )

    def failed(self, email: str, address: str) -> None:
        """Count a failure."""
        for key in (f"{email}|{address}", address):
            count, _ = self._failures.pop(key, (0, 0.0))
            self._failures[key] = (count + 1, uptime())
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, email: str, address: str) -> None:
        """Forget the failures of this pair."""
        self._failures.pop(f"{email}|{address}", None)

    def _wait(self, key: str, free: int) -> float:
        count, at = self._failures.get(key, (0, 0.0))
        since = uptime() - at
        if count <= free or since > FORGET_S:
            return 0.0
        return min(MAX_WAIT_S, 2.0 ** (count - free - 1)) - since
