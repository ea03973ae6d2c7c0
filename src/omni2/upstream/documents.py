"""Fetches a small public JSON document: pinned to checked addresses, bounded in size and time, not led on."""

import asyncio
import re
import ssl

import httpcore2
import httpx2

from omni2.kernel.errors import Problem
from omni2.upstream.net import PinnedBackend, check_url, ssl_context

LIMIT_BYTES = 16 * 1024
WITHIN_S = 8.0
_JSON = re.compile(r"application/([\w.-]+\+)?json")
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=(\d{1,9})")


class Documents:
    """Fetches what strangers name. `allow_private` lets it reach loopback and private networks."""

    def __init__(self, *, allow_private: bool, trust: ssl.SSLContext | None = None) -> None:
        self._allow_private = allow_private
        self._trust = trust

    async def fetch(self, url: str) -> tuple[bytes, int]:
        """Return the body and how long it is fresh (seconds, 0 if not told).

        Raises `Problem` url_refused, server_unreachable or client_document_invalid.
        """
        await check_url(url, allow_private=self._allow_private)
        try:
            async with asyncio.timeout(WITHIN_S), self._client() as client:
                request = client.stream("GET", url, headers={"accept": "application/json"})
                async with request as response:
                    return await _read(response)
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError) as error:
            detail = "The document of this program cannot be fetched: its address does not answer."
            raise Problem("server_unreachable", 502, detail) from error

    def _client(self) -> httpx2.AsyncClient:
        transport = PinnedTransport(self._trust or ssl_context(), allow_private=self._allow_private)
        return httpx2.AsyncClient(
            transport=transport,
            timeout=WITHIN_S,
            trust_env=False,
            follow_redirects=False,
            headers={"user-agent": "omni2", "accept-encoding": "identity"},
        )


class PinnedTransport(httpx2.AsyncHTTPTransport):
    """Connects to checked addresses alone, whatever names and proxies say."""

    def __init__(self, trust: ssl.SSLContext, *, allow_private: bool) -> None:
        super().__init__(verify=trust, trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=trust, max_connections=1, network_backend=PinnedBackend(allow_private=allow_private)
        )


async def _read(response: httpx2.Response) -> tuple[bytes, int]:
    if response.status_code != 200:
        raise _invalid(f"Its address answers HTTP {response.status_code}.")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise _invalid("It is compressed, which was not asked for.")
    if not _JSON.fullmatch(response.headers.get("content-type", "").partition(";")[0].strip().lower()):
        raise _invalid("Its address does not answer with JSON.")
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > LIMIT_BYTES:
            raise _invalid(f"It is larger than {LIMIT_BYTES // 1024} KiB.")
    found = _MAX_AGE.search(response.headers.get("cache-control", "").lower())
    return bytes(body), int(found[1]) if found else 0


def _invalid(detail: str) -> Problem:
    return Problem("client_document_invalid", 400, f"The document of this program cannot be used. {detail}")
