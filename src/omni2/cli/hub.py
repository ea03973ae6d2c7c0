"""The hub for one command: it can ask servers and models, and watches nothing."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import select

from omni2.catalog.book import CatalogBook
from omni2.catalog.models import Model, Server
from omni2.cli.context import Office
from omni2.hub.hub import Hub
from omni2.hub.policy import stdio_commands
from omni2.hub.sign_ins import SignIns
from omni2.kernel.errors import Problem
from omni2.kernel.tasks import Supervisor
from omni2.upstream.models import Models
from omni2.upstream.pool import SessionPool
from omni2.upstream.signed_pool import SignedPool


@asynccontextmanager
async def open_hub(office: Office) -> AsyncIterator[Hub]:
    """Open the hub of an installation and close every session that the command opened."""
    settings = office.settings
    sign_ins = SignIns(office.database, office.mirror, office.sealer, office.origin)
    pool = SignedPool(SessionPool(stdio_commands=stdio_commands(settings)), sign_ins)
    supervisor = Supervisor()
    catalog = CatalogBook(office.database, office.mirror)
    try:
        yield Hub(
            office.database,
            catalog,
            office.mirror,
            pool,
            Models(),
            office.sealer,
            settings,
            supervisor,
            office.database.bus,
        )
    finally:
        await supervisor.aclose()
        await sign_ins.aclose()
        await pool.aclose()


async def find_server_id(office: Office, name: str) -> str:
    """Return the id of the server with this short name."""
    async with office.database.read() as session:
        server_id = await session.scalar(select(Server.server_id).where(Server.slug == name))
    if server_id is None:
        raise Problem("not_found", 404, f"No server is called {name}. `omni2 server list` names them.")
    return server_id


async def find_model_id(office: Office, name: str) -> str:
    """Return the id of the model with this name or title."""
    async with office.database.read() as session:
        found = await session.scalars(
            select(Model.model_id).where((Model.name == name) | (Model.title == name))
        )
        model_ids = found.all()
    if len(model_ids) != 1:
        raise Problem("not_found", 404, f"{len(model_ids)} models are called {name}. See `omni2 model list`.")
    return model_ids[0]
