"""What the conformance suite talks to: the fixture alone, and one process that has all the rest."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.product import free_port, wait_for_port
from tests.support.source import ROOT

SHIM = Path(__file__).with_name("shim.py")
_PATHS = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


@dataclass(frozen=True, slots=True)
class House:
    """omni2 with the fixture behind it, once of each era: its URLs by revision, which need no token; and the
    command that is a client, which takes one more URL."""

    urls: dict[str, str]
    client: str


@contextmanager
def serving_fixture() -> Iterator[str]:
    """Serve the fixture; yields its URL."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "tests.conformance.fixture", str(port)]
    process = subprocess.Popen(command, env=_PATHS, cwd=ROOT)
    try:
        wait_for_port(port, process)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.terminate()
        process.wait(10)


@contextmanager
def serving_house(place: Path) -> Iterator[House]:
    """Serve everything else; its log is in `place`."""
    place.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, (place / "house.log").open("w") as log:
        socket = Path(folder) / "desk"  # the path of a socket has to be short
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.conformance.desk", str(socket), str(place / "house")],
            env=_PATHS,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
        )
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            assert said, (place / "house.log").read_text()
            yield House(json.loads(said), f"{sys.executable} -I -S {SHIM} {socket}")
        finally:
            process.terminate()
            process.communicate(timeout=20)


def omni2(data: Path, *words: str, given: str = "") -> str:
    """Run one command of omni2; return what it printed."""
    command = [sys.executable, "-m", "omni2", *words, "--data", str(data)]
    done = subprocess.run(
        command, env=_PATHS, cwd=ROOT, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
