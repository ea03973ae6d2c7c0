"""Runs the benchmarks that are named, or all: `make bench ARGS=lane`."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from bench import audit, bad_upstream, block, flows_history, lane, live, many_tools, mcp_gateway

BENCHMARKS: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
    "lane": lane.main,
    "audit": audit.main,
    "block": block.main,
    "live": live.main,
    "mcp_gateway": mcp_gateway.main,
    "bad_upstream": bad_upstream.main,
    "many_tools": many_tools.main,
    "flows_history": flows_history.main,
}


def main(names: list[str]) -> int:
    """Run benchmarks one after the other; return the exit code."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        print(f"\n{name}: {(sys.modules[BENCHMARKS[name].__module__].__doc__ or '').strip().splitlines()[0]}")
        asyncio.run(BENCHMARKS[name]())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
