"""The fixture, omni2 with that fixture behind it, and a relay that signs the suite in: each a process."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.product import Product, free_port
from tests.support.source import ROOT

START_S = 60.0
SLUG = "suite"
_PATHS = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


@contextmanager
def serving_fixture() -> Iterator[str]:
    """Serve the fixture; yields its URL."""
    port = free_port()
    with _process("-W", "ignore", "-m", "tests.conformance.fixture", str(port), port=port):
        yield f"http://127.0.0.1:{port}/mcp"


@contextmanager
def serving_gateway(data: Path) -> Iterator[str]:
    """Serve omni2 with the fixture behind it; yields the URL of that one server, which needs no token."""
    with ExitStack() as stack:
        upstream = stack.enter_context(serving_fixture())
        product = Product(data)
        stack.callback(product.stop)
        product.start()
        omni2(data, "admin", "create", "suite@example.com", "--password-stdin", given="suite-Suite-2026!")
        omni2(data, "server", "add", SLUG, "--url", upstream, "--grant", "everyone")
        token = omni2(data, "token", "create", "--user", "suite@example.com", "--scopes", "mcp").strip()
        port = free_port()
        words = ("-m", "tests.conformance.relay", str(port), str(product.port), token)
        stack.enter_context(_process(*words, port=port))
        yield f"http://127.0.0.1:{port}/mcp/{SLUG}"


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
        _wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        assert process.poll() is None, "a program of the suite ended at its start"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("a program of the suite does not listen")
