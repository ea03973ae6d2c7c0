"""Starts `omni2` by forking a process that has loaded it: a start from nothing takes three seconds of a core.

`python -m tests.support.brood FD` is that process; it ends when the other end of the socket is closed.
"""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NoReturn

from tests.support.source import ROOT

LOADED = ("omni2.cli.main", "omni2.cli.serve", "omni2.upstream.pool", "omni2.migrations.runner")
LIMIT_BYTES = 1 << 20


class Child:
    """A forked `omni2`; `stdout` is what it prints. Nobody learns its exit code."""

    def __init__(self, pid: int, stdout: int) -> None:
        self.pid = pid
        self.stdout = os.fdopen(stdout, "r")
        self._ended = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """Return 0 when it has ended."""
        return 0 if self._has_ended(0) else None

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        signal.pidfd_send_signal(self._ended, number)

    def wait(self, timeout: float) -> None:
        """Wait for the end. Raises `TimeoutError`."""
        if not self._has_ended(timeout):
            raise TimeoutError(f"{self.pid} does not end")

    def _has_ended(self, timeout: float) -> bool:
        return bool(select.select([self._ended], [], [], timeout)[0])


class Brood:
    """The process that the others come from."""

    def __init__(self) -> None:
        self._wire, theirs = socket.socketpair()
        words = (sys.executable, "-m", "tests.support.brood", str(theirs.fileno()))
        paths = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONUNBUFFERED": "1"}
        environment = {**os.environ, **paths}
        self._process = subprocess.Popen(words, cwd=ROOT, env=environment, pass_fds=[theirs.fileno()])
        theirs.close()

    def start(self, words: Sequence[str], environment: Mapping[str, str], stderr: int) -> Child:
        """Start `omni2` with these words; what it says to standard error goes to an open file."""
        readable, writable = os.pipe()
        asked = json.dumps({"words": [*words], "environment": dict(environment)}).encode()
        socket.send_fds(self._wire, [asked], [writable, stderr])
        os.close(writable)
        return Child(int(self._wire.recv(64)), readable)

    def close(self) -> None:
        """End it; who came from it goes on."""
        self._wire.close()
        self._process.wait(20)


def main(wire: socket.socket) -> None:
    """Load everything, then fork for whoever asks."""
    for name in LOADED:
        import_module(name)
    signal.signal(signal.SIGCHLD, bury)
    while True:
        asked, files, _, _ = socket.recv_fds(wire, LIMIT_BYTES, 2)
        if not asked:
            return
        pid = os.fork()
        if not pid:
            wire.close()
            become(json.loads(asked), files)
        for file in files:
            os.close(file)
        wire.sendall(str(pid).encode())


def bury(*_: object) -> None:
    """Let those be gone who have ended."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def become(asked: dict[str, Any], files: list[int]) -> NoReturn:
    """Be an `omni2` that was started with these words, variables and files."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for file, place in zip(files, (1, 2), strict=True):
        os.dup2(file, place)
        os.close(file)
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["omni2", *asked["words"]]
    code = 1
    try:
        import_module("omni2.cli.main").main()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        os._exit(code)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
