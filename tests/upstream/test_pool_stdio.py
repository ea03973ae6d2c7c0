"""Stdio servers as real processes: what they may see, how they fail, and that none outlives its owner."""

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from omni2.kernel.errors import Problem
from omni2.upstream.pool import SessionPool
from tests.support.pools import call_tool
from tests.upstream.outside import until
from tests.upstream.targets import RAW_STDIO, over_stdio

OWNER = str(Path(__file__).with_name("owner.py"))


def alive(pid: int) -> bool:
    """Whether a process exists and is more than a zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):  # gone before it was opened, or before it was read
        return False
    return state != "Z"


async def all_gone(*pids: int) -> None:
    """Wait until none of these processes lives."""
    await until(lambda: not any(alive(pid) for pid in pids))


def logged(path: Path) -> list[str]:
    return [json.loads(line)["method"] for line in path.read_text(encoding="utf-8").splitlines()]


async def test_many_calls_share_one_process(pool: SessionPool, tmp_path: Path) -> None:
    log = tmp_path / "log"
    target = over_stdio(env=(("RAW_LOG", str(log)),))
    outcomes = await asyncio.gather(*(call_tool(pool, target, "echo", {"text": str(n)}) for n in range(20)))
    assert [outcome.text for outcome in outcomes] == [str(n) for n in range(20)]
    assert logged(log).count("initialize") == 1


@pytest.mark.parametrize(
    ("tool", "words"), [("die", "ended"), ("invalid", "not a JSON-RPC message"), ("giant", "more than 4 MiB")]
)
async def test_a_server_that_breaks_fails_the_call_and_the_next_one_starts_it_anew(
    pool: SessionPool, tool: str, words: str
) -> None:
    target = over_stdio()
    outcome = await call_tool(pool, target, tool, {})
    assert outcome.status == "upstream_error"
    assert words in (outcome.error or "")
    assert (await call_tool(pool, target, "echo", {"text": "again"})).text == "again"


async def test_a_log_line_on_stdout_does_no_harm(pool: SessionPool) -> None:
    assert (await call_tool(pool, over_stdio(), "noise", {})).text == "still here"


async def test_a_failed_tool_is_a_tool_error_with_its_words(pool: SessionPool) -> None:
    outcome = await call_tool(pool, over_stdio(), "fail", {})
    assert (outcome.status, outcome.text, outcome.error) == ("tool_error", "no such order", "no such order")


async def test_a_timeout_and_a_cancellation_both_reach_the_server(pool: SessionPool, tmp_path: Path) -> None:
    log = tmp_path / "log"
    target = over_stdio(env=(("RAW_LOG", str(log)),))
    assert (await call_tool(pool, target, "echo", {})).status == "ok"
    assert (await call_tool(pool, target, "hang", {}, timeout_ms=200)).status == "timeout"
    task = asyncio.create_task(call_tool(pool, target, "hang", {}))
    await until(lambda: logged(log).count("tools/call") == 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(lambda: logged(log).count("notifications/cancelled") == 2)


async def test_a_server_sees_a_clean_environment(pool: SessionPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNI2_SECRET_KEY", "planted")
    outcome = await call_tool(pool, over_stdio(env=(("TOKEN", "given"),)), "environment", {})
    seen = json.loads(outcome.text)
    assert set(seen) - {"LC_CTYPE"} <= {"PATH", "HOME", "LANG", "TOKEN"}
    assert seen["TOKEN"] == "given"


async def test_only_allowed_commands_run(tmp_path: Path) -> None:
    pool = SessionPool(stdio_commands=frozenset({sys.executable}))
    allowed = over_stdio(builtin=False)
    assert (await call_tool(pool, allowed, "echo", {"text": "x"})).status == "ok"
    disguised = tmp_path / Path(sys.executable).name
    disguised.symlink_to(sys.executable)
    for program in ("sh", str(disguised)):
        refused = over_stdio(program, RAW_STDIO, builtin=False, server_id=program)
        with pytest.raises(Problem) as caught:
            await pool.probe(refused)
        assert caught.value.code == "command_not_allowed"
        assert (await call_tool(pool, refused, "echo", {})).status == "upstream_error"
    await pool.aclose()


async def test_no_shell_reads_the_command(pool: SessionPool, tmp_path: Path) -> None:
    planted = tmp_path / "planted"
    with pytest.raises(Problem) as caught:
        await pool.probe(over_stdio(f"true; touch {planted}"))
    assert caught.value.code == "server_unreachable"
    assert not planted.exists()


async def test_a_program_that_is_no_server_fails_the_probe_with_its_last_words(pool: SessionPool) -> None:
    target = over_stdio(sys.executable, "-c", "import sys; sys.exit('cannot find the config')")
    with pytest.raises(Problem) as caught:
        await pool.probe(target)
    assert caught.value.code == "server_unreachable"
    assert "cannot find the config" in pool.stderr_tail("s1")


async def test_a_server_that_never_answers_fails_in_time_and_its_process_is_gone(
    pool: SessionPool, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    target = over_stdio(env=(("RAW_LOG", str(log)), ("RAW_SILENT", "1")), timeout_ms=3_000)
    with pytest.raises(Problem) as caught:
        await pool.probe(target)
    assert caught.value.code == "server_timeout"
    await pool.aclose()
    pid = json.loads(log.read_text(encoding="utf-8").splitlines()[0])["pid"]
    await all_gone(pid)


@pytest.mark.parametrize("env", [(), (("RAW_STUBBORN", "1"),)])
async def test_closing_leaves_no_process_even_of_a_stubborn_server(
    pool: SessionPool, env: tuple[tuple[str, str], ...]
) -> None:
    outcome = await call_tool(pool, over_stdio(env=env), "spawn", {})
    server, grandchild = (int(pid) for pid in outcome.text.split())
    assert alive(server)
    assert alive(grandchild)
    await pool.aclose()
    await all_gone(server, grandchild)


async def test_killing_the_owner_leaves_no_child_and_no_grandchild() -> None:
    owner = await asyncio.create_subprocess_exec(
        sys.executable, OWNER, RAW_STDIO, stdout=asyncio.subprocess.PIPE
    )
    assert owner.stdout is not None
    server, grandchild = (int(pid) for pid in (await owner.stdout.readline()).split())
    assert alive(server)
    os.kill(owner.pid, signal.SIGKILL)
    await owner.wait()
    await all_gone(server, grandchild)


async def test_cancelling_a_caller_while_the_server_starts_leaks_no_process(
    pool: SessionPool, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    target = over_stdio(env=(("RAW_LOG", str(log)), ("RAW_SILENT", "1")))
    task = asyncio.create_task(call_tool(pool, target, "echo", {}))
    await until(lambda: log.exists() and log.read_text(encoding="utf-8").endswith("\n"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await pool.aclose()
    await all_gone(json.loads(log.read_text(encoding="utf-8").splitlines()[0])["pid"])


async def test_a_real_server_of_the_official_sdk_is_understood(pool: SessionPool) -> None:
    target = over_stdio(sys.executable, "-m", "mcp_server_time", timeout_ms=30_000)
    catalogue = await pool.list_tools(target)
    assert {tool.name for tool in catalogue.tools} == {"get_current_time", "convert_time"}
    outcome = await call_tool(pool, target, "get_current_time", {"timezone": "Asia/Tokyo"})
    assert outcome.status == "ok"
    assert "Asia/Tokyo" in outcome.text
    wrong = await call_tool(pool, target, "get_current_time", {"timezone": "Nowhere/Land"})
    assert wrong.status == "tool_error"


async def test_a_refusal_with_the_code_of_a_closed_connection_ends_nothing(pool: SessionPool) -> None:
    target = over_stdio()
    outcome = await call_tool(pool, target, "refuse", {})
    assert (outcome.status, outcome.error) == ("upstream_error", "Fixture refused: not today")
    assert outcome.code == -32000
    await pool.aclose()
