"""Fixtures that every test may use: a migrated database on SQLite and on PostgreSQL, and a bus."""

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling  # pyright: ignore[reportMissingTypeStubs]
from xdist.workermanage import WorkerController  # pyright: ignore[reportMissingTypeStubs]

from omni2.kernel import ids
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.log import configure
from omni2.migrations import upgrade
from tests.support.hangs import HangWatch
from tests.support.place import place_for_files
from tests.support.services import Postgres, Valkey

PLACE = place_for_files()
os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", PLACE)
ENOUGH = 2  # tests that wait at a worker
TOGETHER = ("tests/conformance", "tests/e2e", "tests/guards", "tests/real")

configure("INFO", as_json=False)  # as the product does: plain tracebacks, quick and without local variables

if "OMNI2_CHECKS" not in os.environ:
    collect_ignore = ["checks"]  # the results of linters and type checkers, which only `make test` has


class Grouping(LoadScopeScheduling):
    """Gives each worker test after test, but the folders of `TOGETHER` whole: what they start is dear."""

    def _split_scope(self, nodeid: str) -> str:
        folder = "/".join(nodeid.split("/")[:2])
        return folder if folder in TOGETHER else nodeid

    def remove_node(self, node: WorkerController) -> str | None:
        """Never run a test again that ended its worker: it would end the next one."""
        loads = self.assigned_work[node].values()
        ended_by = super().remove_node(node)
        for load in loads:
            if ended_by in load:
                load[ended_by] = True
        return ended_by

    def schedule(self) -> None:
        """Keep the worker in the place of an ended one busy: with one test alone it waits for ever."""
        super().schedule()
        for node in self.nodes:
            while not node.shutting_down and self._pending_of(self.assigned_work[node]) <= ENOUGH:
                self._reschedule(node)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Take what is loaded out of garbage collection, as the product does: walking it takes 0.2 s.

    From then on all is looked through between tests alone: in the middle of one it is a pause for which a
    starved server loses its lease.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 100_000)


_ended = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let go of the streams that the protocol's package leaves open where a test cuts off a server of it."""
    for item in items:
        if item.get_closest_marker("cuts") is not None:
            item.add_marker(pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"))


@pytest.fixture(autouse=True)
def collected(request: pytest.FixtureRequest) -> Iterator[None]:
    """Collect what closed servers left: behind every tenth test, and behind one that cuts off a server."""
    cuts: object = request.node.get_closest_marker("cuts")
    yield
    if cuts is not None or next(_ended) % 10 == 0:
        gc.collect()


def pytest_configure(config: pytest.Config) -> None:
    """Watch for tests that do not end."""
    config.pluginmanager.register(HangWatch())


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Grouping:
    """Say which worker runs what."""
    return Grouping(config, log)


@pytest.fixture(autouse=True)
def keys_of_today() -> None:
    """Forget the keys of a test that travelled ahead in time: keys never go back by themselves."""
    keys = cast("dict[str, int]", vars(vars(ids)["_keys"]))
    if keys["_last"] > ids.key_at(ids.now()) + (1 << 32):
        keys["_last"] = 0


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start PostgreSQL, once."""
    server = Postgres(PLACE)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """Start Valkey, once."""
    server = Valkey()
    yield server
    server.stop()


@pytest.fixture
def bus_url(valkey: Valkey) -> str:
    """The URL of a real bus."""
    return valkey.url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file to copy."""
    path = tmp_path_factory.mktemp("template") / "omni2.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres) -> str:
    """The name of a migrated database to copy."""
    name = postgres.create(name="omni2_template")
    asyncio.run(migrate(postgres.url(name)))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, migrated database; a test that asks for it runs on both kinds."""
    if request.param == "sqlite":
        path = tmp_path / "omni2.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite+aiosqlite:///{path}"
        return
    template: str = request.getfixturevalue("postgres_template")
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create(template)
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A migrated database with a bus of its own."""
    database = Database(database_url, MemoryBus())
    yield database
    await database.aclose()


async def migrate(url: str) -> None:
    """Bring an empty database to the newest schema."""
    database = Database(url, MemoryBus())
    await upgrade(database)
    await database.aclose()
