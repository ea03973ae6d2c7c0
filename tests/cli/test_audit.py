"""`omni2 audit` and `omni2 flows` as people run them: where nobody serves, and on a copy of it."""

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from tests.support.source import ROOT
from tests.support.stage import staged


def omni2(data: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command on a data directory."""
    return subprocess.run(
        [sys.executable, "-m", "omni2", *words, "--data", str(data)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )


@pytest.fixture
def data(tmp_path: Path, sqlite_template: Path) -> Path:
    """A data directory with three flows."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    shutil.copy(sqlite_template, folder / "omni2.db")
    asyncio.run(_fill(folder))
    return folder


async def _fill(folder: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{folder}/omni2.db", MemoryBus())
    async with staged(database) as stage:
        ann = await stage.person("Ann")
        for _ in range(3):
            await stage.call(ann, "wiki")
    await database.aclose()


def test_a_record_is_sealed_exported_copied_and_proven_and_a_thief_is_found(
    data: Path, tmp_path: Path
) -> None:
    assert omni2(data, "audit", "seal").returncode == 0
    verified = omni2(data, "audit", "verify", "--json")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["rows"]["flows"] == 3
    lines = omni2(data, "flows", "export", "--query", "status:ok", "--format", "jsonl").stdout.splitlines()
    assert [len(json.loads(line)["checkpoints"]) for line in lines] == [4, 4, 4]
    bundle = tmp_path / "bundle.json"
    assert omni2(data, "flows", "export", "--format", "json", "-o", str(bundle)).returncode == 0
    cut_off = b"".join(bundle.read_bytes().splitlines(keepends=True)[:2])
    first = json.loads(lines[0])["flow_id"]
    rest = omni2(data, "flows", "export", "--format", "json", "--after", first).stdout
    bundle.write_bytes(cut_off + rest)
    told = json.loads(omni2(data, "flows", "import", str(bundle), "--json").stdout)
    assert (told["flows"], told["proof"]) == (3, "verified")
    assert omni2(data, "audit", "verify").returncode == 0, "what commands wrote is sealed by them"
    copy = tmp_path / "copy"
    shutil.copytree(data, copy)
    with sqlite3.connect(copy / "omni2.db") as store:
        store.execute("DELETE FROM flow_records WHERE key = (SELECT MAX(key) FROM flow_records)")
    found = omni2(
        copy, "audit", "verify", "--anchors", str(data / "anchors"), "--key", str(data / "seal.pub")
    )
    assert found.returncode == 1
    assert b"missing" in found.stderr
    assert found.stderr.count(b"\n") == 1
