"""A block is total: the words, the end of everything that runs, and nothing afterwards."""

import asyncio
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from websockets.exceptions import ConnectionClosed

from omni2.flows.checkpoints import CHECKPOINTS
from omni2.flows.models import FlowRecord
from omni2.upstream.ports import TextDelta
from tests.support.clients import ChatClient, RawClient
from tests.support.house import House, open_house
from tests.support.scripted_model import Gate, says, wants

WORDS = "Please see me."
ATTEMPTS = 1_000


async def checkpoints_of(house: House) -> int:
    """Return how many phases of Ann's flows are on record."""
    async with house.served.database.read() as session:
        query = select(func.count()).select_from(FlowRecord).where(FlowRecord.user_id == house.ann.user_id)
        return int(await session.scalar(query) or 0)


async def require_closing_only(house: House) -> None:
    """Assert that the last phase of each of Ann's flows is its end."""
    async with house.served.database.read() as session:
        rows = await session.scalars(
            select(FlowRecord.checkpoints)
            .where(FlowRecord.user_id == house.ann.user_id)
            .order_by(FlowRecord.key)
        )
        last = CHECKPOINTS.validate_json(rows.all()[-1])
    assert last[-1].kind == "done"


def require_words(chat: ChatClient) -> None:
    assert chat.frames[-1] == {"type": "blocked", "message": WORDS}
    assert chat.close_code == 4403


async def test_a_block_while_an_answer_streams_ends_every_socket_with_the_words(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("So far "), gate, TextDelta("and no further")])
    chats = [await house.chat() for _ in range(5)]
    accepted = await chats[0].say()
    await gate.reached.wait()
    receipt = await house.block(house.ann)
    stored = await checkpoints_of(house)
    for chat in chats:
        await chat.closed()
        require_words(chat)
    frames = [len(chat.frames) for chat in chats]
    gate.open()
    assert (receipt["sockets_closed"], receipt["turns_cancelled"]) == (5, 1)
    assert all(replica["confirmed"] for replica in receipt["replicas"])
    head, checkpoints = await house.served.flow(accepted["flow_id"])
    assert head.status == "blocked"
    assert [item.kind for item in checkpoints][-3:] == ["blocked", "usage_settled", "done"]
    assert checkpoints[-3].data.model_dump()["message"] == WORDS
    assert house.model.closed == 1
    assert await checkpoints_of(house) == stored
    assert [len(chat.frames) for chat in chats] == frames
    await house.served.require_balanced()


async def test_a_block_while_a_call_runs_cancels_it_upstream_and_notes_that(house: House) -> None:
    house.model.play(wants("shop__hold"), says("Never."))
    chat = await house.chat()
    accepted = await chat.say()
    await house.workshop.gate.reached.wait()
    receipt = await house.block(house.ann)
    stored = await checkpoints_of(house)
    assert (receipt["turns_cancelled"], receipt["calls_cancelled"]) == (1, 1)
    assert await chat.closed() == 4403
    house.workshop.gate.opened.set()
    assert "tool_result" not in {frame["type"] for frame in chat.frames}
    result = await house.only(accepted["flow_id"], "tool_result")
    assert result.data.model_dump()["status"] == "cancelled"
    assert (await house.only(accepted["flow_id"], "blocked")).verdict == "denied"
    assert await checkpoints_of(house) == stored
    await asyncio.wait_for(house.workshop.disconnected.wait(), 10)


async def test_a_peer_that_never_reads_is_cut_off_and_holds_nobody_up(
    database_url: str, tmp_path: Path
) -> None:
    async with open_house(database_url, tmp_path / "data", max_output_tokens=1_000_000) as house:
        await _flood_and_block(house)


async def _flood_and_block(house: House) -> None:
    raw = await RawClient.connect(house.served.url, house.served.credentials(house.ann))
    await raw.read_until(b"welcome")
    chat = await house.chat()
    flood = [TextDelta("x" * 60_000) for _ in range(200)]
    gate = Gate()
    house.model.play([*flood, gate])
    await raw.send(type="say", id="1", text="Talk")
    await gate.reached.wait()
    receipt = await house.block(house.ann)
    assert receipt["sockets_closed"] == 2
    assert await chat.closed() == 4403
    require_words(chat)
    assert b"never" not in await raw.rest()
    raw.close()


