"""Clears what has done its work: the stored streams of turns that ended long ago; their messages stand."""

import asyncio
from datetime import timedelta

from omni2.kernel.ids import now, to_micros
from omni2.kernel.lane import Lane, Step

KEPT = timedelta(hours=1)
EVERY_S = 600.0

_OLD_CHUNKS = """
DELETE FROM turn_chunks WHERE at < $1
 AND NOT EXISTS (SELECT 1 FROM flows WHERE flows.flow_id = turn_chunks.flow_id AND flows.status = 'running')
"""


async def tidy(lane: Lane) -> None:
    """One pass, then a pause."""
    await clear_chunks(lane)
    await asyncio.sleep(EVERY_S)


async def clear_chunks(lane: Lane, kept: timedelta = KEPT) -> None:
    """Delete the chunks that are older than `kept` and belong to no running turn."""
    await lane.commit([Step(_OLD_CHUNKS, (to_micros(now() - kept),))])
