"""`omni2 serve`: one process, one URL, and a one-time setup link while there is no administrator."""

import asyncio
import socket
from pathlib import Path
from typing import Annotated

import typer

from omni2.app.edge import Edge
from omni2.app.main import create_api
from omni2.app.mcp_mount import McpMount
from omni2.app.server import listen, require_writable, say, serve
from omni2.app.version import VERSION
from omni2.app.workers import Once, run_workers
from omni2.cli.output import refusing
from omni2.identity.links import first_admin_link
from omni2.kernel.address import leave_origin
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.log import configure
from omni2.kernel.settings import Settings

Data = Annotated[Path, typer.Option(envvar="OMNI2_DATA", help="Directory of the database, keys and logs.")]


@refusing
def serve_command(
    host: Annotated[str | None, typer.Option(help="Address to listen on; 127.0.0.1 by default.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 8400 by default.")] = None,
    data: Data = Path("data"),
    workers: Annotated[int, typer.Option(help="Processes; more than 1 needs PostgreSQL and a bus.")] = 1,
    *,
    demo: Annotated[bool, typer.Option(help="Create the demo servers and the demo model.")] = True,
) -> None:
    """Serve the web app, the API and the sockets."""
    settings = _settings(host, port, data, demo=demo)
    _require_sensible(settings, workers)
    configure(settings.log_level, as_json=settings.log_json)
    require_writable(settings.data)
    listener = listen(settings.host, settings.port)
    once = Once()
    if workers > 1:
        run_workers(workers, listener, lambda shared: _serve(settings, shared, once))
    else:
        _serve(settings, listener, once)


def _serve(settings: Settings, listener: socket.socket, once: Once) -> None:
    api = create_api(settings)
    tasks: set[asyncio.Task[None]] = set()

    def announce() -> None:
        if not once.take():
            return
        leave_origin(settings.data, settings.origin)
        tasks.add(asyncio.get_running_loop().create_task(_announce(settings, api.state.database)))

    serve(Edge(McpMount(api), settings), listener, announce)


async def _announce(settings: Settings, database: Database) -> None:
    say(f"\n  omni2 {VERSION} serves {settings.origin}\n")
    link = await first_admin_link(database)
    if link is not None:
        say("  No administrator exists yet. This link works once, for 24 hours:\n")
        say(f"  {link.url(settings.origin)}\n")
    if not settings.listens_on_loopback and not settings.origin.startswith("https://"):
        say("  Other machines reach this without TLS. Put a TLS proxy in front and set OMNI2_PUBLIC_URL.\n")


def _settings(host: str | None, port: int | None, data: Path, *, demo: bool) -> Settings:
    given = Settings()
    changed = {
        "host": host or given.host,
        "port": given.port if port is None else port,
        "data": data,
        "demo": demo and given.demo,
    }
    return given.model_copy(update=changed)


def _require_sensible(settings: Settings, workers: int) -> None:
    if workers < 1:
        raise Problem("invalid_request", 422, "--workers is at least 1.")
    if workers > 1 and (settings.is_sqlite or settings.bus_url is None):
        raise Problem(
            "workers_need_more",
            409,
            "--workers above 1 needs PostgreSQL (OMNI2_DATABASE_URL) and a bus (OMNI2_BUS_URL).",
        )
