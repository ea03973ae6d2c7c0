"""Calls of a tool through /mcp, as a ratio to a bare aiohttp relay: speed, latency and CPU a call.

`OMNI2_BENCH_SECONDS` and `OMNI2_BENCH_ROUNDS` change how long it measures. Behind each window it waits until
the product has caught up (index, seals): that is its own cost, told beside the others, and nobody else's.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson

from bench.mcp_load import GENTLE
from tests.support.product import Product, free_port, wait_for_port
from tests.support.services import Postgres
from tests.support.source import ROOT

SECONDS = float(os.environ.get("OMNI2_BENCH_SECONDS", "3"))
ROUNDS = int(os.environ.get("OMNI2_BENCH_ROUNDS", "3"))
CONCURRENCY = (0, 1, 16, 64)  # 0: a gentle few calls a second
LOOK_S, CAUGHT_UP, CATCH_UP_S = 2.0, 0.05, 60.0  # longer than it rests

_PATHS = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}


@dataclass
class Contender:
    """What is measured; `found` holds the results of its rounds by concurrency."""

    name: str
    url: str
    pid: int
    token: str = ""
    tool: str = "echo"
    found: dict[int, list[dict[str, Any]]] = field(default_factory=dict[int, list[dict[str, Any]]])

    def measure(self, concurrency: int) -> None:
        """Run the load once."""
        words = [self.url, self.token or "-", self.tool, str(concurrency), str(SECONDS)]
        command = [sys.executable, "-m", "bench.mcp_load", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env=_PATHS, cwd=ROOT, text=True) as load:
            assert load.stdout is not None
            load.stdout.readline()
            before = cpu_seconds(self.pid)
            result: dict[str, Any] = orjson.loads(load.stdout.readline())
            result["cpu_us"] = (cpu_seconds(self.pid) - before) / max(1, result["calls"]) * 1e6
        spent = cpu_seconds(self.pid)
        self.catch_up()
        result["behind_us"] = (cpu_seconds(self.pid) - spent) / max(1, result["calls"]) * 1e6
        if result["failed"]:
            print(f"{self.name}: {result['failed']} of {result['calls']} failed: {result['sample']}")
        self.found.setdefault(concurrency, []).append(result)

    def catch_up(self) -> None:
        """Wait until it does nothing any more."""
        end = time.monotonic() + CATCH_UP_S
        used = CAUGHT_UP
        while used >= CAUGHT_UP and time.monotonic() < end:
            before = cpu_seconds(self.pid)
            time.sleep(LOOK_S)
            used = (cpu_seconds(self.pid) - before) / LOOK_S

    def add_server(self, slug: str, url: str, timeout_ms: int = 30_000) -> None:
        """Add a server for everyone, which may be called as often at once as there are callers."""
        body = {"slug": slug, "title": slug, "transport": "http", "url": url, "grant": "everyone"}
        answer = httpx.post(
            f"{self.url.removesuffix('/mcp')}/api/servers",
            json={**body, "timeout_ms": timeout_ms, "concurrency": max(CONCURRENCY)},
            headers={"authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text

    def median(self, concurrency: int, name: str) -> float:
        """Return the median of a figure over the rounds."""
        rounds = self.found[concurrency]
        return statistics.median(
            one["calls"] / one["seconds"] if name == "rate" else one[name] for one in rounds
        )


async def main() -> None:
    """Start everything, measure in turns, print."""
    await asyncio.to_thread(compare)


def compare() -> None:
    """Measure all contenders in interleaved rounds."""
    wanted = os.environ.get("OMNI2_BENCH_ONLY", "full,normal,postgresql").split(",")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        upstream = free_port()
        stack.enter_context(running("bench.mcp_upstream", upstream))
        url = f"http://127.0.0.1:{upstream}/mcp"
        contenders = [relay(stack, "bare aiohttp relay", url, "asyncio")]
        contenders.append(relay(stack, "the same on uvloop", url, "uvloop"))
        if "full" in wanted:
            contenders.append(stack.enter_context(omni2("SQLite FULL", Path(folder) / "full", url, {})))
        if "normal" in wanted:
            normal = {"OMNI2_SQLITE_SYNCHRONOUS": "NORMAL"}
            contenders.append(
                stack.enter_context(omni2("SQLite NORMAL", Path(folder) / "normal", url, normal))
            )
        if "postgresql" in wanted:
            server = Postgres()
            stack.callback(server.stop)
            database = {"OMNI2_DATABASE_URL": server.url("postgres")}
            contenders.append(stack.enter_context(omni2("PostgreSQL", Path(folder) / "pg", url, database)))
        for _ in range(ROUNDS):
            for concurrency in CONCURRENCY:
                for contender in contenders:
                    contender.measure(concurrency)
        report(contenders)


def relay(stack: ExitStack, name: str, url: str, loop: str) -> Contender:
    """Run a relay to `url` on an event loop."""
    port = free_port()
    pid = stack.enter_context(running("bench.mcp_relay", port, url, loop))
    return Contender(name, f"http://127.0.0.1:{port}/mcp", pid)


def report(contenders: list[Contender]) -> None:
    """Print a table; the ratios are to the first."""
    columns = ("calls/s", "ratio", "p50 ms", "p95 ms", "p99 ms", "CPU us", "later us")
    print(" " * 32 + "".join(f"{name:>{7 if name == 'ratio' else 9}}" for name in columns))
    for concurrency in CONCURRENCY:
        base = contenders[0].median(concurrency, "rate")
        for one in contenders:
            rate = one.median(concurrency, "rate")
            times = "".join(
                f"{one.median(concurrency, name):9.2f}" for name in ("p50_ms", "p95_ms", "p99_ms")
            )
            cpu = "".join(f"{one.median(concurrency, name):9.0f}" for name in ("cpu_us", "behind_us"))
            load = f"{concurrency} at once" if concurrency else f"{GENTLE} a second"
            print(f"{one.name + f', {load}':32}{rate:9,.0f}{rate / base:7.2f}{times}{cpu}")


@contextmanager
def omni2(name: str, data: Path, upstream: str, environment: dict[str, str]) -> Iterator[Contender]:
    """Run omni2 with the server behind it."""
    product = Product(data, environment=environment)
    try:
        product.start()
        person = "bench@example.com"
        command(data, environment, "admin", "create", person, "--password-stdin", given="bench-Bench-2026!")
        token = command(data, environment, "token", "create", "--user", person, "--scopes", "mcp,api").strip()
        ours = Contender(f"omni2, {name}", f"{product.origin}/mcp", product.pid, token, "bench__echo")
        ours.add_server("bench", upstream)
        yield ours
    finally:
        product.stop()


def command(data: Path, environment: dict[str, str], *words: str, given: str = "") -> str:
    """Run one command of omni2; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "omni2", *words, "--data", str(data)],
        env={**_PATHS, **environment},
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def running(module: str, port: int, *words: str) -> Iterator[int]:
    """Run a Python program that listens on `port`; yields its process id."""
    command = [sys.executable, "-m", module, str(port), *words]
    process = subprocess.Popen(command, env=_PATHS, cwd=ROOT)
    try:
        wait_for_port(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(10)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
