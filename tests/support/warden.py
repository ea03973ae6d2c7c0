"""Runs a program; ends it and removes its directory when the pipe from the test process closes.

`python warden.py DIRECTORY USER COMMAND...`; USER may be empty. Standard library only.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys

GRACE_S = 5.0


def main(directory: str, user: str, command: list[str]) -> None:
    """Start the program, wait for the pipe or the program to end, clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    child = subprocess.Popen(
        command, user=user or None, stdin=subprocess.DEVNULL, stdout=sys.stderr, start_new_session=True
    )
    os.write(1, f"{child.pid}\n".encode())
    sys.stdin.read()
    child.send_signal(signal.SIGINT if "postgres" in command[0] else signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
