"""Servers in the own network, from the command line."""

from pathlib import Path

import pytest

from omni2.cli import server
from tests.cli.test_people import Shell

ELSEWHERE = "http://192.0.2.1/mcp"


@pytest.mark.parametrize("words", [("add", "desk", "--no-probe"), ("probe", "desk")])
def test_a_private_address_is_refused_with_the_option_that_allows_it(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "data").mkdir()
    refused = Shell(tmp_path / "data")(server.app, *words, "--url", ELSEWHERE)
    assert refused.exit_code != 0
    assert "192.0.2.1, a private address" in refused.output
    assert "With --private it is." in refused.output
