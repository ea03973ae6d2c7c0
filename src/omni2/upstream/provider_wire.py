"""The wire to model providers: pinned addresses, our own credentials alone, bounded answers."""

from collections.abc import AsyncIterator, Mapping
from typing import cast

import httpcore2
import httpx2

from omni2.kernel.errors import Problem
from omni2.upstream.model_faults import failed, too_large, unreachable
from omni2.upstream.net import PinnedBackend, ssl_context
from omni2.upstream.ports import ModelTarget, Provider

CONNECT_TIMEOUT_S = 10.0
DEFAULT_BASES: Mapping[Provider, str] = {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
}

# The SDKs take more headers from the environment than anybody expects: organisations, projects, whole lists.
_PASSED_ON = frozenset(
    {
        "accept", "anthropic-beta", "anthropic-version", "connection", "content-length", "content-type",
        "transfer-encoding",
    }
)  # fmt: skip


class Lines:
    """The connections to providers, shared by all calls."""

    def __init__(self) -> None:
        self._transport = _PinnedTransport()

    def to(self, target: ModelTarget, limit_bytes: int) -> "Wire":
        """Return the wire of one call, whose answer may be so long."""
        return Wire(target, limit_bytes, self._transport)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()


class Wire(httpx2.AsyncBaseTransport):
    """Sends the requests of one call to its provider; `problem` says what it had to refuse."""

    def __init__(self, target: ModelTarget, limit_bytes: int, transport: httpx2.AsyncBaseTransport) -> None:
        self.target = target
        self.problem: Problem | None = None
        self._left = limit_bytes
        self._transport = transport
        self._origin = _origin(httpx2.URL(base_of(target)))

    def client(self) -> httpx2.AsyncClient:
        """Return a client over this wire; the environment has no say in it."""
        timeout = httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S)
        return httpx2.AsyncClient(transport=self, timeout=timeout, trust_env=False)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send one request, with the credentials of the target and no others."""
        if _origin(request.url) != self._origin:
            raise self._refuse(failed(self.target, "Its provider leads to another address."))
        request.headers = _headers(self.target, request)
        try:
            answer = await self._transport.handle_async_request(request)
        except Problem as problem:
            forbidden = problem.code == "url_refused"
            raise self._refuse(problem if forbidden else unreachable(self.target)) from problem
        body = _Counted(self, cast("httpx2.AsyncByteStream", answer.stream))
        if answer.headers.get("content-encoding", "identity") != "identity":
            await body.aclose()
            raise self._refuse(failed(self.target, "It sent a compressed answer that was not asked for."))
        return httpx2.Response(
            answer.status_code, headers=answer.headers, stream=body, extensions=answer.extensions
        )

    async def aclose(self) -> None:
        """Leave the connections to the next call."""

    def count(self, size: int) -> None:
        """Count bytes of the answer; raise when it is too long."""
        self._left -= size
        if self._left < 0:
            raise self._refuse(too_large(self.target))

    def _refuse(self, problem: Problem) -> httpx2.TransportError:
        self.problem = problem
        return httpx2.ReadError(problem.code)


class _PinnedTransport(httpx2.AsyncHTTPTransport):
    """The transport of the client library, over connections that go where they were checked to go."""

    def __init__(self) -> None:
        super().__init__(verify=ssl_context(), trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl_context(),
            max_connections=256,
            max_keepalive_connections=64,
            keepalive_expiry=30.0,
            network_backend=PinnedBackend(allow_private=True),
        )


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, wire: Wire, inner: httpx2.AsyncByteStream) -> None:
        self._wire = wire
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            self._wire.count(len(chunk))
            yield chunk

    async def aclose(self) -> None:
        """Give the connection back, or close it where more is to come."""
        await self._inner.aclose()


def base_of(target: ModelTarget) -> str:
    """Return the URL beneath which the provider is asked."""
    return target.base_url or DEFAULT_BASES.get(target.provider, "")


def _headers(target: ModelTarget, request: httpx2.Request) -> httpx2.Headers:
    kept = [(name, value) for name, value in request.headers.multi_items() if name.lower() in _PASSED_ON]
    ours = [("host", request.url.netloc.decode()), ("accept-encoding", "identity"), ("user-agent", "omni2")]
    return httpx2.Headers([*ours, *_credential(target), *kept])


def _credential(target: ModelTarget) -> list[tuple[str, str]]:
    if not target.api_key:
        return []
    if target.provider == "google":
        return [("x-goog-api-key", target.api_key)]
    return [("authorization", f"Bearer {target.api_key}")]


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
