"""A process to be killed: runs retention and says each time that it did something.

`python -m tests.flows.retention_child URL KEYS`.
"""

import asyncio
import os
import sys
from pathlib import Path

from omni2.conversations.erasing import Erasing
from omni2.flows import retention, retention_cut
from omni2.flows.retention import Keeper
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database
from omni2.kernel.duty import Duty
from tests.support.lanes import lane_of
from tests.support.proven import WRITER, office_of


async def main(url: str, keys: Path) -> None:
    """Remove and cut in small pieces until nothing is left to do."""
    retention.AT_ONCE = retention.AT_ONCE_BESIDE_OTHERS = 11
    retention_cut.LINKS_AT_ONCE = 1
    database = Database(url, MemoryBus())
    lane = lane_of(database)
    await lane.open()
    office = office_of(database, lane, keys)
    keeper = Keeper(database, office.notary, Duty(database, "retention", lambda: WRITER), "UTC", Erasing())
    while await keeper.retain():
        os.write(1, b"done\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
