"""What one bad server of fifty costs the callers of the others, as a ratio to none being called.

`OMNI2_BENCH_SECONDS` changes how long each is measured, `OMNI2_BENCH_RATE` how many calls a second there are.
"""

import asyncio
import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bench.mcp_gateway import Contender, cpu_seconds, omni2, running
from bench.mcp_load import Client, Load, message
from bench.mcp_villain import VICES
from tests.support.product import free_port

SECONDS = float(os.environ.get("OMNI2_BENCH_SECONDS", "8"))
RATE = float(os.environ.get("OMNI2_BENCH_RATE", "100"))
GOOD = 49
CALLERS, BAD_CALLERS = 25, 4
TIMEOUT_MS = 1_000
MAX_TIMES = 10  # with progress, a request may take so many of its timeouts
SAID = 90


@dataclass
class Town:
    """omni2 with its servers behind it."""

    url: str
    token: str
    pid: int
    times: list[float] = field(default_factory=list[float])
    waits: list[float] = field(default_factory=list[float])
    said: set[str] = field(default_factory=set[str])

    async def caller(self, number: int, until: float) -> None:
        """Call the good servers in turn, at an even rate, and note how long each took (ms)."""
        client, head = await Load(self.url, self.token, "").connect()
        pause = CALLERS / RATE
        due = time.perf_counter() + pause * number / CALLERS
        turn = number
        while due < until:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            turn += 1
            began = time.perf_counter()
            answer = await call(client, head, f"good-{turn % GOOD}__echo", turn)
            self.times.append((time.perf_counter() - began) * 1000)
            if f"echo: number {turn}" not in str(answer):
                self.said.add(f"A GOOD SERVER FAILED: {str(answer)[:SAID]}")
            due += pause

    async def victim(self, vice: str, until: float) -> None:
        """Call the bad server again and again; note how long each took (ms), and what was said."""
        client, head = await Load(self.url, self.token, "").connect()
        turn = 0
        while time.perf_counter() < until:
            turn += 1
            began = time.perf_counter()
            answer = await call(client, head, f"{vice}__echo", turn)
            self.waits.append((time.perf_counter() - began) * 1000)
            result: dict[str, Any] = answer.get("result", {})
            words = result["content"][0]["text"] if "content" in result else str(answer.get("error"))
            if "left alone" not in words:
                self.said.add(words[:SAID])
            await asyncio.sleep(0.05)

    async def measure(self, vice: str | None) -> None:
        """Measure the good servers while the bad one is called, or is not."""
        self.times.clear()
        self.waits.clear()
        self.said.clear()
        before, until = cpu_seconds(self.pid), time.perf_counter() + SECONDS
        villains = [self.victim(vice, until) for _ in range(BAD_CALLERS)] if vice else []
        await asyncio.gather(*(self.caller(number, until) for number in range(CALLERS)), *villains)
        self.report(vice, (cpu_seconds(self.pid) - before) / SECONDS * 100)

    def report(self, vice: str | None, busy: float) -> None:
        """Print a line."""
        times = sorted(self.times)
        p50, p99 = (times[min(len(times) - 1, len(times) * share // 100)] for share in (50, 99))
        waited = f"{max(self.waits):9,.0f}" if self.waits else f"{'':9}"
        words, memory = " | ".join(sorted(self.said)), rss_mib(self.pid)
        print(
            f"{vice or 'none':10}{len(times):7,}{p50:8.1f}{p99:8.1f}{waited}{busy:6.0f} %{memory:7.0f}"
            f"  {words}",
            flush=True,
        )


async def call(client: Client, head: bytes, tool: str, number: int) -> dict[str, Any]:
    """Call a tool, and return the last message of the answer, a stream or not."""
    params = {"name": tool, "arguments": {"text": f"number {number}"}}
    body = await client.ask(head, message("tools/call", params, number))
    if body.startswith(b"{"):
        return orjson.loads(body)
    events = [line[6:] for line in body.split(b"\n") if line.startswith(b"data: ")]
    return orjson.loads(events[-1]) if events else {}


async def main() -> None:
    """Start everything, measure each vice between two times without, print."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        good, bad = free_port(), free_port()
        await asyncio.to_thread(stack.enter_context, running("bench.mcp_upstream", good))
        await asyncio.to_thread(stack.enter_context, running("bench.mcp_villain", bad))
        house = omni2("SQLite FULL", Path(folder) / "data", f"http://127.0.0.1:{good}/mcp", {})
        ours = await asyncio.to_thread(stack.enter_context, house)
        await asyncio.to_thread(add_servers, ours, good, bad)
        town = Town(ours.url, ours.token, ours.pid)
        print(
            f"{'bad one':10}{'calls':>7}{'p50 ms':>8}{'p99 ms':>8}{'bad ms':>9}{'CPU':>8}{'MiB':>7}"
            "  said of it"
        )
        for vice in (None, *VICES, None):
            await town.measure(vice)
        print(f"The timeout is {TIMEOUT_MS:,} ms, with progress {TIMEOUT_MS * MAX_TIMES:,} ms in all.")


def add_servers(ours: Contender, good: int, bad: int) -> None:
    """Add the good servers, and a bad one for each vice."""
    for number in range(GOOD):
        ours.add_server(f"good-{number}", f"http://127.0.0.1:{good}/mcp", TIMEOUT_MS)
    for vice in VICES:
        ours.add_server(vice, f"http://127.0.0.1:{bad}/{vice}", TIMEOUT_MS)


def rss_mib(pid: int) -> float:
    """Return the memory of a process (MiB)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1]) / 1024
