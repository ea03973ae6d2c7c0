"""Slows down guessing: per address, and per account and address; nobody can lock another person out."""

from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

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

    def begin(self, email: str, address: str) -> None:
        """Count an attempt as failed until it succeeds, so that guesses side by side gain nothing.

        Raises `Problem` while this pair, or this address, has to wait.
        """
        address = network_of(address)
        wait = max(self._wait(f"{email}|{address}", FREE), self._wait(address, ADDRESS_FREE))
        if wait > 0:
            raise Problem(
                "throttled",
                429,
                f"Too many failed attempts. Try again in {int(wait) + 1} s.",
                retry_after_ms=int(wait * 1000),
            )
        for key in (f"{email}|{address}", address):
            self._failures[key] = (self._count(key) + 1, uptime())
            self._failures.move_to_end(key)
        while len(self._failures) > REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, email: str, address: str) -> None:
        """Forget the failures of this pair, and the attempt that the address was charged with."""
        address = network_of(address)
        self._failures.pop(f"{email}|{address}", None)
        if (held := self._failures.get(address)) is not None:
            self._failures[address] = (max(0, held[0] - 1), held[1])

    def _wait(self, key: str, free: int) -> float:
        over = self._count(key) - free
        if over < 0:
            return 0.0
        return min(MAX_WAIT_S, 2.0 ** min(over, 16)) - (uptime() - self._failures[key][1])

    def _count(self, key: str) -> int:
        count, at = self._failures.get(key, (0, 0.0))
        return 0 if uptime() - at > FORGET_S else count


def network_of(address: str) -> str:
    """Return what counts as one address: of IPv6 the first 64 bits, since each customer has all the rest."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(ip, IPv6Address):
        return address
    return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
