"""The fixture, omni2 with that fixture behind it, and a relay that signs the suite in: each a process."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from tests.support.product import Product, free_port, wait_for_port
from tests.support.source import ROOT

SLUGS = {"2025-11-25": "sessions", "2026-07-28": "stateless"}
START_S = 30.0
SHIM = Path(__file__).with_name("shim.py")
_PATHS = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


@contextmanager
def serving_fixture(*words: str) -> Iterator[str]:
    """Serve the fixture; yields its URL."""
    port = free_port()
    with _process("-W", "ignore", "-m", "tests.conformance.fixture", str(port), *words, port=port):
        yield f"http://127.0.0.1:{port}/mcp"


@contextmanager
def serving_gateway(data: Path) -> Iterator[dict[str, str]]:
    """Serve omni2 with two fixtures behind it; yields the URL of each by revision, which need no token."""
    with ExitStack() as stack:
        sessions = stack.enter_context(serving_fixture())
        stateless = stack.enter_context(serving_fixture("modern"))
        product = Product(data)
        stack.callback(product.stop)
        product.start()
        omni2(data, "admin", "create", "suite@example.com", "--password-stdin", given="suite-Suite-2026!")
        for slug, url in zip(SLUGS.values(), (sessions, stateless), strict=True):
            omni2(data, "server", "add", slug, "--url", url, "--grant", "everyone")
        token = omni2(data, "token", "create", "--user", "suite@example.com", "--scopes", "mcp").strip()
        port = free_port()
        words = ("-m", "tests.conformance.relay", str(port), str(product.port), token)
        stack.enter_context(_process(*words, port=port))
        for slug in SLUGS.values():
            _wait_for_server(f"http://127.0.0.1:{port}/mcp/{slug}")
        yield {revision: f"http://127.0.0.1:{port}/mcp/{slug}" for revision, slug in SLUGS.items()}


@contextmanager
def serving_desk(place: Path) -> Iterator[str]:
    """Serve omni2's side towards servers; yields the command that is a client."""
    with tempfile.TemporaryDirectory() as folder:  # the path of a socket has to be short
        socket = Path(folder) / "desk"
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.conformance.desk", str(socket), str(place / "desk-data")],
            env=_PATHS,
            cwd=ROOT,
        )
        try:
            deadline = time.monotonic() + START_S
            while not socket.exists():
                assert process.poll() is None, "the desk did not start"
                assert time.monotonic() < deadline, "the desk takes too long"
                time.sleep(0.05)
            yield f"{sys.executable} -I -S {SHIM} {socket}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_for_server(url: str) -> None:
    """Wait until omni2 saw that the command line added a server."""
    deadline = time.monotonic() + START_S
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}
    accepted = {"accept": "application/json, text/event-stream"}
    while httpx.post(url, json=message, headers=accepted).status_code != 200:
        assert time.monotonic() < deadline, "omni2 does not offer the server"
        time.sleep(0.1)


def omni2(data: Path, *words: str, given: str = "") -> str:
    """Run one command of omni2; return what it printed."""
    command = [sys.executable, "-m", "omni2", *words, "--data", str(data)]
    done = subprocess.run(
        command, env=_PATHS, cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def _process(*words: str, port: int) -> Iterator[None]:
    """Run a Python program until the end of the block, once it listens."""
    process = subprocess.Popen([sys.executable, *words], env=_PATHS, cwd=ROOT)
    try:
        wait_for_port(port, process)
        yield
    finally:
        process.terminate()
        process.wait(10)
