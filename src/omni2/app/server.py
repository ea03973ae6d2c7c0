"""Serves the application: uvicorn with our limits, and the lines that a person sees at start."""

import gc
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypedDict, cast

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import Server

from omni2.app.http_protocol import DeadlineProtocol
from omni2.app.ws_protocol import AbortableProtocol
from omni2.kernel.errors import Problem
from omni2.kernel.private import make_private

MESSAGE_LIMIT = 2 * 1024 * 1024
GRACE_S = 5
COLLECT_AFTER = 10_000


class Leaving(TypedDict, total=False):
    """What the application tells the server when it has started: `leave` is called when it is to stop."""

    leave: Callable[[], None]


class AnnouncingServer(Server):
    """Calls back once it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then tell."""
        await super().startup(sockets)
        if self.started:
            self._announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End first what waits for nothing but news: it would hold up the end of everything else."""
        leave = cast("Leaving", self.lifespan.state).get("leave")
        if leave is not None:
            leave()
        await super().shutdown(sockets)


def serve(app: ASGIApp, listener: socket.socket, announce: Callable[[], None]) -> None:
    """Serve on `listener` until the process is told to stop."""

    def started() -> None:
        settle_memory()
        announce()

    AnnouncingServer(server_config(app), started).run(sockets=[listener])


def settle_memory() -> None:
    """Take what stands from the start out of garbage collection: its pauses would delay a block.

    A request leaves nothing that only a collection frees, so that few of them are needed.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 10, 10)


def server_config(app: ASGIApp) -> uvicorn.Config:
    """Return how uvicorn serves the application: our limits, our socket protocol."""
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        http=DeadlineProtocol,
        ws=AbortableProtocol,
        ws_max_size=MESSAGE_LIMIT,
        ws_per_message_deflate=False,
        ws_ping_interval=20,
        ws_ping_timeout=20,
        lifespan="on",
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=75,
        h11_max_incomplete_event_size=64 * 1024,
        proxy_headers=False,
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; raise `Problem` that says what is in the way."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Problem(
            "port_busy",
            409,
            f"Cannot listen on {host}:{port} ({error.strerror}). Stop what does, or use --port.",
        ) from error
    listener.listen(2048)
    listener.setblocking(False)  # noqa: FBT003
    return listener


def require_writable(data: Path) -> None:
    """Raise `Problem` when the data directory cannot be written."""
    try:
        make_private(data)
        probe = data / ".writable"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Problem(
            "data_unwritable",
            500,
            f"Cannot write to {data} ({error.strerror}). Use --data with another directory.",
        ) from error


def say(line: str) -> None:
    """Print a line for the person at the terminal."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
