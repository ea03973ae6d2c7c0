"""A block that comes between the intent of a call and the call: nothing is called, and the turn is over."""

import asyncio
from dataclasses import replace

from omni2.engine.events import TurnEvent
from omni2.engine.turn import new_ask, run_turn
from omni2.flows.recorder import Recorder
from omni2.kernel.lane import Lane, Row, Step
from tests.engine.test_doubt import price_echo
from tests.engine.test_endings import nothing
from tests.support.house import House
from tests.support.scripted_model import Gate, says, wants

INTENT = 4


class PausedLane:
    """The real lane, with a gate behind the commit of one unit."""

    def __init__(self, lane: Lane, at: int) -> None:
        self._lane = lane
        self._at = at
        self._units = 0
        self.gate = Gate()

    async def commit(self, steps: list[Step]) -> list[Row | None]:
        """Commit, then wait if it is the chosen one."""
        self._units += 1
        number = self._units
        rows = await self._lane.commit(steps)
        if number == self._at:
            self.gate.reached.set()
            await self.gate.opened.wait()
        return rows


async def test_a_block_between_intent_and_call_ends_the_turn_and_asks_no_model_again(house: House) -> None:
    await price_echo(house)
    engine = house.served.process.engine
    lane = PausedLane(engine.recorder.lane, INTENT)
    recorder = Recorder(lane, engine.recorder.lease, engine.bus)  # pyright: ignore[reportArgumentType]
    house.model.play(wants("shop__echo", text="tea"), says("I was told so."))
    events: list[TurnEvent] = []
    ask = new_ask("Hello", None, None, ())
    principal = await house.served.process.authenticator.by_token(house.ann.token)
    turn = asyncio.create_task(
        run_turn(replace(engine, recorder=recorder), principal, ask, events.append, nothing)
    )
    await lane.gate.reached.wait()
    await house.block(house.ann)
    lane.gate.open()
    await turn
    assert house.workshop.calls == []
    assert len(house.model.requests) == 1
    head, _ = await house.served.flow(ask.flow_id)
    assert head.status == "blocked"
    result = (await house.only(ask.flow_id, "tool_result")).data.model_dump()
    assert result["status"] == "cancelled"
    assert "blocked" in await house.kinds(ask.flow_id)
    assert [entry.kind for entry in await house.served.ledger(house.ann)] == ["model"]
    await house.served.require_balanced()
