"""Stands between omni2 and one stdio server: however omni2 ends, the server's whole tree ends with it.

Run by path with the standard library alone: `python -I -S warden.py FD COMMAND ARG...`. FD is the reading
end of a pipe that omni2 holds open; its end of file, which even SIGKILL of omni2 causes, is the signal.
"""

import ctypes
import os
import select
import signal
import sys
import time
from contextlib import suppress

GRACE_S = 0.5

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def run(lifeline: int, command: list[str]) -> int:
    """Start `command`, wait for its end or for ours, leave no process behind, and return an exit code."""
    os.set_inheritable(lifeline, False)  # noqa: FBT003
    _prctl(_PR_SET_CHILD_SUBREAPER, 1)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.signal(signal.SIGCHLD, _nothing)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    warden = os.getpid()
    server = os.fork()
    if server == 0:
        _become(command, warden)
    _let_go_of_pipes()
    code: int | None = None
    while code is None:
        ready, _, _ = select.select([lifeline, wake_read], [], [])
        if wake_read in ready:
            os.read(wake_read, 512)
        code = _reaped(server)
        if lifeline in ready:
            break
    _end_tree(server)
    return code if code is not None else 0


def _become(command: list[str], warden: int) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.setpgid(0, 0)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != warden:
        os._exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(127)


def _let_go_of_pipes() -> None:
    """The server alone holds its pipes, so that omni2 sees their end when it ends."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)


def _reaped(server: int) -> int | None:
    """Collect every dead child; return the exit code of the server if it is among them."""
    code: int | None = None
    with suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                break
            if pid == server:
                code = os.waitstatus_to_exitcode(status)
    return code


def _end_tree(server: int) -> None:
    """Ask the server's group to end, then kill it and whoever left the group."""
    _signal_group(server, signal.SIGTERM)
    end = time.monotonic() + GRACE_S
    while _group_alive(server) and time.monotonic() < end:
        time.sleep(0.01)
        _reaped(server)
    _signal_group(server, signal.SIGKILL)
    end = time.monotonic() + GRACE_S
    while (children := _children()) and time.monotonic() < end:
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        time.sleep(0.01)
        _reaped(server)


def _signal_group(server: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(server, number)


def _group_alive(server: int) -> bool:
    try:
        os.killpg(server, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _children() -> list[int]:
    """The living children of this process, orphans of the server included (Linux; elsewhere none)."""
    try:
        with open(f"/proc/self/task/{os.getpid()}/children", encoding="ascii") as listing:
            return [int(pid) for pid in listing.read().split()]
    except OSError:
        return []


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def _nothing(number: int, frame: object) -> None:
    """Be a handler at all: without one no wake-up is written."""


if __name__ == "__main__":
    sys.exit(run(int(sys.argv[1]), sys.argv[2:]) & 0xFF)
