"""Servers to be killed: the whole product with a talkative model, on a port and a database that are given.

For each line `URL DATA PORT` that `python -m tests.support.app_child` reads it starts one, as a process of
its own, that says `ready` on standard output once it listens. `born PID` and `ended PID` tell of it.
"""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from omni2.app.main import create_app
from omni2.app.server import listen, serve
from omni2.kernel.log import configure
from omni2.upstream.ports import (
    ModelDone,
    ModelEvent,
    ModelRequest,
    ModelTarget,
    ModelUsage,
    TextDelta,
    ToolMessage,
    ToolWish,
)
from tests.support.app import settings_for

USAGE = ModelUsage(10, 5, 0, 0, 0, estimated=False)
PIECES = 12


class Talker:
    """A model that says a few words, calls a tool, and says more."""

    async def stream(self, target: ModelTarget, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        """Answer in pieces, letting others run between them."""
        del target
        for number in range(PIECES):
            yield TextDelta(f"{number} ")
            await asyncio.sleep(0)
        if isinstance(request.messages[-1], ToolMessage):
            yield ModelDone("stop", USAGE, None)
            return
        said = request.messages[-1].text
        yield ToolWish(f"call {said}", "shop__echo", {"text": said})
        yield ModelDone("tool_calls", USAGE, None)


def main() -> None:
    """Start what is asked for, one after the other."""
    import_module("omni2.upstream.pool")  # which a server loads aside
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            serve_one(*line.split())
        os.write(1, b"born %d\n" % pid)
        os.waitpid(pid, 0)
        os.write(1, b"ended %d\n" % pid)


def serve_one(url: str, data: str, port: str) -> NoReturn:
    """Serve until killed."""
    configure("WARNING", as_json=False)
    settings = settings_for(url, Path(data), int(port))
    serve(create_app(settings, Talker()), listen("127.0.0.1", int(port)), announce)
    os._exit(1)


def announce() -> None:
    """Say that the server listens."""
    os.write(1, b"ready\n")


if __name__ == "__main__":
    main()
