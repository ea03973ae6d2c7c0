"""Runs the server, anew after each change, and the UI's dev server together; Ctrl-C ends both.

`make dev`, or `make dev ARGS="--port 8500"` for other options of `omni2 serve`.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "omni2"
LOOK_S = 0.5
GRACE_S = 8.0


def main(options: list[str]) -> int:
    """Run both until Ctrl-C, or until the UI's dev server ends; return the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    port = options[options.index("--port") + 1] if "--port" in options else "8400"
    print(f"The UI with live reload is at http://127.0.0.1:5173, its server at port {port}.", flush=True)
    serve = [sys.executable, "-m", "omni2", "serve", *options]
    web = start([shutil.which("npm") or "npm", "run", "dev"], ROOT / "web", port)
    server = start(serve, ROOT, port)
    seen = newest()
    try:
        while web.poll() is None:
            time.sleep(LOOK_S)
            if newest() > seen:
                seen = newest()
                print("A source changed; the server starts anew ...", flush=True)
                stop(server)
                server = start(serve, ROOT, port)
    except KeyboardInterrupt:
        return 0
    finally:
        stop(server)
        stop(web)
    return web.returncode


def start(words: list[str], folder: Path, port: str) -> "subprocess.Popen[bytes]":
    """Start a program in a process group of its own."""
    environment = {**os.environ, "OMNI2_BACKEND": f"http://127.0.0.1:{port}"}
    return subprocess.Popen(words, cwd=folder, env=environment, start_new_session=True)


def stop(child: "subprocess.Popen[bytes]") -> None:
    """End a program, then whatever it left behind."""
    child.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(GRACE_S)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def newest() -> float:
    """Return when the newest Python source was written."""
    return max(path.stat().st_mtime for path in SOURCES.rglob("*.py"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
