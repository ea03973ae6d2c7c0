"""Servers that people sign in to, from the command line: added, asked by what was given, told where."""

import asyncio
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from omni2.cli import server
from tests.cli.test_people import Shell
from tests.support.mcp_servers.raw_http import serving
from tests.support.mcp_servers.vault import Vault
from tests.support.signing import open_bank


async def shell(data: Path, *words: str) -> tuple[int, str]:
    """Run one command beside this very process, which serves what it asks; return its end and its words."""
    command = [sys.executable, "-m", "omni2", "server", *words, "--data", str(data)]
    process = await asyncio.create_subprocess_exec(
        *command, env={**os.environ}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, wrong = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, (said + wrong).decode()


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("per-user", "People connect their accounts at http://127.0.0.1:8400/tools?connect=vault"),
        ("shared", "An administrator signs in at http://127.0.0.1:8400/admin/servers/"),
    ],
)
async def test_a_server_is_added_and_it_is_said_where_people_sign_in(
    tmp_path: Path, mode: str, words: str
) -> None:
    (tmp_path / "data").mkdir()
    async with serving(Vault()) as url:
        code, said = await shell(tmp_path / "data", "add", "vault", "--url", f"{url}/mcp", "--sign-in", mode)
    assert code == 0, said
    assert words in said


def test_a_program_takes_no_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNI2_STDIO_ENABLED", "true")
    monkeypatch.setenv("OMNI2_STDIO_COMMANDS", "uvx")
    (tmp_path / "data").mkdir()
    words = ("add", "vault", "--command", "uvx", "x", "--sign-in", "shared")
    refused = Shell(tmp_path / "data")(server.app, *words)
    assert refused.exit_code != 0
    assert "takes no sign-in" in refused.stderr


async def test_who_signs_in_is_changed_and_told(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    async with serving(Vault()) as url:
        await shell(tmp_path / "data", "add", "vault", "--url", f"{url}/mcp", "--no-probe")
        words = ("sign-in", "vault", "per-user", "--client-id", "ours", "--scopes", "a b", "--json")
        code, said = await shell(tmp_path / "data", *words)
    assert code == 0, said
    found = json.loads(said)
    assert (found["mode"], found["client_id"], found["scopes"]) == ("per_user", "ours", "a b")
    assert found["sign_in_url"] == "http://127.0.0.1:8400/tools?connect=vault"
    assert found["redirect_uri"] == "http://127.0.0.1:8400/oauth/upstream/callback"


async def test_a_server_is_asked_with_what_was_signed_in_for(sqlite_template: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, data / 'omni2.db')}"
    async with open_bank(url, data, demo=False) as bank:
        await bank.add("shared")
        await bank.connect(bank.boss, "office@vault.test", page="server")
        await bank.checked()
        code, said = await shell(data, "probe", "vault")
        assert (code, said.strip()) == (0, "vault: connected")
        assert (await bank.checked())["state"] == "connected"
