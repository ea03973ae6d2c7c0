"""Seals what a command wrote while no server runs, so that the record verifies behind every command."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from omni2.flows.seal import Notary
from omni2.flows.seal_anchor import FOLDER, AnchorFile
from omni2.flows.seal_keys import load_signer
from omni2.kernel.db import Database
from omni2.kernel.ids import new_id
from omni2.kernel.lane import Lane
from omni2.kernel.lane_postgres import PostgresWriter
from omni2.kernel.lane_sqlite import SqliteWriter
from omni2.kernel.lease import is_served, list_live_replicas
from omni2.kernel.scan import Scan
from omni2.kernel.settings import Settings

_MARK = "SELECT key FROM seal_marks WHERE source = :source AND lag_s = 0"


async def is_running(database: Database) -> bool:
    """Whether a server works with this database."""
    if database.is_sqlite:
        return is_served(database.path)
    async with database.read() as session:
        return bool(await list_live_replicas(session))


@asynccontextmanager
async def sealing(settings: Settings, database: Database) -> AsyncIterator[None]:
    """Seal behind the command what it wrote, unless a server does, or others left something unsealed before.

    What somebody else put in is not vouched for by the next command that happens to run.
    """
    mine = not await is_running(database) and not await has_unsealed(database)
    yield
    if mine and await has_unsealed(database) and not await is_running(database):
        await seal_now(settings, database)


async def has_unsealed(database: Database) -> bool:
    """Whether rows stand behind the marks of the seals."""
    scan = Scan(database)
    try:
        for table, source in (("journal", "journal"), ("flow_records", "records")):
            newer = f"SELECT 1 FROM {table} WHERE key > COALESCE(({_MARK}), -1) LIMIT 1"  # noqa: S608
            if await scan.fetch(newer, {"source": source}):
                return True
        return False
    finally:
        await scan.aclose()


async def seal_now(settings: Settings, database: Database) -> bool:
    """Seal all that stands; return whether there was anything."""
    signer = load_signer(
        settings.data, settings.secret_key.get_secret_value() if settings.secret_key else None
    )
    writer = (
        SqliteWriter(database.path, database.gate, database.synchronous)
        if database.is_sqlite
        else PostgresWriter(database.url)
    )
    lane, scan, name = Lane(writer), Scan(database), new_id()
    await lane.open()
    try:
        notary = Notary(scan, lane, signer, AnchorFile(settings.data / FOLDER, signer), lambda: name)
        return await notary.finish()
    finally:
        await scan.aclose()
        await lane.aclose()
