"""Runs the server with reload and the UI's dev server together; Ctrl-C, or the end of one, ends both."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GRACE_S = 5.0
COMMANDS: tuple[tuple[Path, tuple[str, ...]], ...] = (
    (
        ROOT,
        (
            *(sys.executable, "-m", "uvicorn", "omni2.app.main:create_app", "--factory", "--reload"),
            *("--reload-dir", "src", "--host", "127.0.0.1", "--port", "8400", "--ws", "websockets-sansio"),
        ),
    ),
    (ROOT / "web", (shutil.which("npm") or "npm", "run", "dev")),
)


def main() -> int:
    """Start both, wait for the first end, stop the rest; return the first one's exit code."""
    print("UI with live reload: http://127.0.0.1:5173 (its server: http://127.0.0.1:8400)", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    children = [subprocess.Popen(words, cwd=where, start_new_session=True) for where, words in COMMANDS]
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        return next((child.returncode for child in children if child.poll() is not None), 1)
    except KeyboardInterrupt:
        return 0
    finally:
        for child in children:
            stop(child)


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a program and everything that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(child.pid, number)
            child.wait(GRACE_S)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    child.wait()


if __name__ == "__main__":
    sys.exit(main())
