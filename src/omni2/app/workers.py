"""Several processes behind one listening socket: forked before anything runs, restarted when one dies."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from types import FrameType

PAUSE_S = 1.0


class Once:
    """Gives its turn away one single time, whichever of the processes forked from here asks first."""

    def __init__(self) -> None:
        self._turn, written = os.pipe()
        os.write(written, b"1")
        os.close(written)

    def take(self) -> bool:
        """Whether the turn is the caller's."""
        return os.read(self._turn, 1) != b""


def run_workers(count: int, listener: socket.socket, work: Callable[[socket.socket], None]) -> None:
    """Run `work` in `count` processes until this one is told to stop; then stop them all."""
    children = {_fork(listener, work) for _ in range(count)}
    stopping = False

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal stopping
        del number, frame
        stopping = True
        for child in children:
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while children:
        child, _ = os.wait()
        children.discard(child)
        if not stopping:
            time.sleep(PAUSE_S)
            children.add(_fork(listener, work))


def _fork(listener: socket.socket, work: Callable[[socket.socket], None]) -> int:
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        work(listener)
        sys.exit(0)
    return child
