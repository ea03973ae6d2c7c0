"""One timer for all who wait equally long: calls that nearly always end in time cost none of their own."""

import asyncio
from collections import deque
from collections.abc import Callable


class Bell:
    """What is called when the time is over, unless it is off by then."""

    __slots__ = ("call", "due")

    def __init__(self, call: Callable[[], None], due: float) -> None:
        self.call: Callable[[], None] | None = call
        self.due = due

    def off(self) -> None:
        """Let it be silent."""
        self.call = None


class Alarm:
    """Rings bells `after_s` seconds after they were set, in that order."""

    def __init__(self, after_s: float) -> None:
        self._after_s = after_s
        self._bells: deque[Bell] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def ring(self, call: Callable[[], None]) -> Bell:
        """Call `call` when the time is over, in the running loop."""
        loop, bells = asyncio.get_running_loop(), self._bells
        while bells and bells[0].call is None:
            bells.popleft()
        bell = Bell(call, loop.time() + self._after_s)
        bells.append(bell)
        if self._timer is None:
            self._timer = loop.call_at(bells[0].due, self._due)
        return bell

    def _due(self) -> None:
        loop, bells = asyncio.get_running_loop(), self._bells
        while bells and (bells[0].call is None or bells[0].due <= loop.time()):
            bell = bells.popleft()
            if bell.call is not None:
                bell.call()
        self._timer = loop.call_at(bells[0].due, self._due) if bells else None
