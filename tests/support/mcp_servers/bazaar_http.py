"""The bazaar over HTTP, in the test's own loop."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from tests.support.mcp_servers.bazaar import Bazaar, Era, refusal, server_of
from tests.support.mcp_servers.raw_http import JSON, Receive, Scope, Send, body_of, respond, serving


@asynccontextmanager
async def serving_bazaar(bazaar: Bazaar, era: Era, *, as_json: bool = False) -> AsyncIterator[str]:
    """Serve a bazaar; yields its base URL."""
    app = server_of(bazaar).streamable_http_app(json_response=as_json)

    async def sifted(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await app(scope, receive, send)  # pyright: ignore[reportArgumentType]
            return
        body = await body_of(receive)
        message: dict[str, Any] = json.loads(body)
        refused = refusal(message.get("method", ""), message.get("id", 0), era)
        if refused is not None:
            await respond(send, 400, refused.model_dump_json(by_alias=True, exclude_none=True).encode(), JSON)
            return
        given = False

        async def again() -> Any:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await app(scope, again, send)  # pyright: ignore[reportArgumentType]

    over, up = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # its context is entered and left by one task, whoever uses it
        async with app.router.lifespan_context(app):
            up.set()
            await over.wait()

    task = asyncio.create_task(live())
    await up.wait()
    try:
        async with serving(sifted) as url:
            yield url
    finally:
        over.set()
        await task
