"""Programs on the TypeScript SDKs that sign in by OAuth 2.1: a person allows them in the browser."""

import json
import os
import subprocess
from urllib.parse import urlsplit

import pytest

from tests.conformance.suite import node
from tests.real.programs import CLIENTS, LIMIT_S, package
from tests.real.world import World

pytestmark = [pytest.mark.slow]


def allow(world: World, address: str) -> str:
    """Allow in the browser what is asked; return the address that the browser is sent back to."""
    with world.browser() as browser:
        shown = browser.get(address)
        assert shown.headers.get("location", "").startswith("/consent?"), shown.text
        decided = browser.post("/api/oauth/decide", json={"query": urlsplit(address).query, "allow": True})
        assert decided.status_code == 200, decided.text
        return str(decided.json()["redirect"])


@pytest.mark.parametrize("kind", ["sdk", "client"])
def test_a_program_signs_in_once_and_renews_its_token_by_itself(world: World, kind: str) -> None:
    package("@modelcontextprotocol/sdk/package.json")
    words = [node(), "oauth.js", kind, world.url("everything-http")]
    with subprocess.Popen(
        words,
        cwd=CLIENTS,
        env={**os.environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        assert program.stderr is not None
        try:
            address = program.stdout.readline().strip()
            assert address.startswith(world.product.origin), address + program.stderr.read()
            said, complained = program.communicate(allow(world, address) + "\n", LIMIT_S)
        finally:
            program.kill()
    assert program.returncode == 0, complained
    found = json.loads(said)
    assert found == {
        "tools": 17,
        "call": "The sum of 2 and 3 is 5.",
        "renewed": True,
        "state": "state-of-the-program",
    }
