"""The block on one replica and on several: true before it is acknowledged, whatever fails meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, select

from omni2.identity.epochs import Mirror
from omni2.identity.models import Block
from omni2.kernel.bus import MemoryBus
from omni2.kernel.db import Database, Work, unavailable
from omni2.kernel.errors import Problem
from omni2.kernel.ids import now
from omni2.kernel.journal import CONSOLE, Actor, JournalRow
from omni2.kernel.lease import Replica
from omni2.live.block import Blocking, BlockOrder
from omni2.live.registry import Registry
from tests.live.replicas import Recorded, confirmed_by, replica
from tests.support.front import ADMIN, Front

ORDER = BlockOrder("everywhere", "internal", "Call us.")
BOB = "bob@example.org"


class FailingDatabase(Database):
    """A database whose commits fail when told so."""

    failing = False

    @asynccontextmanager
    async def work(self, *, urgent: bool = False) -> AsyncIterator[Work]:
        async with super().work(urgent=urgent) as work:
            yield work
            if self.failing:
                raise unavailable()


async def test_a_commit_that_fails_undoes_the_mark_and_ends_nothing(front: Front, database_url: str) -> None:
    bob = await front.person(BOB)
    database = FailingDatabase(database_url, MemoryBus())
    mirror = Mirror(database)
    registry = Registry(mirror)
    await mirror.refresh()
    database.failing = True
    thing = Recorded(bob)
    with registry.hold(thing.handle):
        with pytest.raises(Problem):
            await Blocking(database, mirror, registry, None).block(bob, ORDER, CONSOLE)
        assert not mirror.refused(bob, "chat")
        assert thing.endings == []
    async with database.read() as session:
        assert (await session.scalars(select(Block))).all() == []
    await database.aclose()


async def test_the_mark_holds_before_the_commit(front: Front) -> None:
    bob = await front.person(BOB)
    await front.mirror.refresh()
    async with front.database.work():
        blocking = asyncio.ensure_future(front.blocking.block(bob, ORDER, CONSOLE))
        await asyncio.sleep(0)
        assert front.mirror.refused(bob, "mcp")
        blocking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await blocking
    await front.mirror.refresh()
    async with front.database.read() as session:
        stored = (await session.scalars(select(Block))).all()
    assert front.mirror.refused(bob, "mcp") == bool(stored)


async def test_unblocking_on_another_replica_leaves_no_mark_behind(database_url: str, front: Front) -> None:
    bob = await front.person(BOB)
    async with replica(database_url) as one, replica(database_url) as two:
        await one.blocking.block(bob, ORDER, CONSOLE)
        await two.blocking.unblock(bob, CONSOLE)
        await one.mirror.refresh()
        assert not one.mirror.refused(bob, "chat")
        with pytest.raises(Problem) as refused:
            await two.blocking.unblock(bob, CONSOLE)
        assert refused.value.code == "not_blocked"


async def test_two_replicas_confirm_with_the_bus_up_and_down(database_url: str, front: Front) -> None:
    bob = await front.person(BOB)
    shared = MemoryBus()
    for bus in (shared, None):
        async with replica(database_url, bus) as one, replica(database_url, bus) as two:
            here, there = Recorded(bob), Recorded(bob, "stream", "mcp")
            with one.registry.hold(here.handle), two.registry.hold(there.handle):
                receipt = await one.blocking.block(bob, ORDER, CONSOLE)
            parts = {part.replica_id: part for part in receipt.replicas}
            assert parts[one.replica_id].local.sockets_closed == 1
            assert parts[two.replica_id].confirmed
            assert parts[two.replica_id].local.streams_cancelled == 1
            assert [ending.message for ending in here.endings + there.endings] == ["Call us."] * 2
            assert two.mirror.refused(bob, "api")
            await one.blocking.unblock(bob, CONSOLE)
        await _leave(front)


async def test_a_replica_that_hangs_is_named_as_silent(
    database_url: str, front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omni2.live.confirmations.WAIT_S", 0.2)
    bob = await front.person(BOB)
    async with replica(database_url) as one, replica(database_url, listens=False) as two:
        receipt = await one.blocking.block(bob, ORDER, CONSOLE)
    confirmed = {part.replica_id: part.confirmed for part in receipt.replicas}
    assert confirmed == {one.replica_id: True, two.replica_id: False}


async def test_a_replica_that_starts_meanwhile_confirms_too(database_url: str, front: Front) -> None:
    bob = await front.person(BOB)
    receipt = await front.blocking.block(bob, ORDER, CONSOLE)
    async with replica(database_url, listens=False) as late:
        await late.blocking.confirm_recent()
        assert late.mirror.refused(bob, "chat")
        assert await confirmed_by(late.database, receipt.block.block_id) == {late.replica_id}


async def test_a_block_that_was_lifted_before_a_replica_looked_is_confirmed_too(
    database_url: str, front: Front
) -> None:
    bob = await front.person(BOB)
    async with replica(database_url) as fast, replica(database_url, listens=False) as slow:
        stored = asyncio.Event()
        fast.mirror.on_change(lambda kind, _: stored.set() if kind == "block" else None)
        first = asyncio.ensure_future(fast.blocking.block(bob, ORDER, CONSOLE))
        await stored.wait()
        await fast.blocking.unblock(bob, CONSOLE)
        await slow.mirror.refresh()
        await slow.blocking.confirm(bob)
        await slow.blocking.confirm(bob)
        receipt = await first
    assert all(part.confirmed for part in receipt.replicas)
    assert {part.replica_id for part in receipt.replicas} == {fast.replica_id, slow.replica_id}


async def test_blocks_and_unblocks_side_by_side_end_in_what_is_stored(front: Front) -> None:
    bob = await front.person(BOB)

    for _ in range(3):
        outcomes = await asyncio.gather(
            *(front.blocking.block(bob, ORDER, CONSOLE) for _ in range(3)),
            *(front.blocking.unblock(bob, CONSOLE) for _ in range(3)),
            return_exceptions=True,
        )
        failures = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
        assert {getattr(failure, "code", "bug") for failure in failures} <= {"not_blocked"}
        standing = [block for block in await _blocks(front) if block.lifted_at is None]
        await front.mirror.refresh()
        assert len(standing) <= 1
        assert front.mirror.refused(bob, "chat") == bool(standing)


async def test_a_block_with_an_end_lifts_by_itself(front: Front) -> None:
    bob = await front.person(BOB)
    until = now() + timedelta(hours=1)
    await front.blocking.block(bob, BlockOrder("chat", "", "Wait.", until), CONSOLE)
    assert front.mirror.standing(bob, "chat") is not None
    assert front.mirror.standing(bob, "mcp") is None
    with time_machine.travel(until + timedelta(seconds=1)):
        assert front.mirror.standing(bob, "chat") is None
        with pytest.raises(Problem) as refused:
            await front.blocking.unblock(bob, CONSOLE)
    assert refused.value.code == "not_blocked"
    with pytest.raises(Problem):
        await front.blocking.block(bob, BlockOrder("chat", "", "", now() - timedelta(hours=1)), CONSOLE)


async def test_nobody_blocks_themselves_or_the_last_administrator(front: Front) -> None:
    ada = await front.person(ADMIN, "admin")
    with pytest.raises(Problem) as own:
        await front.blocking.block(ada, ORDER, Actor(ada, ADMIN))
    with pytest.raises(Problem) as last:
        await front.blocking.block(ada, ORDER, CONSOLE)
    assert (own.value.code, last.value.code) == ("cannot_block_self", "last_admin")
    await front.person("eve@example.org", "admin")
    await front.blocking.block(ada, ORDER, CONSOLE)


async def test_two_administrators_who_block_each_other_at_once_leave_one(front: Front) -> None:
    ada = await front.person(ADMIN, "admin")
    eve = await front.person("eve@example.org", "admin")
    outcomes = await asyncio.gather(
        front.blocking.block(eve, ORDER, Actor(ada, ADMIN)),
        front.blocking.block(ada, ORDER, Actor(eve, "eve@example.org")),
        return_exceptions=True,
    )
    codes = [outcome.code for outcome in outcomes if isinstance(outcome, Problem)]
    assert codes == ["last_admin"]


async def test_the_routes_preview_block_list_and_lift(front: Front) -> None:
    await front.person(ADMIN, "admin")
    bob, ann = await front.person(BOB), await front.person("ann@example.org")
    async with front.signed_in(ADMIN) as admin, front.signed_in(BOB) as bobs:
        await bobs.post("/api/tokens", name="ide", scopes=["mcp"])
        thing = Recorded(bob)
        with front.registry.hold(thing.handle):
            preview = await admin.get(f"/api/users/{bob}/block/preview")
            assert preview["sentence"] == (
                "Blocks bob@example.org everywhere: in chat, MCP and the API. "
                "1 socket and 1 browser session will end. "
                "1 access token will not work until the block is lifted."
            )
            calm = await admin.get(f"/api/users/{ann}/block/preview")
            assert calm["sentence"] == (
                "Blocks ann@example.org everywhere: in chat, MCP and the API. "
                "Nothing of theirs is open or running now."
            )
            receipt = await admin.put(
                f"/api/users/{bob}/block", reason="internal", message="Call us.", until="2999-01-01T00:00:00Z"
            )
        figures = [receipt[name] for name in ("sockets_closed", "sessions_ended", "tokens_suspended")]
        assert figures == [1, 1, 1]
        assert (await admin.refused("GET", f"/api/users/{bob}/block/preview?scope=x"))[0] == 422
        assert await bobs.refused("GET", f"/api/users/{bob}/blocks") == (403, "blocked")
        assert (await admin.client.delete(f"/api/users/{bob}/block")).json()["blocked"] is None
        (block,) = (await admin.get(f"/api/users/{bob}/blocks"))["items"]
        assert (block["by"], block["lifted_by"], block["reason"]) == (ADMIN, ADMIN, "internal")
    async with front.database.read() as session:
        kinds = (await session.scalars(select(JournalRow.kind).order_by(JournalRow.key))).all()
    assert [kind for kind in kinds if "block" in kind] == ["user.blocked", "user.unblocked"]


async def _blocks(front: Front) -> list[Block]:
    async with front.database.read() as session:
        return list(await session.scalars(select(Block)))


async def _leave(front: Front) -> None:
    async with front.database.work() as work:
        await work.session.execute(delete(Replica))
