"""All that the conformance suite talks to but the fixture alone, in one process, as starting takes long.

`python -m tests.conformance.desk SOCKET DATA` prints where omni2 is asked, by revision, as JSON; and does
what the shims ask for at the socket, until it is ended.
"""

import asyncio
import json
import sys
import traceback
import warnings
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import orjson
import structlog

from tests.conformance import relay
from tests.conformance.client import talk
from tests.conformance.fixture import app
from tests.conformance.signing_in import Counter, open_counter
from tests.support.app import grant
from tests.support.mcp_yard import serving_sdk
from tests.support.product import free_port

SLUGS = {"2025-11-25": "sessions", "2026-07-28": "stateless"}
LIMIT_BYTES = 1 << 20
NOT_OFFERED = ("client-credentials", "dpop", "enterprise-managed-authorization", "wif-jwt-bearer")
AT_ONCE = 4  # the suite starts all of its clients at once, and some scenarios measure times


async def main(place: str, data: Path) -> None:
    """Serve until ended."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with AsyncExitStack() as stack:
        counter = await stack.enter_async_context(open_counter(data))
        for slug in SLUGS.values():
            url = await stack.enter_async_context(serving_sdk(app(), newest=slug == "stateless"))
            await offer(counter, slug, f"{url}/mcp")
        port, target = free_port(), int(counter.served.url.rpartition(":")[2])
        tasks = {asyncio.create_task(relay.serve(port, target, counter.person.token))}

        async def on_task(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task: dict[str, Any] = orjson.loads(await reader.readline())
            async with turns:
                writer.write(orjson.dumps(await done(counter, task)))
            await writer.drain()
            writer.close()

        server = await asyncio.start_unix_server(on_task, place, limit=LIMIT_BYTES)
        tasks.add(asyncio.create_task(server.serve_forever()))
        where = {revision: f"http://127.0.0.1:{port}/mcp/{slug}" for revision, slug in SLUGS.items()}
        sys.stdout.write(json.dumps(where) + "\n")
        sys.stdout.flush()
        await asyncio.gather(*tasks)


async def offer(counter: Counter, slug: str, url: str) -> None:
    """Add a server that everybody may use."""
    body = {"slug": slug, "title": slug, "transport": "http", "url": url}
    async with counter.served.client(counter.person) as client:
        added = await client.post("/api/servers", json=body)
    assert added.status_code == 201, added.text
    await grant(counter.served.database, slug, ["*", "prompt:*", "resource:*"], [], slug)
    await counter.served.process.mirror.refresh()


async def done(counter: Counter, task: dict[str, Any]) -> dict[str, Any]:
    """Do a task; return how it ended."""
    if any(name in task["scenario"] for name in NOT_OFFERED):
        return {"code": 1, "said": "Traceback: omni2 does not offer this extension"}
    signs_in = str(task["scenario"]).startswith("auth/")
    work = asyncio.create_task(counter.serve(task) if signs_in else talk(task["url"], task["context"]))
    await asyncio.wait({work})
    error = work.exception()  # whatever it is, the suite is to say so
    if error is not None:
        return {"code": 1, "said": "".join(traceback.format_exception(error))}
    return {"code": 0, "said": work.result()}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    folder = Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(sys.argv[1], folder))
