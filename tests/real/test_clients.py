"""Real clients at `/mcp` and `/mcp/{server}`: each makes the whole journey, as far as it can."""

import json
import sys
from collections.abc import Iterator

import pytest

from tests.conformance.suite import node as new_node
from tests.real.journey import LONG, URI, check, text_of, travel
from tests.real.programs import eventually, older, package, run
from tests.real.python_clients import by_fastmcp, over_http, over_stdio
from tests.real.world import World
from tests.support.source import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning"),
]
SCRIPTS = (("sdk.js", "2025-11-25"), ("client.js", "2026-07-28"))
MODES = {"auto": "2026-07-28", "legacy": "2025-11-25"}
# At the endpoint of all servers names have their server before them; at that of one they are its own.
SUM = ("--tool-arg", "a=2", "--tool-arg", "b=3")
INSPECTOR = "@modelcontextprotocol/inspector/clients/launcher/build/index.js"
both_eras = pytest.mark.parametrize("mode", MODES)
_WAYS = {
    "one-over-stdio": ("everything", ""),
    "all-over-http": ("everything-http", "everything-http__"),
    "one-over-sse": ("everything-sse", ""),
    "older-over-http": ("old-http", ""),
    "older-over-sse": ("old-sse", ""),
    "newest-over-stdio": ("newest", ""),
    "newest-over-http": ("newest-http", ""),
}
_CROSSWISE = ("one-over-stdio", "all-over-http", "older-over-sse", "newest-over-http")
everywhere = pytest.mark.parametrize(("server", "prefix"), _WAYS.values(), ids=_WAYS)
crosswise = pytest.mark.parametrize(("server", "prefix"), [_WAYS[way] for way in _CROSSWISE], ids=_CROSSWISE)
at_all_and_at_one = pytest.mark.parametrize(
    ("server", "prefix"), list(_WAYS.values())[:2], ids=list(_WAYS)[:2]
)


def endpoint(world: World, server: str, prefix: str) -> str:
    """Return the URL where names have this prefix."""
    return world.url() if prefix else world.url(server)


def check_record(world: World, server: str) -> None:
    """Assert that omni2 has the call that was given up as cancelled, and the one before as done."""

    def recorded() -> Iterator[bool]:
        while True:
            yield world.flows(f"{server}.{LONG}")[:2] == ["cancelled", "ok"]

    eventually(recorded(), "the call that the client gave up is not cancelled")


@both_eras
@everywhere
async def test_the_python_sdk_works(world: World, mode: str, server: str, prefix: str) -> None:
    async with over_http(endpoint(world, server, prefix), world.token, mode) as client:
        found = await travel(client, prefix)
    check(found, MODES[mode], server, prefix)
    check_record(world, server)


async def test_roots_reach_a_server_with_a_session_for_each_person(world: World) -> None:
    async with over_http(world.url("everything-own"), world.token, "auto") as client:
        assert "file:///srv/ann" in text_of(await client.call("get-roots-list", {}))


@both_eras
@at_all_and_at_one
async def test_the_python_sdk_works_with_the_program_in_between(
    world: World, mode: str, server: str, prefix: str
) -> None:
    async with over_stdio(endpoint(world, server, prefix), world.token, mode) as client:
        found = await travel(client, prefix)
    check(found, MODES[mode], server, prefix)
    check_record(world, server)


@both_eras
@at_all_and_at_one
async def test_fastmcp_works(world: World, mode: str, server: str, prefix: str) -> None:
    async with by_fastmcp(endpoint(world, server, prefix), world.token, mode) as client:
        found = await travel(client, prefix)
    check(found, MODES[mode], server, prefix, hears=False)
    check_record(world, server)


@pytest.mark.parametrize(("script", "revision"), SCRIPTS)
@crosswise
def test_the_typescript_sdks_work(world: World, script: str, revision: str, server: str, prefix: str) -> None:
    words = [script, endpoint(world, server, prefix), prefix]
    found = json.loads(run([new_node(), *words], {"OMNI2_TOKEN": world.token}))
    check(found, revision, server, prefix)
    check_record(world, server)


@pytest.mark.parametrize(("script", "revision"), SCRIPTS)
def test_the_typescript_sdks_work_with_the_program_in_between(
    world: World, script: str, revision: str
) -> None:
    between = json.dumps([sys.executable, "-m", "omni2", "mcp"])
    given = {"OMNI2_TOKEN": world.token, "OMNI2_PROGRAM": between, "PYTHONPATH": str(ROOT / "src")}
    found = json.loads(run([new_node(), script, world.url("everything"), ""], given))
    check(found, revision, "everything", tells_all=False)
    check_record(world, "everything")


@crosswise
def test_the_python_sdk_before_2_works(world: World, server: str, prefix: str) -> None:
    words = [older("python"), "older.py", endpoint(world, server, prefix), prefix]
    found = json.loads(run(words, {"OMNI2_TOKEN": world.token}))
    check(found, "2025-11-25", server, prefix, gives_up=False)


@at_all_and_at_one
def test_the_inspector_lists_and_calls(world: World, server: str, prefix: str) -> None:
    url = endpoint(world, server, prefix)
    assert f'"name": "{prefix}get-sum"' in inspected(world, url, "--method", "tools/list")
    called = ("--method", "tools/call", "--tool-name", f"{prefix}get-sum", *SUM)
    assert "The sum of 2 and 3 is 5." in inspected(world, url, *called)


def test_the_inspector_gets_prompts_and_reads_resources(world: World) -> None:
    url = world.url("everything")
    got = ("--method", "prompts/get", "--prompt-name", "args-prompt", "--prompt-args", "city=Paris")
    assert "What's weather in Paris?" in inspected(world, url, *got)
    read = inspected(world, url, "--method", "resources/read", "--uri", URI)
    assert "Resource 1: This is a plaintext resource" in read


def inspected(world: World, url: str, *words: str) -> str:
    """Return what the Inspector's command line says."""
    header = f"Authorization: Bearer {world.token}"
    program = [new_node(), package(INSPECTOR), "--cli", url, "--transport", "http", "--header", header]
    return run([*program, *words], {})
