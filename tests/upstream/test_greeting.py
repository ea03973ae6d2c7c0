"""What a server speaks: asked once, before a handshake, and without one where it needs none."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from omni2.kernel.errors import Problem
from omni2.upstream import greeting
from omni2.upstream.pool import SessionPool
from tests.support.mcp_servers.bazaar import Bazaar
from tests.support.mcp_servers.bazaar_http import serving_bazaar
from tests.support.mcp_servers.raw_http import JSON, RawHttp, Receive, Send, encoded, respond, serving
from tests.support.pools import call_tool
from tests.upstream.targets import over_http, over_stdio
from tests.upstream.test_bazaar import PROGRAM, ROOT, Link, tool

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")


@dataclass
class Asked(RawHttp):
    """Notes what reaches it with which headers, and answers the question in a way of its own."""

    status: int = 200
    code: int | None = -32601
    hangs: bool = False
    heads: list[tuple[str, dict[bytes, bytes]]] = field(default_factory=list[tuple[str, dict[bytes, bytes]]])

    async def _post(self, body: bytes, headers: dict[bytes, bytes], receive: Receive, send: Send) -> None:
        message: dict[str, Any] = json.loads(body)
        method = message.get("method", "")
        self.heads.append((method, headers))
        if method != "server/discover" or self.modern_only:
            await super()._post(body, headers, receive, send)
            return
        self.methods[method] = self.methods.get(method, 0) + 1
        while self.hangs and (await receive())["type"] != "http.disconnect":
            continue
        error = {"jsonrpc": "2.0", "id": message["id"], "error": {"code": self.code, "message": "what?"}}
        if self.code is None:
            await respond(send, self.status, b"no", (b"content-type", b"text/plain"))
        else:
            await respond(send, self.status, encoded(error), JSON)


async def test_a_server_of_all_revisions_is_not_shaken_hands_with(pool: SessionPool) -> None:
    bazaar = Bazaar()
    async with serving_bazaar(bazaar, "both") as url:
        catalogue = await pool.list_tools(over_http(url))
        outcome = await pool.request(over_http(url), tool("elicit"), Link())
        await pool.aclose()
    assert catalogue.revision == "2026-07-28"
    assert outcome.text == "accept: XL"


async def test_a_program_of_all_revisions_is_not_shaken_hands_with(pool: SessionPool) -> None:
    env = (("PYTHONPATH", ROOT), ("BAZAAR_ERA", "both"))
    target = over_stdio(*PROGRAM, env=env, timeout_ms=20_000)
    catalogue = await pool.list_tools(target)
    await pool.aclose()
    assert catalogue.revision == "2026-07-28"


async def test_every_request_names_its_revision_and_its_method(pool: SessionPool) -> None:
    app = Asked(modern_only=True)
    async with serving(app) as url:
        assert (await call_tool(pool, over_http(url), "echo", {"text": "a"})).text == "a"
        await pool.aclose()
    assert [method for method, _ in app.heads] == ["server/discover", "tools/call"]
    for method, headers in app.heads:
        assert headers[b"mcp-method"] == method.encode()
        assert headers[b"mcp-protocol-version"] == b"2026-07-28"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (200, -32601),
        (400, -32600),
        (400, -32000),
        (400, -32022),
        (404, None),
        (405, None),
        (403, None),
        (500, None),
    ],
)
async def test_a_server_that_does_not_know_the_question_is_asked_once_and_shaken_hands_with(
    pool: SessionPool, status: int, code: int | None
) -> None:
    app = Asked(status=status, code=code)
    async with serving(app) as url:
        target = over_http(url)
        assert (await pool.probe(target)).revision == "2025-06-18"
        assert (await call_tool(pool, target, "echo", {"text": "a"})).text == "a"
        await pool.drop("s1")
        assert (await call_tool(pool, target, "echo", {"text": "b"})).text == "b"
        await pool.aclose()
    assert (app.methods["server/discover"], app.methods["initialize"]) == (1, 3)


@pytest.mark.parametrize(("status", "code"), [(401, "server_auth_failed"), (503, "server_refused")])
async def test_an_answer_that_says_nothing_of_the_era_is_no_reason_for_a_handshake(
    pool: SessionPool, status: int, code: str
) -> None:
    app = Asked(status=status, code=None)
    async with serving(app) as url:
        with pytest.raises(Problem) as caught:
            await pool.probe(over_http(url))
    assert caught.value.code == code
    assert "initialize" not in app.methods


async def test_what_is_remembered_is_looked_at_again_when_it_fails(pool: SessionPool) -> None:
    app = Asked()
    async with serving(app) as url:
        await pool.probe(over_http(url))
        app.modern_only = True
        assert (await call_tool(pool, over_http(url), "echo", {"text": "new"})).text == "new"
        await pool.drop("s1")
        app.modern_only = False
        assert (await call_tool(pool, over_http(url), "echo", {"text": "old"})).text == "old"
        await pool.aclose()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(greeting, "PATIENCE_S", {"http": 0.05, "stdio": 0.05})


@pytest.mark.usefixtures("impatient")
async def test_a_server_that_never_answers_the_question_is_shaken_hands_with(pool: SessionPool) -> None:
    app = Asked(hangs=True)
    async with serving(app) as url:
        assert (await call_tool(pool, over_http(url), "echo", {"text": "a"})).text == "a"
        await pool.aclose()
    assert app.methods["initialize"] == 1


@pytest.mark.usefixtures("impatient")
async def test_a_program_that_never_answers_the_question_is_shaken_hands_with(
    pool: SessionPool, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    target = over_stdio(env=(("RAW_LOG", str(log)), ("RAW_UNKNOWN", "ignored")))
    assert (await call_tool(pool, target, "echo", {"text": "a"})).text == "a"
    await pool.drop("s1")
    assert (await call_tool(pool, target, "echo", {"text": "b"})).text == "b"
    methods = [json.loads(line)["method"] for line in log.read_text().splitlines()]
    assert (methods.count("server/discover"), methods.count("initialize")) == (1, 2)


async def test_a_program_that_dies_of_the_question_is_started_anew_and_not_asked(
    pool: SessionPool, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    target = over_stdio(env=(("RAW_LOG", str(log)), ("RAW_UNKNOWN", "death")))
    assert (await call_tool(pool, target, "echo", {"text": "a"})).text == "a"
    methods = [json.loads(line)["method"] for line in log.read_text().splitlines()]
    assert methods == ["server/discover", "initialize", "notifications/initialized", "tools/call"]


SLOW = (
    sys.executable,
    "-c",
    "import time, runpy; time.sleep(0.3); "
    "runpy.run_module('tests.support.mcp_servers.bazaar', run_name='__main__')",
)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("era", ["old", "new", "both"])
async def test_a_program_that_starts_slowly_is_understood_whatever_it_speaks(
    pool: SessionPool, era: str
) -> None:
    env = (("PYTHONPATH", ROOT), ("BAZAAR_ERA", era))
    target = over_stdio(*SLOW, env=env, timeout_ms=20_000)
    assert (await pool.request(target, tool("echo", text="there"))).text == "there"
    await pool.aclose()


@asynccontextmanager
async def disjoint() -> AsyncIterator[str]:
    """Serve what speaks only revisions that do not exist yet."""

    async def app(scope: Any, receive: Receive, send: Send) -> None:
        del receive
        data = {"supported": ["2031-01-01"], "requested": "2026-07-28"}
        error = {"code": -32022, "message": "Unsupported protocol version", "data": data}
        if scope["type"] == "http":
            await respond(send, 400, encoded({"jsonrpc": "2.0", "id": 1, "error": error}), JSON)

    async with serving(app) as url:
        yield url


async def test_a_server_of_other_revisions_alone_says_so(pool: SessionPool) -> None:
    async with disjoint() as url, asyncio.timeout(10):
        with pytest.raises(Problem) as caught:
            await pool.probe(over_http(url))
    assert caught.value.code == "server_refused"
    assert "Unsupported protocol version" in caught.value.detail
