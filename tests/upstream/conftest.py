"""A pool that is closed again."""

from collections.abc import AsyncIterator

import pytest

from omni2.upstream.pool import SessionPool


@pytest.fixture
async def pool() -> AsyncIterator[SessionPool]:
    """A pool that may run nothing but built-in servers."""
    opened = SessionPool(stdio_commands=frozenset())
    yield opened
    await opened.aclose()
