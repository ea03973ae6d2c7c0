"""The fixture, omni2 with that fixture behind it, and a relay that signs the suite in: each a process."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.support.product import Product, free_port, wait_for_port
from tests.support.source import ROOT

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
        wait_for_port(port, process)
        yield
    finally:
        process.terminate()
        process.wait(10)
