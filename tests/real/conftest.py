"""One running omni2 with real servers behind it, for all tests of real programs."""

from collections.abc import Iterator

import pytest

from tests.real.world import World, open_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The world, opened once."""
    with open_world(tmp_path_factory.mktemp("real")) as opened:
        yield opened
