"""The frames of `/ws/watch`: what a watcher may send, what the server sends."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter

from omni2.flows.checkpoints import Checkpoint
from omni2.flows.schemas import FlowRow
from omni2.hub.schemas import ServerView
from omni2.insight.schemas import Activity, Attention
from omni2.live.frames import BlockedFrame, ClientFrame, Identifier, Ping, Pong, Refused, read_frame
from omni2.live.schemas import ReplicaView
from omni2.live.watching import State

USERS_LIMIT = 200
Topic = Literal["activity", "servers", "alerts", "receipts"]
UserIds = Annotated[list[Identifier], Field(min_length=1, max_length=USERS_LIMIT)]
Seq = Annotated[int, Field(ge=0, le=2_000_000_000)]


def _nothing() -> dict[str, int]:
    return {}


class Watch(ClientFrame):
    """Watch these users, or send again what is missing of them.

    `have` says up to which `seq` a flow is there without a hole: what is behind that is sent. With `packed`
    several frames may come as one from then on, in a `frames`: a thousand a second cost a reader less.
    """

    type: Literal["watch"]
    user_ids: UserIds
    have: Annotated[dict[Identifier, Seq], Field(max_length=1_000)] = Field(default_factory=_nothing)
    packed: bool = False


class Unwatch(ClientFrame):
    """Watch these users no more; they stay monitored."""

    type: Literal["unwatch"]
    user_ids: UserIds


class Follow(ClientFrame):
    """Follow these topics, and no others."""

    type: Literal["follow"]
    topics: Annotated[list[Topic], Field(max_length=10)]


class Pause(ClientFrame):
    """Send nothing about users until `play`; what is left out is counted."""

    type: Literal["pause"]


class Play(ClientFrame):
    """Go on; a `gap` says of whom something was left out."""

    type: Literal["play"]


WatchFrame = Watch | Unwatch | Follow | Pause | Play | Ping
InWatchFrame = Annotated[WatchFrame, Field(discriminator="type")]
_INBOUND: TypeAdapter[WatchFrame] = TypeAdapter(InWatchFrame)


class SnapshotFlow(BaseModel):
    """A flow with the checkpoints that were asked for; without any it is told in one line."""

    flow: FlowRow
    checkpoints: list[Checkpoint]


class SnapshotFrame(BaseModel):
    """A user's flows as they are now; a long one comes in several of these. `last` is the last."""

    type: Literal["snapshot"] = "snapshot"
    user_id: str
    flows: list[SnapshotFlow]
    last: bool


class CheckpointFrame(Checkpoint):
    """One checkpoint exactly as stored, as far as the watcher may see it."""

    type: Literal["checkpoint"] = "checkpoint"


class FlowFrame(FlowRow):
    """A flow that began or ended, in one line."""

    type: Literal["flow"] = "flow"


class PackedFrames(BaseModel):
    """Several frames in their order, for who asked for it."""

    type: Literal["frames"] = "frames"
    frames: list[SnapshotFrame | CheckpointFrame | FlowFrame]


class PresenceFrame(BaseModel):
    """What a watched user does now, on all replicas."""

    type: Literal["presence"] = "presence"
    user_id: str
    sockets: int
    state: State


class WatchGap(BaseModel):
    """So many frames about a user were not sent; answer with `watch` and `have`."""

    type: Literal["gap"] = "gap"
    user_id: str
    missed: int


class ActivityFrame(BaseModel):
    """Somebody did something."""

    type: Literal["activity"] = "activity"
    activity: Activity


class ServerStateFrame(ServerView):
    """A server as it is now: it is new, or something about it changed."""

    type: Literal["server_state"] = "server_state"


class AlertsFrame(BaseModel):
    """All that needs a person now."""

    type: Literal["alerts"] = "alerts"
    items: list[Attention]


class ReceiptFrame(BaseModel):
    """One replica's part of a block, as it confirms."""

    type: Literal["receipt"] = "receipt"
    block_id: str
    user_id: str
    replica: ReplicaView


WatchServerFrame = Annotated[
    SnapshotFrame
    | CheckpointFrame
    | FlowFrame
    | PackedFrames
    | PresenceFrame
    | WatchGap
    | ActivityFrame
    | ServerStateFrame
    | AlertsFrame
    | ReceiptFrame
    | Refused
    | BlockedFrame
    | Pong,
    Field(discriminator="type"),
]


class WatchFrames(BaseModel):
    """Both directions of `/ws/watch`, for the contract."""

    client: InWatchFrame
    server: WatchServerFrame


def parse_watch_frame(text: str) -> WatchFrame:
    """Return the frame; raise `Problem` with a stable code for anything else."""
    return read_frame(_INBOUND, text)
