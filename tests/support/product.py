"""The product as a person starts it: a process of its own, its setup link, its log."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, Queue
from typing import TextIO

from tests.support.brood import Brood, Child
from tests.support.source import ROOT

START_S = 60


class Product:
    """A running `omni2 serve`. `link` is the setup link, or None when somebody can sign in already.

    With a `brood` it is forked from a process that has loaded the program.
    """

    def __init__(
        self,
        data: Path,
        port: int | None = None,
        environment: Mapping[str, str] | None = None,
        brood: Brood | None = None,
    ) -> None:
        self.data = data
        self.port = port or free_port()
        self._brood = brood
        self.log_path = data.with_suffix(".log")
        self._environment = {**_clean_environment(), **(environment or {})}
        self._process: subprocess.Popen[str] | Child | None = None
        self._log: TextIO | None = None
        self.link: str | None = None

    @property
    def origin(self) -> str:
        """The origin that a browser opens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id while it runs."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What the process wrote to standard error so far."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def start(self, *, first: bool = True) -> "Product":
        """Start and wait until it says where it serves, and on the `first` start how to set it up."""
        self._log = self.log_path.open("a")
        words = ["serve", "--port", str(self.port), "--data", str(self.data)]
        self._process = (
            self._start_from_nothing(words, self._log)
            if self._brood is None
            else (self._brood.start(words, self._environment, self._log.fileno()))
        )
        self._read_until("serves")
        if first:
            self.link = _link_in(self._read_until("/setup#"))
        return self

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Send a signal and wait for the end."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(20)
        if self._process is not None and self._process.stdout is not None:
            self._process.stdout.close()
        if self._log is not None:
            self._log.close()

    def _start_from_nothing(self, words: list[str], log: TextIO) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "omni2", *words],
            cwd=ROOT,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )

    def _read_until(self, word: str) -> str:
        process = self._process
        assert process is not None
        lines: Queue[str] = Queue()
        thread = threading.Thread(target=_pump, args=(process, lines, word), daemon=True)
        thread.start()
        said = ""
        while word not in said:
            try:
                line = lines.get(timeout=START_S)
            except Empty as error:
                raise AssertionError(f"the product did not say {word!r}: {said}\n{self.log}") from error
            if not line:
                raise AssertionError(f"the product ended: {said}\n{self.log}")
            said += line
        return said


def free_port() -> int:
    """Return a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Wait until a program listens. Raises `AssertionError` when it ends first, or takes too long."""
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "the program ended at its start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the program does not listen")


def find_chromium() -> str:
    """Return the browser's program; fail with the command that installs it."""
    configured = os.environ.get("OMNI2_CHROMIUM")
    found = configured or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    assert found is not None, "Chromium is missing. Run: apt-get update && apt-get install -y chromium"
    return found


def _clean_environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OMNI2_", "OPENAI", "ANTHROPIC"))
    }
    return {**kept, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": "1"}


def _pump(process: subprocess.Popen[str] | Child, lines: "Queue[str]", word: str) -> None:
    assert process.stdout is not None
    for line in iter(process.stdout.readline, ""):
        lines.put(line)
        if word in line:
            return
    lines.put("")


def _link_in(said: str) -> str:
    found = re.search(r"http\S+/setup#\S+", said)
    assert found is not None
    return found.group(0)
