"""The commands for people, tokens and credits: what they print, and that a running server notices."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer import Typer
from typer.testing import CliRunner, Result

from omni2.cli import admin, token, usage, user
from omni2.identity.auth import Authenticator
from omni2.identity.epochs import Mirror
from omni2.identity.follower import follow_epochs
from omni2.identity.people import find_user
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.lease import Lease
from omni2.kernel.tasks import Supervisor
from omni2.live.block import Blocking
from omni2.live.registry import Ending, Handle, Registry
from omni2.live.watch import watch_epochs
from omni2.migrations import upgrade

PASSWORD = "correct horse battery"
BOB = "bob@example.org"


class Shell:
    """Runs commands on one data directory."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._runner = CliRunner()

    def __call__(self, app: Typer, *words: str, stdin: str | None = None) -> Result:
        return self._runner.invoke(app, [*words, "--data", str(self.data)], input=stdin)

    def ok(self, app: Typer, *words: str, stdin: str | None = None) -> str:
        result = self(app, *words, stdin=stdin)
        assert result.exit_code == 0, result.stderr
        return result.stdout.strip()


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    (tmp_path / "data").mkdir()
    return Shell(tmp_path / "data")


def test_an_administrator_is_made_before_the_first_start(shell: Shell) -> None:
    shell.ok(admin.app, "create", "Ada@Example.org", "--password-stdin", stdin=PASSWORD + "\n")
    (row,) = json.loads(shell.ok(user.app, "list", "--json"))
    assert (row["email"], row["role"], row["status"]) == ("ada@example.org", "admin", "active")


def test_without_a_password_a_one_time_link_is_printed_alone(shell: Shell) -> None:
    link = shell.ok(admin.app, "create", "ada@example.org")
    assert link.startswith("http://127.0.0.1:8400/setup#")
    made = json.loads(shell.ok(user.app, "create", BOB, "--role", "auditor", "--json"))
    assert (made["user"]["role"], made["user"]["status"]) == ("auditor", "invited")
    assert "/setup#" in made["link"]


def test_a_token_is_printed_alone_and_its_secret_is_not_stored(shell: Shell) -> None:
    shell.ok(user.app, "create", BOB, "--password-stdin", stdin=PASSWORD + "\n")
    secret = shell.ok(token.app, "create", "--user", BOB, "--scopes", "chat,mcp", "--expires", "90d")
    assert secret.startswith("omni2_")
    assert "\n" not in secret
    limited = ("--scopes", "mcp", "--servers", "shop, wiki", "--json")
    made = json.loads(shell.ok(token.app, "create", "--user", BOB, *limited))
    assert (made["token"]["scopes"], made["token"]["servers"]) == (["mcp"], ["shop", "wiki"])
    made = json.loads(shell.ok(token.app, "create", "--user", BOB, "--scopes", "api", "--json"))
    assert (made["token"]["scopes"], made["token"]["expires_at"]) == (["api"], None)
    stored = b"".join(path.read_bytes() for path in shell.data.rglob("*") if path.is_file())
    assert secret.encode() not in stored


