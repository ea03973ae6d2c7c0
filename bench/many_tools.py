"""What the number of tools costs a call: ten, and ten thousand.

`OMNI2_BENCH_SECONDS` and `OMNI2_BENCH_ROUNDS` change how long it measures.
"""

import asyncio
import tempfile
from contextlib import ExitStack
from pathlib import Path

from bench.mcp_gateway import ROUNDS, Contender, omni2, running
from tests.support.product import free_port

SERVERS = 5
TOOLS = (2, 2_000)  # of each server
AT_ONCE = 16


async def main() -> None:
    """Measure in turns, print."""
    await asyncio.to_thread(compare)


def compare() -> None:
    """Run one omni2 with few tools and one with many, and call the same tool of each."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        contenders: list[Contender] = []
        for tools in TOOLS:
            port = free_port()
            stack.enter_context(running("bench.mcp_upstream", port, str(tools)))
            url = f"http://127.0.0.1:{port}/mcp"
            house = omni2(f"{tools * SERVERS:,} tools", Path(folder) / str(tools), url, {})
            ours = stack.enter_context(house)
            for number in range(1, SERVERS):
                ours.add_server(f"more-{number}", url)
            contenders.append(ours)
        for _ in range(ROUNDS):
            for one in contenders:
                one.measure(AT_ONCE)
    base = contenders[0].median(AT_ONCE, "rate")
    print(f"{'':24}{'calls/s':>9}{'ratio':>7}{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>9}")
    for one in contenders:
        p50, p99, cpu = (one.median(AT_ONCE, name) for name in ("p50_ms", "p99_ms", "cpu_us"))
        rate = one.median(AT_ONCE, "rate")
        print(f"{one.name:24}{rate:9,.0f}{rate / base:7.2f}{p50:9.2f}{p99:9.2f}{cpu:9.0f}")
