"""HTTP with the sign-in servers of MCP servers: pinned addresses, small JSON answers, little time."""

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import urljoin, urlsplit

import httpcore2
import httpx2
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.kernel.jsons import loads_strict
from omni2.upstream.net import PinnedBackend, check_url, ssl_context

LIMIT_BYTES = 64 * 1024
WITHIN_S = 10.0
REDIRECTS = 3

Object = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer: its status, its headers with lower-case names, and what it says if that is a JSON object."""

    status: int
    headers: Mapping[str, str]
    content: Object | None


class OAuthWire:
    """Asks what strangers name, under the same rules as a server's own address.

    Without `allow_private` it reaches public addresses over TLS only.
    """

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private

    async def get(self, url: str) -> Reply:
        """Fetch a document; each redirect is checked like the first address. Raises `Problem`."""
        for _ in range(REDIRECTS + 1):
            reply = await self._ask("GET", url)
            target = reply.headers.get("location")
            if reply.status not in {301, 302, 303, 307, 308} or target is None:
                return reply
            url = urljoin(url, target)
        raise broken(url, "it leads on and on")

    async def post_form(self, url: str, fields: Mapping[str, str], authorization: str | None = None) -> Reply:
        """Send a form; a redirect is not followed. Raises `Problem`."""
        headers = {} if authorization is None else {"authorization": authorization}
        return await self._ask("POST", url, headers, form=fields)

    async def post_json(self, url: str, value: Object) -> Reply:
        """Send JSON; a redirect is not followed. Raises `Problem`."""
        return await self._ask("POST", url, json=value)

    async def challenge(self, url: str, value: Object | None) -> Reply:
        """Send JSON, or ask for a stream, and return status and headers alone, whatever follows them.

        Raises `Problem`.
        """
        headers = {"accept": "application/json, text/event-stream" if value else "text/event-stream"}
        return await self._ask("POST" if value else "GET", url, headers, json=value, heads_only=True)

    def require(self, url: str) -> str:
        """Return `url` if it is one that may be asked or shown to a browser; raise `Problem` if not."""
        scheme = urlsplit(url).scheme
        if scheme != "https" and not (scheme == "http" and self._allow_private):
            raise Problem("url_refused", 422, "A sign-in server has to be reached over https.")
        return url

    async def _ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        form: Mapping[str, str] | None = None,
        json: Object | None = None,
        heads_only: bool = False,
    ) -> Reply:
        await check_url(self.require(url), allow_private=self._allow_private)
        sent = {"accept": "application/json", **(headers or {})}
        try:
            async with asyncio.timeout(WITHIN_S), self._client() as client:
                request = client.stream(method, url, headers=sent, data=form, json=json)
                async with request as response:
                    content = None if heads_only else await _read(url, response)
                    found = {name.lower(): value for name, value in response.headers.items()}
                    return Reply(response.status_code, found, content)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            raise Problem("sign_in_unreachable", 502, f"{_host(url)} does not answer.") from error

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(
            transport=_PinnedTransport(ssl_context(), allow_private=self._allow_private),
            timeout=WITHIN_S,
            trust_env=False,
            follow_redirects=False,
            headers={"user-agent": "omni2", "accept-encoding": "identity"},
        )


class _PinnedTransport(httpx2.AsyncHTTPTransport):
    def __init__(self, trust: ssl.SSLContext, *, allow_private: bool) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=trust, max_connections=1, network_backend=PinnedBackend(allow_private=allow_private)
        )


def broken(url: str, why: str) -> Problem:
    """Return the problem of an answer that cannot be used."""
    return Problem("sign_in_invalid", 502, f"{_host(url)} does not answer as a sign-in server does: {why}.")


def _host(url: str) -> str:
    return urlsplit(url).hostname or "The sign-in server"


async def _read(url: str, response: httpx2.Response) -> Object | None:
    """Return the body if it is a JSON object. Raises `Problem` for one that is too large or compressed."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise broken(url, "its answer is compressed, which was not asked for")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LIMIT_BYTES:
            raise broken(url, f"its answer is larger than {LIMIT_BYTES // 1024} KiB")
    try:
        value = loads_strict(bytes(body))
    except Problem:
        return None
    return cast("Object", value) if isinstance(value, dict) else None
