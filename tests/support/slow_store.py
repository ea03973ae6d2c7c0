"""A store that is late: the real writer behind a gate, in a lane that cuts every wait at once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from omni2.kernel.db import Database
from omni2.kernel.lane import Lane, Outcome, Steps, Writer
from tests.support.lanes import writer_of

CUT_S = 0.05


class LateWriter:
    """Runs batches as the real writer does, once the gate is open; with `fail` it never does."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.errors = (*writer.errors, OSError)
        self.fail = False
        self.gate = asyncio.Event()

    async def open(self) -> None:
        """Connect."""
        await self._writer.open()

    async def run(self, batch: Sequence[Steps]) -> list[Outcome]:
        """Wait for the gate, then run."""
        await self.gate.wait()
        if self.fail:
            raise OSError("the store is gone")
        return await self._writer.run(batch)

    async def aclose(self) -> None:
        """Disconnect."""
        await self._writer.aclose()


class LateLane(Lane):
    """A lane whose waits are cut, while what it took still waits at the gate."""

    def __init__(self, writer: LateWriter) -> None:
        super().__init__(writer, wait_s=CUT_S)
        self.writer = writer

    async def let_on(self, *, fail: bool = False) -> None:
        """Run what was taken, or let it fail, and wait for that."""
        self.writer.fail = fail
        self.writer.gate.set()
        await self.aclose()


@asynccontextmanager
async def late_lane(database: Database) -> AsyncIterator[LateLane]:
    """Open a late lane."""
    lane = LateLane(LateWriter(writer_of(database)))
    await lane.open()
    try:
        yield lane
    finally:
        await lane.let_on()
