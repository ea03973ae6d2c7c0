"""A process that owns one stdio server and waits to be killed. Runs by path; prints the pids of the tree."""

import asyncio
import sys

from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import ServerTarget, UpstreamCall


async def main(raw_server: str) -> None:
    """Start the server and a grandchild of it, say so, and sleep."""
    target = ServerTarget(
        server_id="s",
        slug="s",
        title="S",
        transport="stdio",
        url=None,
        command=(sys.executable, raw_server),
        env=(("RAW_STUBBORN", "1"),),
        headers=(),
        timeout_ms=20_000,
        concurrency=2,
        version=1,
        allow_private=True,
        builtin=True,
    )
    pool = SessionPool(stdio_commands=frozenset())
    outcome = await pool.request(target, UpstreamCall("tools/call", {"name": "spawn", "arguments": {}}))
    sys.stdout.write(outcome.text + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
