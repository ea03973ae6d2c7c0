"""What the product keeps on disk is nobody else's to read."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
import structlog

from omni2.app.server import require_writable
from tests.support.app import serving_app


@pytest.fixture
def permissive() -> object:
    """A person whose files anybody may read and write."""
    before = os.umask(0)
    yield
    os.umask(before)


def modes(data: Path) -> dict[str, str]:
    return {path.name: oct(path.stat().st_mode & 0o777) for path in (data, *data.iterdir())}


def database_in(data: Path) -> str:
    return f"sqlite+aiosqlite:///{data / 'omni2.db'}"


@pytest.mark.usefixtures("permissive")
async def test_the_data_directory_and_what_is_secret_in_it_are_the_owners_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    require_writable(data)
    with structlog.testing.capture_logs() as logs:
        async with serving_app(database_in(data), data):
            found = modes(data)
    assert found["data"] == "0o700"
    for name in ("omni2.db", "omni2.db-wal", "omni2.db-shm", "secret.key"):
        assert found[name] == "0o600", found
    assert "data_open_to_others" not in [entry["event"] for entry in logs]


@pytest.mark.usefixtures("permissive")
async def test_a_directory_that_others_may_enter_is_named_in_one_line_and_served(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    with structlog.testing.capture_logs() as logs:
        async with serving_app(database_in(data), data):
            pass
    warned = [entry for entry in logs if entry["event"] == "data_open_to_others"]
    assert [(entry["mode"], entry["path"], entry["log_level"]) for entry in warned] == [
        ("755", str(data), "warning")
    ]


async def test_a_process_that_comes_and_goes_takes_nothing_from_the_one_that_serves(tmp_path: Path) -> None:
    data = tmp_path / "data"
    script = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('SELECT 1 FROM users').fetchall()"
    async with serving_app(database_in(data), data) as served:
        await served.person("Ann")
        log = data / "omni2.db-wal"
        before = log.stat().st_ino
        other = await asyncio.create_subprocess_exec(sys.executable, "-c", script, str(data / "omni2.db"))
        assert await other.wait() == 0
        assert log.exists()
        assert log.stat().st_ino == before
