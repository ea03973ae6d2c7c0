"""The demo servers as real processes, started once a module, and conversations with the demo model."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.demo.talk import Talk, open_talk


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def demo_servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Talk]:
    """The running servers."""
    opened = await open_talk(str(tmp_path_factory.mktemp("demo")))
    yield opened
    await opened.close()


@pytest.fixture
def talk(demo_servers: Talk) -> Talk:
    """A new conversation in which the model's wishes are really carried out."""
    servers = demo_servers
    return Talk(servers.pool, servers.servers, servers.catalogues, servers.tools)
