"""What comes from outside and what goes there: addresses, credentials that are repeated, loaders, guesses."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from omni2.app import bodies
from omni2.hub.policy import require_env
from omni2.identity.throttle import ADDRESS_FREE, Throttle, network_of
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.upstream.masks import masked
from omni2.upstream.models import Models
from omni2.upstream.net import refusal
from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import ModelRequest, ModelTarget, ServerTarget, UserMessage
from tests.hub.office import opened
from tests.support.clients import RawClient
from tests.support.house import SECRET, House
from tests.support.mcp_servers.raw_http import RawHttp, Receive, Send, answer, serving
from tests.support.pools import call_tool
from tests.support.scripted_model import says, wants
from tests.upstream.targets import over_http


def target_with(**secrets: str) -> ServerTarget:
    """Return a server that is shown these secrets as headers."""
    headers = tuple((name, value) for name, value in secrets.items())
    return ServerTarget("1", "s", "S", "http", "http://x", (), (), headers, 1, 1, 1, True, False)  # noqa: FBT003


def test_a_cloud_agent_on_a_public_address_is_refused() -> None:
    assert refusal("168.63.129.16", allow_private=True) is not None


@pytest.mark.parametrize("host", ["169.254.169.254", "[::ffff:169.254.169.254]", "metadata.google.internal"])
async def test_a_model_whose_name_leads_to_credentials_by_now_is_not_asked(host: str) -> None:
    target = ModelTarget("openai_compatible", "m", f"http://{host}/v1", None, 1_000)
    with pytest.raises(Problem) as caught:
        async for _ in Models().stream(target, ModelRequest((UserMessage("Hi"),), (), None, 16)):
            pass
    assert caught.value.code == "url_refused"


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "DYLD_INSERT_LIBRARIES", "ld_library_path"])
def test_no_variable_chooses_what_a_command_runs(name: str) -> None:
    with pytest.raises(Problem) as caught:
        require_env([(name, "/tmp/evil")])
    assert caught.value.extra["field"] == "env"
    assert require_env([("API_KEY", "x")]) == (("API_KEY", "x"),)


def test_the_addresses_of_one_customer_count_as_one() -> None:
    throttle = Throttle()
    for number in range(ADDRESS_FREE):
        throttle.begin(f"{number}@example.org", f"2001:db8:1:2::{number:x}")
    with pytest.raises(Problem) as caught:
        throttle.begin("next@example.org", "2001:db8:1:2:ffff::1")
    assert caught.value.code == "throttled"
    throttle.begin("next@example.org", "2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"


def test_a_credential_that_a_server_repeats_is_masked() -> None:
    target = target_with(Authorization="Bearer abcdefgh1234", key="odd-key-of-the-house", short="ab")
    assert masked(target, "not abcdefgh1234, nor odd-key-of-the-house; about") == (
        "not [redacted], nor [redacted]; about"
    )


def test_a_password_is_masked_alone_and_in_its_header_too() -> None:
    header = "Basic " + base64.b64encode(b"bob:hunter2-hunter2").decode()
    told = f"{header} | {header[6:]} | hunter2-hunter2"
    assert masked(target_with(Authorization=header), told) == "[redacted] | [redacted] | [redacted]"


@dataclass
class Parrot(RawHttp):
    """Repeats the credential that it was shown in every place of a result and of a definition."""

    async def _call(self, message: dict[str, Any], receive: Receive, send: Send) -> None:
        told = [
            {"type": "text", "text": f"you said {SECRET}"},
            {"type": "image", "data": SECRET, "mimeType": SECRET},
        ]
        found = {"deep": [{SECRET: f"<{SECRET}>"}], "quoted": f'"{SECRET}"'}
        await answer(send, message["id"], {"content": told, "structuredContent": found})

    async def _list(self, send: Send, message: dict[str, Any]) -> None:
        schema = {"type": "object", "description": SECRET}
        hints = {"title": f"with {SECRET}"}
        tool = {"name": "t", "description": f"of {SECRET}", "inputSchema": schema, "annotations": hints}
        await answer(send, message["id"], {"tools": [tool]})


async def test_no_part_of_a_result_or_of_a_definition_holds_a_repeated_credential() -> None:
    pool = SessionPool(stdio_commands=frozenset())
    async with serving(Parrot()) as url:
        target = over_http(url, headers=(("authorization", f"Bearer {SECRET}"),))
        outcome, catalogue = await call_tool(pool, target, "t", {}), await pool.list_tools(target)
        await pool.aclose()
    assert (outcome.status, outcome.structured is not None) == ("ok", True)
    assert SECRET not in repr(outcome)
    assert "[redacted]" in outcome.text
    assert SECRET not in repr(catalogue)
    assert catalogue.tools[0].description == "of [redacted]"


async def test_what_a_stdio_server_says_last_is_told_without_its_credentials(
    database: Database, tmp_path: Path
) -> None:
    program = (
        "import os, sys; sys.stderr.write(os.environ['SHOP'] + chr(10)); sys.exit('no ' + 'sk-' + 'x' * 30)"
    )
    body = {
        "title": "Broken",
        "transport": "stdio",
        "command": ["python3", "-c", program],
        "env": [{"name": "SHOP", "value": SECRET}],
    }
    async with opened(database, tmp_path, stdio_enabled=True) as office, office.client() as client:
        made = await client.post("/api/servers?force=true", json=body)
        assert made.status_code == 201, made.text
        told = (await client.get(f"/api/servers/{made.json()['server_id']}/stderr")).json()["text"]
    assert told.splitlines()[:2] == ["[redacted]", "no [redacted]"]


async def test_a_tool_that_repeats_our_credential_shows_it_nowhere(house: House) -> None:
    house.model.play(wants("shop__echo", text=SECRET), says("Done."))
    frames = await (await house.chat()).ask()
    (result,) = [frame for frame in frames if frame["type"] == "tool_result"]
    assert SECRET not in result["preview"]
    assert SECRET not in str(house.model.requests[-1].messages[-1])


async def test_who_drips_a_body_is_cut_off(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_WITHIN_S", 0.1)
    host = house.served.url.removeprefix("http://")
    client = await RawClient.connect(house.served.url, {}, upgrade=False)
    lines = [
        "POST /api/auth/login HTTP/1.1",
        f"Host: {host}",
        "X-Omni2: 1",
        "Content-Type: application/json",
        "Content-Length: 1000",
    ]
    await client.write(("\r\n".join(lines) + "\r\n\r\n{").encode())
    answer = await client.rest()
    assert answer.startswith(b"HTTP/1.1 408")
    client.close()
