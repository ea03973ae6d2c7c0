"""The transport before Streamable HTTP: answers come on one standing stream, whatever they are answers to."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx2
from mcp.client.sse import sse_client

from omni2.kernel.errors import Problem
from omni2.upstream.exchange import Exchange, current_exchange
from omni2.upstream.http_link import CONNECT_TIMEOUT_S, BoundedBody, Guard, awaits_answer, core_request
from omni2.upstream.ports import ServerTarget

QUIET_S = 24 * 3_600.0


@asynccontextmanager
async def sse_link(target: ServerTarget, guard: "SseGuard") -> AsyncIterator[Any]:
    """Yield the MCP message streams of a server, through `guard`, which is closed in the end."""
    own = {"accept-encoding": "identity", "user-agent": "omni2", **dict(target.headers)}

    def client(
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
    ) -> httpx2.AsyncClient:
        limits = httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S)
        return httpx2.AsyncClient(
            headers={**own, **(headers or {})}, auth=auth, transport=guard, timeout=limits, trust_env=False
        )

    async with sse_client(target.url or "", sse_read_timeout=QUIET_S, httpx_client_factory=client) as streams:
        yield streams


class SseGuard(Guard):
    """A `Guard` that knows when the standing stream ended, or a request was not taken: `on_end` is told.

    Both end the session: the answers to everything under way could only have come on that stream.
    """

    def __init__(self, target: ServerTarget, on_end: Callable[[str], None]) -> None:
        super().__init__(target)
        self._on_end = on_end

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request of the MCP client."""
        exchange = current_exchange.get()
        if exchange is not None and request.method == "GET":
            return await self._open_stream(request, exchange)
        if exchange is not None and request.method == "POST" and awaits_answer(await request.aread()):
            return await self._post(request, exchange)
        return await super().handle_async_request(request)

    async def _open_stream(self, request: httpx2.Request, exchange: Exchange) -> httpx2.Response:
        answer = await self._noted(self.pool.handle_async_request(core_request(request)), exchange)
        if answer is None:
            return httpx2.Response(502, request=request)
        body = _Watched(BoundedBody(answer, None), self._on_end)
        return httpx2.Response(answer.status, headers=answer.headers, stream=body, request=request)

    async def _post(self, request: httpx2.Request, exchange: Exchange) -> httpx2.Response:
        exchange.in_session = True
        sent = core_request(request)
        sent.extensions = {**cast("dict[str, Any]", sent.extensions), "trace": exchange.trace}
        answer = await self._noted(self.pool.handle_async_request(sent), exchange)
        if answer is None or answer.status >= 300:
            self._on_end("The server did not take a request.")
        else:
            exchange.content_type = ""  # of the receipt, not of an answer
        if answer is not None:
            await answer.aclose()
        return httpx2.Response(202, request=request)


class _Watched(httpx2.AsyncByteStream):
    """A body that says when it ends."""

    def __init__(self, inner: BoundedBody, on_end: Callable[[str], None]) -> None:
        self._inner = inner
        self._on_end = on_end

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                yield chunk
        except (Problem, httpx2.HTTPError, httpx2.StreamError):
            return
        finally:
            self._on_end("The server ended its stream.")

    async def aclose(self) -> None:
        """Give the connection back."""
        await self._inner.aclose()