@pytest.mark.parametrize(
    ("app", "words"),
    [
        (user.app, ("create", "no address")),
        (user.app, ("create", BOB, "--role", "owner")),
        (user.app, ("block", "nobody@example.org")),
        (user.app, ("unblock", "ada@example.org")),
        (user.app, ("role", "ada@example.org", "member")),
        (user.app, ("block", "ada@example.org")),
        (user.app, ("block", "ada@example.org", "--scope", "kitchen")),
        (admin.app, ("create", "ADA@example.org")),
        (token.app, ("create", "--user", "ada@example.org", "--scopes", "kitchen")),
        (token.app, ("create", "--user", "ada@example.org", "--scopes", "api", "--expires", "soon")),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(shell: Shell, app: Typer, words: tuple[str, ...]) -> None:
    shell.ok(admin.app, "create", "ada@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    result = shell(app, *words)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr.startswith("omni2: ")
    assert result.stderr.count("\n") == 1


def test_a_weak_password_creates_nobody(shell: Shell) -> None:
    result = shell(admin.app, "create", "ada@example.org", "--password-stdin", stdin="short\n")
    assert (result.exit_code, result.stderr) == (1, "omni2: Use at least 12 characters.\n")
    assert shell.ok(user.app, "list") == ""


def test_a_database_of_a_newer_version_is_left_alone(shell: Shell) -> None:
    shell.ok(user.app, "list")
    connection = sqlite3.connect(shell.data / "omni2.db")
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    result = shell(user.app, "list")
    assert result.exit_code == 1
    assert "9999" in result.stderr


def test_books_that_are_right_are_reconciled(shell: Shell) -> None:
    assert shell.ok(usage.app, "verify").startswith("Reconciled")
    assert json.loads(shell.ok(usage.app, "verify", "--json")) == {"reconciled": True, "differences": []}
    connection = sqlite3.connect(shell.data / "omni2.db")
    connection.execute("INSERT INTO budget_windows VALUES ('w', 'u', 0, 10, 7, 0)")
    connection.commit()
    connection.close()
    result = shell(usage.app, "verify")
    assert result.exit_code == 1
    assert "used 7, ledger 0" in result.stdout


def test_blocks_and_roles_are_changed_while_nothing_runs(shell: Shell) -> None:
    shell.ok(admin.app, "create", "ada@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    shell.ok(user.app, "create", BOB)
    receipt = json.loads(shell.ok(user.app, "block", BOB, "--message", "Call us.", "--json"))
    assert (receipt["block"]["message"], receipt["block"]["by"]) == ("Call us.", "command line")
    assert receipt["replicas"] == []
    assert "blocked (everywhere)" in shell.ok(user.app, "list")
    shell.ok(user.app, "unblock", BOB)
    assert "blocked" not in shell.ok(user.app, "list")
    assert "admin now" in shell.ok(user.app, "role", BOB, "admin")


@asynccontextmanager
async def _served(data: Path) -> AsyncIterator[tuple[Database, Mirror, Registry]]:
    """What a running server has of blocks: a lease, a mirror that follows, and a registry."""
    database = Database(f"sqlite+aiosqlite:///{data / 'omni2.db'}", MemoryBus())
    await upgrade(database)
    lease, mirror, supervisor = Lease(database), Mirror(database), Supervisor()
    await lease.acquire()
    await mirror.refresh()
    registry = Registry(mirror)
    blocking = Blocking(database, mirror, registry, lambda: lease.replica_id)
    watch_epochs(mirror, blocking, Authenticator(database, mirror), registry, supervisor)
    follow_epochs(supervisor, database, mirror, database.bus)
    yield database, mirror, registry
    await supervisor.aclose()
    await lease.release()
    await database.aclose()


async def test_a_block_from_the_command_line_reaches_the_running_server(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omni2.live.confirmations.WAIT_S", 60.0)
    told: list[Ending] = []

    async def end(ending: Ending) -> None:
        told.append(ending)

    async with _served(shell.data) as (database, mirror, registry):
        await asyncio.to_thread(shell.ok, user.app, "create", BOB)
        async with database.read() as session:
            bob = await find_user(session, BOB)
        assert bob is not None
        with registry.hold(Handle("socket", bob.user_id, "chat", "c", end)):
            words = ("block", BOB, "--message", "Call us.", "--json")
            receipt = json.loads(await asyncio.to_thread(shell.ok, user.app, *words))
        assert [ending.message for ending in told] == ["Call us."]
        assert (receipt["sockets_closed"], [r["confirmed"] for r in receipt["replicas"]]) == (1, [True])
        assert mirror.refused(bob.user_id, "mcp")
        await asyncio.to_thread(shell.ok, user.app, "unblock", BOB)
        await mirror.refresh()
        assert not mirror.refused(bob.user_id, "mcp")
