"""Servers that are added from the command line, beside a running omni2, with what they need to be reached."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from omni2.cli import server
from tests.real.programs import eventually, package
from tests.real.test_servers import connected
from tests.real.world import World

pytestmark = [pytest.mark.slow]


def wait_for(world: World, slug: str) -> None:
    """Wait until the running omni2 saw that a server was added, and reached it."""

    def seen() -> Iterator[bool]:
        while True:
            yield world.servers().get(slug, {}).get("state") == "connected"

    eventually(seen(), f"{slug} is not connected")


async def test_a_program_gets_the_variables_that_it_was_added_with(world: World) -> None:
    kept = world.folder / "notes.jsonl"
    memory = package("@modelcontextprotocol/server-memory/dist/index.js")
    words = ("--env", "MEMORY_FILE_PATH", "--grant", "everyone", "--command", "node", "--", memory)
    world.shell("server", "add", "notes", *words, MEMORY_FILE_PATH=str(kept))
    wait_for(world, "notes")
    entity = {"name": "Gull", "entityType": "boat", "observations": ["leaks"]}
    async with connected(world, "notes") as client:
        await client.call_tool("create_entities", {"entities": [entity]})
    assert "leaks" in kept.read_text()


async def test_another_omni2_is_a_server_like_any_other(world: World) -> None:
    behind = ("--url", world.url("clock"), "--bearer-stdin", "--grant", "everyone")
    world.shell("server", "add", "relay", *behind, given=world.token)
    wait_for(world, "relay")
    async with connected(world, "relay") as client:
        result = await client.call_tool("get_current_time", {"timezone": "Asia/Tokyo"})
    assert not result.is_error
    assert world.flows("relay.get_current_time") == ["ok"]
    assert world.flows("clock.get_current_time")[:1] == ["ok"]
    assert world.token not in world.product.log


def test_a_variable_without_a_value_is_refused_by_name(tmp_path: Path) -> None:
    words = ["probe", "notes", "--env", "NOT_SET_HERE", "--command", "node", "--data", str(tmp_path)]
    result = CliRunner().invoke(server.app, words)
    assert result.exit_code != 0
    assert result.stderr.strip() == (
        "omni2: The variable NOT_SET_HERE has no value here. Give NOT_SET_HERE=VALUE."
    )
