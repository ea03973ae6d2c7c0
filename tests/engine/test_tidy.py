"""The stored stream of an ended turn goes once it is old; words stay, and a running turn keeps its own."""

from datetime import timedelta

from sqlalchemy import select

from omni2.conversations.models import Message, TurnChunk
from omni2.engine.tidy import clear_chunks
from tests.support.house import House
from tests.support.scripted_model import Gate, says


async def test_old_chunks_of_ended_turns_are_cleared_and_the_messages_stay(house: House) -> None:
    gate = Gate()
    house.model.play(says("All done."), [*says("Half")[:1], gate, *says(" and half.")])
    chat = await house.chat()
    ended = (await chat.ask())[0]["flow_id"]
    running = (await chat.say())["flow_id"]
    await gate.reached.wait()
    lane = house.served.process.engine.recorder.lane
    await chat.until(lambda: any(frame["type"] == "text" for frame in chat.of(running)))
    await stored(house, running)
    await clear_chunks(lane, kept=timedelta(seconds=-1))
    async with house.served.database.read() as session:
        left = set(await session.scalars(select(TurnChunk.flow_id)))
        texts = list(await session.scalars(select(Message.text).where(Message.flow_id == ended)))
    assert left == {running}
    assert "All done." in texts
    gate.open()
    assert (await chat.turn(running))[-1]["status"] == "ok"


async def stored(house: House, flow_id: str) -> None:
    """Wait until the first chunk of a turn is stored."""
    async with house.served.process.bus.subscribe(f"turn:{flow_id}") as inbox:
        async with house.served.database.read() as session:
            if await session.scalar(select(TurnChunk.flow_id).where(TurnChunk.flow_id == flow_id)):
                return
        await inbox.get()
