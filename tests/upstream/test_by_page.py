"""Questions that are answered on a page of the server's: put only to who can go there."""

from dataclasses import dataclass
from typing import Any

import pytest

from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import URL_QUESTION
from tests.support.mcp_servers.raw_http import RawHttp, Send, answer, serving, text
from tests.upstream.targets import over_http
from tests.upstream.test_bazaar import Link, tool

PAGE = {"mode": "url", "url": "https://example.org/sign-in", "message": "Sign in", "elicitationId": "1"}


@dataclass
class Paging(RawHttp):
    """Speaks the newest revision, and sends its caller to a page first."""

    modern_only: bool = True

    async def _modern(self, message: dict[str, Any], send: Send) -> None:
        if message["method"] != "tools/call":
            await super()._modern(message, send)
        elif "inputResponses" in message["params"]:
            await answer(send, message["id"], {**text("been there"), "resultType": "complete"})
        else:
            question = {"q": {"method": "elicitation/create", "params": PAGE}}
            await answer(send, message["id"], {"resultType": "input_required", "inputRequests": question})


@pytest.mark.parametrize(
    ("able", "asked", "status"),
    [
        ({"elicitation/create", URL_QUESTION}, ["elicitation/create"], "ok"),
        ({"elicitation/create"}, [], "upstream_error"),
    ],
    ids=["a browser", "forms alone"],
)
async def test_a_page_is_shown_only_to_who_can_open_it(
    pool: SessionPool, able: set[str], asked: list[str], status: str
) -> None:
    link = Link(able=frozenset(able))
    async with serving(Paging()) as url:
        outcome = await pool.request(over_http(url), tool("any"), link)
        await pool.aclose()
    assert (outcome.status, link.asked) == (status, asked)
