"""Short ways to name the servers that the tests reach."""

import sys
from dataclasses import replace
from pathlib import Path

from omni2.upstream.ports import ServerTarget

RAW_STDIO = str(Path(__file__).parents[1] / "support" / "mcp_servers" / "raw_stdio.py")

_HTTP = ServerTarget(
    server_id="s1",
    slug="fixture",
    title="Fixture",
    transport="http",
    url=None,
    command=(),
    env=(),
    headers=(),
    timeout_ms=5_000,
    concurrency=16,
    version=1,
    allow_private=True,
    builtin=False,
)


def over_http(url: str, **changes: object) -> ServerTarget:
    """Return the target of a server at `url`."""
    return replace(_HTTP, url=f"{url}/mcp", **changes)  # pyright: ignore[reportArgumentType]


def over_stdio(*command: str, **changes: object) -> ServerTarget:
    """Return the target of a stdio server; without a command, of the raw one."""
    program = command or (sys.executable, RAW_STDIO)
    target = replace(_HTTP, transport="stdio", command=program, builtin=True)
    return replace(target, **changes)  # pyright: ignore[reportArgumentType]
