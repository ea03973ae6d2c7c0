"""Fixtures of the hub: an office that is open, and an MCP server that answers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omni2.identity import epochs
from omni2.kernel.db import Database
from tests.hub.office import Office, opened
from tests.hub.shelf import Shelf
from tests.support.mcp_servers.raw_http import serving


@pytest.fixture(autouse=True)
def no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take model keys of the machine out of the environment."""
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def patient_mirror(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a view of the epochs stay fresh on a machine that is too busy to read it within a second."""
    monkeypatch.setattr(epochs, "STALE_S", 60.0)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    """An office with the settings of a first start."""
    async with opened(database, tmp_path) as office:
        yield office


@pytest.fixture
async def shelf() -> AsyncIterator[tuple[Shelf, str]]:
    """A running MCP server and its URL."""
    app = Shelf()
    async with serving(app) as url:
        yield app, f"{url}/mcp"
