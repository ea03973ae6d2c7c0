"""The way out: room first, then the look at the block, then the hand-over; who does not read is cut off."""

import asyncio
from collections.abc import Callable, MutableMapping
from typing import Any

import pytest

from omni2.gateway import outlet
from omni2.gateway.outlet import Outlet
from omni2.identity.epochs import Mirror, Standing
from omni2.kernel.db import Database
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.live.registry import Ending

Message = MutableMapping[str, Any]


class Transport:
    """What an outlet writes to; `room` can be taken away."""

    def __init__(self, mirror: Mirror) -> None:
        self.sent: list[Message] = []
        self.aborted = False
        self.room = asyncio.Event()
        self.room.set()
        extensions: dict[str, Callable[[], object]] = {
            "omni2.drain": self.room.wait,
            "omni2.abort": self._abort,
        }
        self.outlet = Outlet({"type": "http", "extensions": extensions}, self._send, mirror)

    @property
    def body(self) -> bytes:
        """All that was written."""
        return b"".join(message.get("body", b"") for message in self.sent)

    async def _send(self, message: Message) -> None:
        self.sent.append(message)

    def _abort(self) -> None:
        self.aborted = True


async def test_a_stream_that_nobody_reads_is_cut_off(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outlet, "SEND_LIMIT_S", 0.01)
    transport = Transport(Mirror(database))
    await transport.outlet.event(b"{}")
    transport.room.clear()
    with pytest.raises(ConnectionResetError):
        await transport.outlet.event(b"{}")
    assert transport.aborted
    assert transport.body == b"event: message\ndata: {}\n\n"


async def test_a_piece_that_waited_for_room_stays_here_when_the_block_came_meanwhile(
    database: Database,
) -> None:
    mirror = Mirror(database)
    transport = Transport(mirror)
    transport.outlet.user_id = "ann"
    await transport.outlet.event(b"{}")
    transport.room.clear()
    writing = asyncio.ensure_future(transport.outlet.event(b'{"late":1}'))
    await asyncio.sleep(0)
    mirror.mark("ann", Standing("b", "everywhere", "Stop.", now(), None, "boss"))
    transport.room.set()
    with pytest.raises(Problem, match=r"Stop\."):
        await writing
    assert b"late" not in transport.body


async def test_nothing_leaves_behind_the_words(database: Database) -> None:
    transport = Transport(Mirror(database))
    await transport.outlet.event(b"{}")
    await transport.outlet.end(Ending(4403, "blocked", "Please see me."), 7)
    await transport.outlet.event(b'{"late":1}')
    assert transport.body.endswith(b'"message":"Please see me.","data":{"code":"blocked"}}}\n\n')
    assert transport.sent[-1]["more_body"] is False
