"""What goes in and out of the routes of blocks."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from omni2.identity.schemas import BlockScope, BlockView, Body, block_view
from omni2.live.block import WORDS_LIMIT, BlockOrder, Receipt


class BlockCreate(Body):
    """A block. `reason` is for administrators, `message` for the person; `until` lifts it by itself."""

    scope: BlockScope = "everywhere"
    reason: Annotated[str, Field(max_length=WORDS_LIMIT)] = ""
    message: Annotated[str, Field(max_length=WORDS_LIMIT)] = ""
    until: Annotated[AwareDatetime, Field(strict=False)] | None = None

    def order(self) -> BlockOrder:
        """Return what is ordered."""
        return BlockOrder(self.scope, self.reason.strip(), self.message.strip(), self.until)


class BlockPreview(BaseModel):
    """What a block would end on this replica now, in words and numbers."""

    sentence: str
    sockets: int
    turns: int
    calls: int


class BlockList(BaseModel):
    """All blocks of one person, the newest first."""

    items: list[BlockView]


class ReplicaView(BaseModel):
    """One replica's part of a block; not confirmed means that its lease did not run out in time either."""

    replica_id: str
    confirmed: bool
    sockets_closed: int
    streams_cancelled: int
    turns_cancelled: int
    calls_cancelled: int
    slowest_ms: float


class BlockReceipt(BaseModel):
    """What a block ended, in total and replica by replica."""

    block: BlockView
    sockets_closed: int
    streams_cancelled: int
    turns_cancelled: int
    calls_cancelled: int
    sessions_ended: int
    tokens_suspended: int
    slowest_ms: float
    replicas: list[ReplicaView]


def receipt_view(receipt: Receipt) -> BlockReceipt:
    """Return the receipt with its totals."""
    replicas = [
        ReplicaView(
            replica_id=replica.replica_id,
            confirmed=replica.confirmed,
            sockets_closed=replica.local.sockets_closed,
            streams_cancelled=replica.local.streams_cancelled,
            turns_cancelled=replica.local.turns_cancelled,
            calls_cancelled=replica.local.calls_cancelled,
            slowest_ms=replica.local.slowest_ms,
        )
        for replica in receipt.replicas
    ]
    return BlockReceipt(
        block=block_view(receipt.block),
        sockets_closed=sum(replica.sockets_closed for replica in replicas),
        streams_cancelled=sum(replica.streams_cancelled for replica in replicas),
        turns_cancelled=sum(replica.turns_cancelled for replica in replicas),
        calls_cancelled=sum(replica.calls_cancelled for replica in replicas),
        sessions_ended=receipt.sessions_ended,
        tokens_suspended=receipt.tokens_suspended,
        slowest_ms=max((replica.slowest_ms for replica in replicas), default=0.0),
        replicas=replicas,
    )