async def test_while_blocked_every_way_in_gets_the_words_and_unblocking_restores(house: House) -> None:
    await house.block(house.ann)
    for by_token in (False, True):
        headers = house.served.credentials(house.ann, by_token=by_token)
        chat = await ChatClient.connect(house.served.url, headers)
        assert await chat.closed() == 4403
        require_words(chat)
    async with house.served.client(house.ann) as client:
        answer = await client.get("/api/auth/me")
        assert (answer.status_code, answer.json()["message"]) == (403, WORDS)
    await house.unblock(house.ann)
    chat = await house.served.chat(house.ann, by_token=True)
    assert (await chat.ask())[-1]["status"] == "ok"


async def test_a_message_between_block_and_close_is_never_answered(house: House) -> None:
    chat = await house.chat()
    blocking = asyncio.create_task(house.block(house.ann))
    with suppress(ConnectionClosed):
        while not blocking.done():
            await chat.send(type="say", id="late", text="Quick")
            await asyncio.wait({blocking}, timeout=0.001)
    await blocking
    stored = await checkpoints_of(house)
    await chat.closed()
    require_words(chat)
    assert await checkpoints_of(house) == stored
    if stored:
        await require_closing_only(house)
    assert {head.status for head in await house.served.flows(house.ann)} <= {"ok", "blocked"}
    await house.served.require_balanced()


async def test_of_a_thousand_attempts_to_come_back_none_survives(house: House) -> None:
    outcomes: list[int] = []
    many = asyncio.Event()
    limit = asyncio.Semaphore(50)

    async def attempt(number: int) -> None:
        headers = house.served.credentials(house.ann, by_token=number % 2 == 0)
        async with limit:
            chat = await ChatClient.connect(house.served.url, headers)
            if number >= 40:
                many.set()
            outcomes.append(await chat.closed())

    attempts = [asyncio.create_task(attempt(number)) for number in range(ATTEMPTS)]
    await many.wait()
    await house.block(house.ann)
    await asyncio.gather(*attempts)
    told = Counter(outcomes)
    assert set(told) <= {4403, 1006}  # 1006: cut off, because the machine stood still for a second
    assert told[4403] > ATTEMPTS * 0.9
    assert house.served.process.registry.of(house.ann.user_id) == ()


@pytest.mark.parametrize(("scope", "closed"), [("chat", True), ("mcp", False)])
async def test_a_block_of_one_door_leaves_the_others_open(house: House, scope: str, closed: object) -> None:
    chat = await house.chat()
    receipt: dict[str, Any] = await house.block(house.ann, scope=scope)
    async with house.served.client(house.ann) as client:
        assert (await client.get("/api/auth/me")).status_code == 200
    assert receipt["sockets_closed"] == int(bool(closed))
    if closed:
        assert await chat.closed() == 4403
        require_words(chat)
    else:
        assert (await chat.ask())[-1]["status"] == "ok"


async def test_the_call_that_meets_a_block_first_ends_the_flow_as_blocked(house: House) -> None:
    gate = Gate()
    house.model.play([gate, *wants("shop__echo", text="tea")], says("Never."))
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    async with house.served.writes_held():
        blocking = asyncio.create_task(house.block(house.ann))
        mirror = house.served.process.mirror
        while mirror.standing(house.ann.user_id, "chat") is None:
            await asyncio.wait({blocking}, timeout=0.001)
        gate.open()
        await asyncio.wait({blocking}, timeout=0.05)
    await blocking
    await chat.closed()
    head, _ = await house.served.flow(accepted["flow_id"])
    assert head.status == "blocked"
    assert (await house.only(accepted["flow_id"], "blocked")).verdict == "denied"
    assert house.workshop.calls == []
