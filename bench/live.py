"""1,000 checkpoints a second of 50 watched people: how old they are at a watcher, and on a screen."""

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from omni2.app.server import settle_memory
from omni2.flows.checkpoints import BlockCheck, ToolCall, ToolResult
from omni2.flows.phase import Entry, Opening
from omni2.insight import watch_inbox
from omni2.insight.watch_socket import WatchConnection
from tests.support.app import Person, Served, eventually
from tests.support.house import House, open_house
from tests.support.source import ROOT
from tests.support.watchers import SleepyWatcher, monitor

PEOPLE, PER_SECOND, SECONDS = 50, 1_000, 10.0
PHASES, STEPS = 3, 4
FLOW_STEPS = PHASES * STEPS + 1
SETTLE_S = 1.5
PROMISED_MS, PROMISED_BYTES = 250.0, 2 * 1024 * 1024


async def main() -> None:
    """Measure nobody watching, one watcher of all, and one beside another that never reads."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(f"sqlite+aiosqlite:///{folder}/omni2.db", Path(folder)) as house:
            people = [await house.served.person(f"P{number}") for number in range(PEOPLE)]
            for person in people:
                await monitor(house.served, house.boss, person)
            settle_memory()
            await load(house.served, people, 2.0)
            quiet = await load(house.served, people, SECONDS)
            print(f"  nobody watches: {quiet.words()}")
            await watched(house, people, "one watcher of all")
            await beside_a_sleeper(house, people)
            await on_the_screen(house, people)
    print(f"  promised: p95 <= {PROMISED_MS:.0f} ms to the screen, a sleeper holds at most 2 MiB")


@dataclass(frozen=True, slots=True)
class Load:
    """How many checkpoints were recorded in how long, and at what CPU of this process (s)."""

    checkpoints: int
    seconds: float
    cpu_s: float

    def words(self) -> str:
        """Return the same in words."""
        rate, each = self.checkpoints / self.seconds, self.cpu_s / self.checkpoints * 1e6
        return (
            f"{rate:,.0f} checkpoints/s, CPU {each:.0f} us each ({self.cpu_s / self.seconds:.0%} of a core)"
        )


async def load(served: Served, people: Sequence[Person], seconds: float) -> Load:
    """Record flows of people in turn at the wanted rate."""
    began, cpu = time.perf_counter(), cpu_s()
    number, running = 0, set[asyncio.Task[None]]()
    while (at := number * FLOW_STEPS / PER_SECOND) < seconds:
        await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
        task = asyncio.create_task(one_flow(served, people[number % len(people)], number))
        running.add(task)
        task.add_done_callback(running.discard)
        number += 1
    await asyncio.gather(*running)
    return Load(number * FLOW_STEPS, time.perf_counter() - began, cpu_s() - cpu)


async def one_flow(served: Served, person: Person, number: int) -> None:
    """Record a flow in a few phases, as a call to a tool does."""
    recorder = served.process.engine.recorder
    async with recorder.open(Opening(person.user_id, "mcp", f"wiki.search {number}")) as flow:
        for phase in range(PHASES):
            call_id = f"c{phase}"
            call = ToolCall(server="wiki", tool="search", call_id=call_id, arguments={"q": "x" * 80})
            result = ToolResult(
                server="wiki", tool="search", call_id=call_id, status="ok", size_bytes=900, preview="y" * 300
            )
            check = BlockCheck(scope="mcp", epoch=0)
            await flow.write(Entry(check), Entry(check), Entry(call, "info"), Entry(result, "info"))


async def watched(house: House, people: Sequence[Person], name: str) -> None:
    """Run the load with a watcher of all in a process of its own; print what it saw."""
    url = house.served.url.replace("http", "ws", 1) + "/ws/watch"
    words = (url, house.boss.cookie, str(SECONDS + 2 * SETTLE_S), ",".join(one.user_id for one in people))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.live_watcher", *words), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    await asyncio.sleep(SETTLE_S)
    loaded = await load(house.served, people, SECONDS)
    out = await process.stdout.read()
    await process.wait()
    seen: dict[str, Any] = json.loads(out)
    print(f"  {name}: {loaded.words()}")
    print(f"    frames: {spread(seen['ages'])}, missed {seen['missed']}, twice {seen['doubled']}")


async def on_the_screen(house: House, people: Sequence[Person]) -> None:
    """Run the load with the Live page of all in a browser on this machine; print how old what it drew was."""
    words = (
        house.served.url,
        house.boss.cookie,
        str(SECONDS + SETTLE_S),
        ",".join(p.user_id for p in people),
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.live_screen", *words), cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    await process.stdout.readline()
    loaded = await load(house.served, people, SECONDS)
    out = await process.stdout.read()
    await process.wait()
    seen: dict[str, Any] = json.loads(out)
    print(f"  a browser with {PEOPLE} panels, {seen['panels']} of them on the screen: {loaded.words()}")
    print(f"    at its socket: {spread(seen['socket'])}")
    print(f"    on the screen: {spread(seen['screen'])}, never {seen['never']}, {seen['frames']} frames,")
    print(f"    tasks of more than 50 ms: {seen['long_tasks_ms'] / 1000:.1f} s")


async def beside_a_sleeper(house: House, people: Sequence[Person]) -> None:
    """The same beside a watcher of all that never reads; print what waits for it."""
    sleeper = await SleepyWatcher.connect(house.served.url, house.served.credentials(house.boss))
    await sleeper.read_until(b"\r\n\r\n")
    await sleeper.send(type="watch", user_ids=[person.user_id for person in people])
    feed = house.served.process.watch.feed
    await eventually(lambda: bool(feed.watchers_of(people[-1].user_id)))
    (connection,) = feed.watchers_of(people[-1].user_id)
    assert isinstance(connection, WatchConnection)
    most = 0

    async def look() -> None:
        nonlocal most
        while True:
            most = max(most, connection.waiting_bytes)
            await asyncio.sleep(0.05)

    looking = asyncio.create_task(look())
    await watched(house, people, "beside one that never reads")
    looking.cancel()
    print(f"    at most {most / 1024:,.0f} KiB waited for it, of {watch_inbox.LIMIT_BYTES / 1024:,.0f}")
    assert most <= PROMISED_BYTES
    sleeper.reset()


def cpu_s() -> float:
    """Return what CPU this process took so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def spread(ages: Sequence[float]) -> str:
    """Return p50, p95 and the highest age of checkpoints when their frames came (ms)."""
    ordered = sorted(ages) or [float("nan")]
    p50, p95 = (ordered[min(len(ordered) - 1, int(len(ordered) * part))] for part in (0.5, 0.95))
    return f"{len(ages):,} checkpoints, p50 {p50:.0f} ms, p95 {p95:.0f} ms, max {ordered[-1]:.0f} ms"
