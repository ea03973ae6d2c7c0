"""What the catalogue gets at every start: the demo, if wanted, and what the environment offers."""

from sqlalchemy import select, text

from omni2.catalog.models import Model, ModelProvider, Server
from omni2.hub.demo import install_demo
from omni2.hub.environment import adopt_environment
from omni2.kernel.db import Database, Work
from omni2.kernel.settings import Settings

_LOCK = 0x6F6D_6E69_02


async def prepare_catalog(database: Database, settings: Settings) -> None:
    """Bring the catalogue up to date, once for all replicas that start at the same time."""
    async with database.work() as work:
        await _lock(work)
        if settings.demo:
            await install_demo(work, settings)
        await adopt_environment(work)


async def _lock(work: Work) -> None:
    """Let replicas pass one by one, and hold every row that may change before any epoch is counted."""
    if work.session.get_bind().dialect.name == "postgresql":
        await work.session.execute(text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=_LOCK))
    for table, key in (
        (Server, Server.server_id),
        (ModelProvider, ModelProvider.provider_id),
        (Model, Model.model_id),
    ):
        await work.session.execute(select(table).order_by(key).with_for_update())
