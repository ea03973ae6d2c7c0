"""Servers to be killed, of which each starts at once: forked from a process that has loaded everything."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.support.product import free_port
from tests.support.source import ROOT


class Nursery:
    """A running `tests.support.app_child`; it has one server at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            (sys.executable, "-m", "tests.support.app_child"),
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @asynccontextmanager
    async def child(self, url: str, data: Path) -> AsyncIterator[str]:
        """Start the server as a process of its own; kill it at the end. Yields its origin."""
        port = free_port()
        pid = await asyncio.to_thread(self._bear, f"{url} {data} {port}")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            os.kill(pid, signal.SIGKILL)
            assert await asyncio.to_thread(self._heard) == f"ended {pid}"

    def close(self) -> None:
        """End the process that the servers came from."""
        self._process.communicate(timeout=20)

    def _bear(self, words: str) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{words}\n")
        self._process.stdin.flush()
        said = sorted((self._heard(), self._heard()))
        assert [line.split()[0] for line in said] == ["born", "ready"], said
        return int(said[0].split()[1])

    def _heard(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()
