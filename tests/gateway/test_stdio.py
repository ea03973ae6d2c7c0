"""`omni2 mcp`: the same door over standard input and output, for clients that start a program."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters
from sqlalchemy import func, select

from omni2.gateway.models import McpSession
from tests.support.app import Person, grant
from tests.support.house import House, open_house
from tests.support.source import ROOT


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite_url, tmp_path / "data") as house:
        yield house


def environment(person: Person | None) -> dict[str, str]:
    """Return what the program is started with."""
    paths = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ["PATH"]}
    return {**paths, "OMNI2_TOKEN": person.token} if person else paths


def command(house: House, *more: str) -> list[str]:
    """Return the words after the interpreter."""
    return ["-m", "omni2", "mcp", "--url", f"{house.served.url}/mcp", *more]


def program(house: House, person: Person) -> StdioServerParameters:
    """Return how a client starts the program."""
    return StdioServerParameters(
        command=sys.executable, args=command(house), env=environment(person), cwd=ROOT
    )


async def started(house: House, *more: str, env: Mapping[str, str]) -> asyncio.subprocess.Process:
    """Start the program."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, *command(house, *more)),
        cwd=ROOT,
        env=dict(env),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def told(process: asyncio.subprocess.Process, *messages: Any) -> list[Any]:
    """Write messages, end the input, and return what the program wrote until its clean end."""
    lines = b"".join(
        (one if isinstance(one, bytes) else json.dumps(one).encode()) + b"\n" for one in messages
    )
    async with asyncio.timeout(30):
        out, problems = await process.communicate(lines)
    assert (process.returncode, problems) == (0, b"")
    return [json.loads(line) for line in out.splitlines()]


@pytest.mark.parametrize("mode", ["legacy", "2026-07-28", "auto"])
async def test_the_official_client_calls_through_a_program(house: House, mode: str) -> None:
    async with Client(program(house, house.ann), mode=mode) as client:
        assert [tool.name for tool in (await client.list_tools()).tools][:1] == ["shop__echo"]
        result = await client.call_tool("shop__echo", {"text": "hello"})
        assert result.content[0].model_dump()["text"] == "echo: hello"
        denied = await client.call_tool("shop__secret_echo", {})
        assert denied.is_error
    async with house.served.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(McpSession)) == 0


async def test_changes_come_through(house: House) -> None:
    heard = asyncio.Event()

    async def hear(message: Any) -> None:
        if type(getattr(message, "root", message)).__name__ == "ToolListChangedNotification":
            heard.set()

    async with Client(program(house, house.ann), mode="legacy", message_handler=hear) as client:
        await client.list_tools()
        registry = house.served.process.registry
        async with asyncio.timeout(30):
            while registry.count(house.ann.user_id, "stream") == 0:
                await client.send_ping()
            await grant(house.served.database, "shop", [], ["hold"], "no holding")
            await house.served.process.mirror.refresh()
            await heard.wait()


async def test_what_is_refused_over_http_is_an_error_in_words(house: House, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{house.ann.token}\n")
    await house.block(house.ann, message="Please see me.")
    ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    process = await started(house, "--token-file", str(file), env=environment(None))
    broken, refused = await told(process, b"{", ping)
    assert broken["error"]["code"] == -32700
    assert (refused["id"], refused["error"]["message"]) == (1, "Please see me.")


async def test_a_server_that_is_away_is_named_and_the_program_goes_on(house: House) -> None:
    process = await started(house, "--url", "http://127.0.0.1:9/mcp", env=environment(house.ann))
    first: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
    answers = await told(process, first, {**first, "id": 2})
    assert [answer["id"] for answer in answers] == [1, 2]
    assert "127.0.0.1:9" in answers[0]["error"]["message"]


async def test_without_a_token_the_program_says_so_in_one_line(house: House) -> None:
    process = await started(house, env=environment(None))
    out, problems = await process.communicate(b"")
    assert (process.returncode, out) == (1, b"")
    assert problems.decode().splitlines() == [
        "omni2: Set OMNI2_TOKEN, or name a file with the token: --token-file FILE."
    ]


async def test_a_program_that_is_told_to_stop_ends_its_session(house: House) -> None:
    process = await started(house, env=environment(house.ann))
    assert process.stdin is not None
    assert process.stdout is not None
    params = {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "t", "version": "1"},
    }
    first = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    process.stdin.write(json.dumps(first).encode() + b"\n")
    async with asyncio.timeout(30):
        assert json.loads(await process.stdout.readline())["result"]["protocolVersion"] == "2025-11-25"
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    async with house.served.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(McpSession)) == 0
