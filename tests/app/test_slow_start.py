"""A start that takes longer than a lease lasts harms nobody who comes first."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from omni2.app import process
from omni2.app.process import open_process
from omni2.kernel import lease
from tests.support.app import settings_for
from tests.support.services import Postgres


@pytest.fixture
def postgres_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


async def test_who_comes_first_behind_a_slow_start_meets_a_replica_with_a_lease(
    postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = process.prepare_catalog

    async def slowly(*given: Any) -> None:
        await asyncio.sleep(1.2)
        await prepare(*given)

    monkeypatch.setattr(lease, "LEASE_S", 1.0)
    monkeypatch.setattr(process, "RENEW_S", 60.0)
    monkeypatch.setattr(process, "prepare_catalog", slowly)
    settings = settings_for(postgres_url, tmp_path / "data", 1)
    async with open_process(settings) as opened:
        assert opened.lease.valid
