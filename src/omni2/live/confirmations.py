"""Each replica says that a block is true there; whoever blocks waits for all whose lease runs."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now, uptime
from omni2.kernel.lease import LEASE_S, is_served, list_live_replicas
from omni2.live.models import BlockConfirmation
from omni2.live.registry import LocalReceipt

ASK_EVERY_S = 0.02
WAIT_S = LEASE_S + 0.5


@dataclass(frozen=True, slots=True)
class ReplicaReceipt:
    """One replica's part of the receipt."""

    replica_id: str
    confirmed: bool
    local: LocalReceipt


async def add_confirmations(
    database: Database, replica_id: str, ended: Mapping[str, LocalReceipt], block_ids: Sequence[str]
) -> None:
    """Say that these blocks hold on this replica, and what each ended here; twice is as good as once."""
    insert = sqlite.insert if database.is_sqlite else postgresql.insert
    async with database.work(urgent=True) as work:
        for block_id in {*ended, *block_ids}:
            local = ended.get(block_id, LocalReceipt())
            await work.session.execute(
                insert(BlockConfirmation)
                .values(
                    block_id=block_id,
                    replica_id=replica_id,
                    at=now(),
                    sockets_closed=local.sockets_closed,
                    streams_cancelled=local.streams_cancelled,
                    turns_cancelled=local.turns_cancelled,
                    calls_cancelled=local.calls_cancelled,
                    slowest_ms=local.slowest_ms,
                )
                .on_conflict_do_nothing()
            )


async def await_confirmations(database: Database, block_id: str, own: str | None) -> list[ReplicaReceipt]:
    """Return the others' receipts once every replica with a lease has confirmed, or the wait is over.

    A replica that lost its lease refuses everything by itself before its lease can run out, so that it need
    not be waited for. Raises `Problem` block_unconfirmed when the others could not be asked at all.
    """
    deadline = uptime() + WAIT_S
    while True:
        try:
            confirmed, waiting = await _ask(database, block_id, own)
        except Problem as problem:
            if uptime() > deadline:
                raise Problem(
                    "block_unconfirmed",
                    503,
                    "The block is stored and holds here. Whether it does elsewhere cannot be asked now.",
                ) from problem
        else:
            if not waiting or uptime() > deadline:
                unconfirmed = [
                    ReplicaReceipt(name, confirmed=False, local=LocalReceipt()) for name in waiting
                ]
                return [_receipt(row) for row in confirmed] + unconfirmed
        await asyncio.sleep(ASK_EVERY_S)


async def _ask(
    database: Database, block_id: str, own: str | None
) -> tuple[list[BlockConfirmation], list[str]]:
    async with database.read(urgent=True) as session:
        rows = await session.scalars(select(BlockConfirmation).where(BlockConfirmation.block_id == block_id))
        confirmed = [row for row in rows if row.replica_id != own]
        known = {row.replica_id for row in confirmed} | {own}
        waiting = [name for name in await list_live_replicas(session) if name not in known]
    if waiting and own is None and database.is_sqlite and not is_served(database.path):
        waiting = []
    return confirmed, waiting


def _receipt(row: BlockConfirmation) -> ReplicaReceipt:
    local = LocalReceipt(
        row.sockets_closed, row.streams_cancelled, row.turns_cancelled, row.calls_cancelled, row.slowest_ms
    )
    return ReplicaReceipt(row.replica_id, confirmed=True, local=local)
