"""A process to be killed: commits units without end and says the key of each that was acknowledged.

`python -m tests.support.lane_child URL FIRST_KEY`.
"""

import asyncio
import os
import sys
from itertools import count

from omni2.kernel.lane import Lane
from tests.support.lanes import insert, opened, rename

WRITERS = 24


async def write(lane: Lane, numbers: "count[int]") -> None:
    """Commit units of two steps for ever."""
    while True:
        key = next(numbers)
        await lane.commit([insert(key), rename(key, f"acknowledged {key}")])
        os.write(1, f"{key}\n".encode())


async def main(url: str, first: int) -> None:
    """Write until killed."""
    numbers = count(first)
    async with opened(url) as (_, lane), asyncio.TaskGroup() as group:
        for _ in range(WRITERS):
            group.create_task(write(lane, numbers))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
