"""What a gateway costs that does nothing: a bare aiohttp relay. `python -m bench.mcp_relay PORT TARGET LOOP`.

LOOP is `asyncio`, as aiohttp comes, or `uvloop`.
"""

import asyncio
import logging
import sys

import uvloop
from aiohttp import ClientSession, TCPConnector, web

PASSED = ("accept", "content-type", "mcp-protocol-version", "mcp-session-id")


async def main(port: int, target: str) -> None:
    """Serve until ended."""
    async with ClientSession(connector=TCPConnector(limit=0)) as session:

        async def relay(request: web.Request) -> web.Response:
            headers = {name: request.headers[name] for name in PASSED if name in request.headers}
            async with session.post(target, data=await request.read(), headers=headers) as answer:
                kind = answer.headers.get("content-type", "application/json")
                return web.Response(
                    body=await answer.read(), status=answer.status, headers={"content-type": kind}
                )

        app = web.Application()
        app.router.add_post("/mcp", relay)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    run = uvloop.run if sys.argv[3:] == ["uvloop"] else asyncio.run
    run(main(int(sys.argv[1]), sys.argv[2]))
