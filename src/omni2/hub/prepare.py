"""What the catalogue gets at every start: the demo, if wanted, and what the environment offers."""

from omni2.hub.demo import install_demo
from omni2.hub.environment import adopt_environment
from omni2.identity.epochs import bump
from omni2.kernel.db import Database
from omni2.kernel.settings import Settings


async def prepare_catalog(database: Database, settings: Settings) -> None:
    """Bring the catalogue up to date, once for all replicas that start at the same time."""
    async with database.work() as work:
        await bump(work, "catalog")  # also takes the lock that lets replicas pass one by one
        if settings.demo:
            await install_demo(work, settings)
        await adopt_environment(work)
