"""What a fresh installation shows itself with: servers and a model for everyone, gone in one click."""

from sqlalchemy import select

from omni2.access.grants import add_grant
from omni2.access.schemas import GrantCreate
from omni2.catalog.models import Model, ModelProvider, Server
from omni2.demo import DEMO_SERVERS, DemoServer
from omni2.hub.health import ITSELF
from omni2.hub.hub import Hub
from omni2.hub.model_rows import (
    choose_default,
    delete_model_row,
    ensure_provider,
    find_provider,
    get_model,
    new_model,
)
from omni2.hub.servers import remove_server
from omni2.identity.epochs import bump
from omni2.kernel.db import Work
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import Actor, write_journal
from omni2.kernel.settings import Settings
from omni2.upstream.demo_model import DEMO_MODEL
from omni2.usage.prices import demo_price

GRANT_NAME = "demo for everyone"
MODEL_TITLE = "Demo model (rules, not an LLM)"


async def install_demo(work: Work, settings: Settings) -> None:
    """Add the demo, once: what was removed stays away. Commands and price are brought up to date."""
    known = await find_provider(work.session, "demo", None) is not None
    provider = await ensure_provider(work, "demo", None)
    for demo in DEMO_SERVERS:
        await _install_server(work, demo, demo.command_in(str(settings.data.absolute())), known=known)
    await _install_model(work, provider, settings.credit_micros, known=known)
    await choose_default(work)


async def remove_demo(hub: Hub, actor: Actor) -> None:
    """Remove the demo servers with their grants, and the demo model if a real one is there."""
    async with hub.database.work() as work:
        query = select(Server).where(Server.demo.is_(True)).order_by(Server.server_id).with_for_update()
        servers = (await work.session.scalars(query)).all()
        for server in servers:
            await remove_server(work, actor, server)
        real = select(Model.model_id).where(Model.demo.is_(False), Model.enabled.is_(True)).limit(1)
        if await work.session.scalar(real) is not None:
            for model_id in (
                await work.session.scalars(select(Model.model_id).where(Model.demo.is_(True)))
            ).all():
                await delete_model_row(work, *await get_model(work.session, model_id))
        write_journal(work, actor, "demo.removed", "Removed the demo.")
        await bump(work, "catalog")
    await hub.settle()
    for server in servers:
        await hub.pool.drop(server.server_id)


async def _install_server(work: Work, demo: DemoServer, command: tuple[str, ...], *, known: bool) -> None:
    row = await work.session.scalar(select(Server).where(Server.slug == demo.slug))
    if row is not None:
        if row.demo and row.command != [*command]:
            row.command, row.version = list(command), row.version + 1
            await bump(work, "catalog")
    elif not known:
        await _add_server(work, demo, command)


async def _add_server(work: Work, demo: DemoServer, command: tuple[str, ...]) -> None:
    row = Server(
        server_id=new_id(),
        slug=demo.slug,
        title=demo.title,
        transport="stdio",
        url=None,
        command=list(command),
        timeout_ms=30_000,
        concurrency=16,
        allow_private=False,
        enabled=True,
        demo=True,
        version=1,
        created_at=now(),
        state="connecting",
        since=now(),
    )
    work.session.add(row)
    await work.session.flush()
    grant = GrantCreate(subject="everyone", server=demo.slug, allow=["*"], name=GRANT_NAME)
    await add_grant(work, ITSELF, grant)
    words = f"Added the demo server {demo.title} ({demo.slug})."
    write_journal(work, ITSELF, "server.created", words, subject_id=row.server_id)
    await bump(work, "catalog")


async def _install_model(work: Work, provider: ModelProvider, credit_micros: int, *, known: bool) -> None:
    price = demo_price(credit_micros).to_json()
    row = await work.session.scalar(select(Model).where(Model.provider_id == provider.provider_id))
    if row is None and not known:
        row = new_model(provider, DEMO_MODEL, MODEL_TITLE, None)
        row.price = price
        work.session.add(row)
        write_journal(work, ITSELF, "model.created", f"Added the {MODEL_TITLE}.", subject_id=row.model_id)
        await bump(work, "catalog")
    elif row is not None and row.price != price:
        row.price = price
        await bump(work, "catalog")
