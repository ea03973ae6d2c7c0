"""The real servers and clients that `make setup` installs, as they are started."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.product import free_port, wait_for_port
from tests.support.source import ROOT

CLIENTS = ROOT / "tools" / "clients"
BIN = Path(sys.executable).parent
OLDER = ROOT / ".cache" / "older" / "bin"
LIMIT_S = 60.0


class Missing(Exception):
    """A program is not installed; the words say what to do."""


def package(path: str) -> str:
    """Return the file of a Node package. Raises `Missing`."""
    return _there(CLIENTS / "node_modules" / path)


def ours(name: str) -> str:
    """Return a server that shares our environment. Raises `Missing`."""
    return _there(BIN / name)


def older(name: str) -> str:
    """Return a server of the environment with the SDK before 2. Raises `Missing`."""
    return _there(OLDER / name)


def everything(*words: str) -> list[str]:
    """Return the command of the server that has everything."""
    return ["node", package("@modelcontextprotocol/server-everything/dist/index.js"), *words]


def newest(*words: str) -> list[str]:
    """Return the command of our server on the newest SDK. Raises `Missing`."""
    package("@modelcontextprotocol/server/package.json")
    return ["node", str(CLIENTS / "newest.js"), *words]


def old(*words: str) -> list[str]:
    """Return the command of our server on the Python SDK before 2. Raises `Missing`."""
    return [older("python"), str(CLIENTS / "older_server.py"), *words]


@contextmanager
def serving(command: Callable[[int], Sequence[str]], log: Path) -> Iterator[int]:
    """Serve over HTTP what is told its port by an argument or by `PORT`; yields the port."""
    port = free_port()
    with log.open("wb") as sink:
        process = subprocess.Popen(
            command(port), env={**os.environ, "PORT": str(port)}, stdout=sink, stderr=sink
        )
        try:
            wait_for_port(port, process)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def run(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a client in its folder; return what it printed. Raises `AssertionError` with it when it fails."""
    try:
        done = subprocess.run(
            words,
            cwd=CLIENTS,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
    except subprocess.TimeoutExpired as late:
        raise AssertionError(f"{words[1]} does not end: {late.stdout!r} {late.stderr!r}") from late
    assert done.returncode == 0, f"{words[1]}: {done.stdout}\n{done.stderr}"
    return done.stdout


def eventually(found: "Iterator[bool]", what: str, seconds: float = 15.0) -> None:
    """Look again until it is so. Raises `AssertionError` after a while."""
    deadline = time.monotonic() + seconds
    while not next(found):
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def _there(path: Path) -> str:
    if not path.exists():
        raise Missing(f"{path.name} is not installed. Run: make setup")
    return str(path)
