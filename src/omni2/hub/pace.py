"""How fast a server may change what it lists: what changes all the time is looked at and told less often."""

from collections import deque
from dataclasses import dataclass, field

from omni2.catalog.pinning import Pinned
from omni2.kernel.ids import uptime

RUSH = 20
WITHIN_S = 3_600.0
REST_S = 60.0
TOLD_EVERY_S = 1_800.0
NAMED = 100  # a server may change thousands of tools as often as it is asked


@dataclass(slots=True)
class Pace:
    """The latest changes of one server, and which of them were not told yet.

    `RUSH` changes within `WITHIN_S` make it restless: then it is looked at once in `REST_S`, whatever it
    says, and its changes are told together, once in `TOLD_EVERY_S`.
    """

    untold: Pinned = field(default_factory=Pinned)
    count: int = 0
    _changes: deque[float] = field(default_factory=lambda: deque[float](maxlen=RUSH))
    _told_at: float = float("-inf")

    def note_change(self) -> None:
        """The server lists something else than at the look before."""
        self._changes.append(uptime())

    @property
    def is_restless(self) -> bool:
        """Whether it changes all the time."""
        return len(self._changes) == RUSH and uptime() - self._changes[0] < WITHIN_S

    @property
    def remark(self) -> str | None:
        """What people are told of a restless server."""
        if not self.is_restless:
            return None
        return (
            f"It changes what it lists all the time, {RUSH} times or more within the last hour. It is looked "
            "at once a minute, and its changes stand in the journal every half hour."
        )

    def take(self, pinned: Pinned) -> tuple[Pinned, int] | None:
        """Return what to tell now, and how many changes it comes of; None for nothing, or not yet."""
        if pinned.moved:
            self.count += 1
            for names, new in zip(_lists(self.untold), _lists(pinned), strict=True):
                names.extend([name for name in new[:NAMED] if name not in names][: NAMED - len(names)])
        if self.count == 0 or (self.is_restless and uptime() - self._told_at < TOLD_EVERY_S):
            return None
        told = self.untold, self.count
        self.untold, self.count, self._told_at = Pinned(), 0, uptime()
        return told


def _lists(pinned: Pinned) -> tuple[list[str], ...]:
    return pinned.added, pinned.held, pinned.restored, pinned.gone
