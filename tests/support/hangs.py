"""Says what hangs before the run is ended for it: the test, and where each of its tasks waits."""

import asyncio
import gc
import os
import sys
import threading
import time
from collections.abc import Generator
from types import FrameType
from typing import cast

import pytest

PATIENCE_S = 150.0  # less than `faulthandler_timeout`, which ends the worker
LOOK_S = 5.0
MAX_TASKS = 60
MAX_PLACES = 40
FRAMES = ("cr_frame", "gi_frame", "ag_frame")
AWAITS = ("cr_await", "gi_yieldfrom", "ag_await")


class HangWatch:
    """A plugin that writes one report about a test, its fixtures included, which takes too long."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._running: tuple[str, float] | None = None
        self._stderr = os.dup(sys.__stderr__.fileno() if sys.__stderr__ else 2)
        threading.Thread(target=self._watch, name="hang-watch", daemon=True).start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        """Note which test runs."""
        self._running = item.nodeid, time.monotonic()
        try:
            return (yield)
        finally:
            self._running = None

    def _watch(self) -> None:
        told: tuple[str, float] | None = None
        while True:
            time.sleep(min(LOOK_S, self._patience_s / 4))
            running = self._running
            if running is None or running is told or time.monotonic() - running[1] < self._patience_s:
                continue
            told = running
            os.write(self._stderr, report(running[0]).encode(errors="replace"))


def report(nodeid: str) -> str:
    """Return what a person needs to find out why a test does not end."""
    lines = [f"\n{nodeid} does not end. Its tasks wait at:\n"]
    found = cast("list[object]", gc.get_objects())
    tasks = [cast("asyncio.Task[object]", task) for task in found if isinstance(task, asyncio.Task)]
    for task in [task for task in tasks if not task.done()][:MAX_TASKS]:
        lines.append(f"- {task.get_name()}: {getattr(task.get_coro(), '__qualname__', '?')}\n")
        lines += [f"    {line}" for line in _stack(task)]
    return "".join(lines)


def _stack(task: "asyncio.Task[object]") -> list[str]:
    """Return the places of a task, outermost first, through everything that it awaits."""
    waiting: object = task.get_coro()
    places: list[str] = []
    while waiting is not None and len(places) < MAX_PLACES:
        frame = _frame(waiting)
        if frame is not None:
            places.append(f"{frame.f_code.co_filename}:{frame.f_lineno} {frame.f_code.co_qualname}\n")
        waiting = _awaited(waiting)
    return places


def _frame(waiting: object) -> FrameType | None:
    return next((found for name in FRAMES if (found := getattr(waiting, name, None)) is not None), None)


def _awaited(waiting: object) -> object:
    """Return what a coroutine or generator waits for; a step of an async generator only refers to it."""
    if any(hasattr(waiting, name) for name in FRAMES):
        return next((found for name in AWAITS if (found := getattr(waiting, name, None)) is not None), None)
    return next((found for found in gc.get_referents(waiting) if _frame(found) is not None), None)
