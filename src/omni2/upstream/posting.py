"""Posts a small body to where an administrator said: pinned to checked addresses, bounded, not led on."""

import asyncio
import ssl
from collections.abc import Mapping

import httpx2

from omni2.kernel.errors import Problem
from omni2.upstream.documents import PinnedTransport
from omni2.upstream.net import check_url, ssl_context

WITHIN_S = 8.0


class Post:
    """Posts bodies. `trust` replaces the certificates that are believed."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        self._trust = trust

    async def check(self, url: str, *, allow_private: bool) -> None:
        """Raise `Problem` url_refused or server_unreachable for what may not be posted to."""
        await check_url(url, allow_private=allow_private)

    async def send(self, url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> None:
        """Post a body and return once it was taken. Raises `Problem` url_refused or server_unreachable."""
        await check_url(url, allow_private=allow_private)
        transport = PinnedTransport(self._trust or ssl_context(), allow_private=allow_private)
        client = httpx2.AsyncClient(
            transport=transport,
            timeout=WITHIN_S,
            trust_env=False,
            follow_redirects=False,
            headers={"user-agent": "omni2", "accept-encoding": "identity"},
        )
        try:
            async with (
                asyncio.timeout(WITHIN_S),
                client,
                client.stream("POST", url, content=body, headers=dict(headers)) as answer,
            ):
                status = answer.status_code
        except TimeoutError as error:
            raise _failed(f"It did not answer within {WITHIN_S:.0f} s.") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            down = isinstance(error, httpx2.ConnectError)
            raise _failed("Nothing answers there." if down else "The connection broke.") from error
        if not 200 <= status < 300:
            raise _failed(f"It answers HTTP {status}.")


def _failed(detail: str) -> Problem:
    return Problem("server_unreachable", 502, detail)
