"""A turn outlives its socket: it is resumed without a hole, from any tab, on any replica, and afterwards."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import update

from omni2.conversations.history import list_frames
from omni2.engine.stream import follow_stored, turn_topic
from omni2.flows.models import FlowHead
from omni2.kernel.lane import Outcome, Steps
from omni2.upstream.ports import TextDelta
from tests.support.app import serving_app
from tests.support.clients import ChatClient, Frame
from tests.support.house import House, open_house, text_of, types_of
from tests.support.scripted_model import Gate, Script, ScriptedModel, says, wants

PIECES = [f"piece {n}, " for n in range(40)]
TEXT = "".join(PIECES)


class NoWriter:
    """A writer whose store is gone."""

    errors: tuple[type[Exception], ...] = (OSError,)

    async def open(self) -> None:
        """Nothing to open."""

    async def run(self, batch: Sequence[Steps]) -> list[Outcome]:
        """Fail."""
        raise OSError(f"no store for {len(batch)} units")

    async def aclose(self) -> None:
        """Nothing to close."""


def in_two_halves(gate: Gate) -> Script:
    """Return a script that waits in the middle of its text."""
    return [*map(TextDelta, PIECES[:20]), gate, *map(TextDelta, PIECES[20:])]


async def resume(chat: ChatClient, accepted: Frame, after: int, *, by_flow: bool = True) -> list[Frame]:
    """Go on behind frame `after`; return what came, up to the end."""
    flow = {"flow_id": accepted["flow_id"]} if by_flow else {}
    await chat.send(type="resume", conversation_id=accepted["conversation_id"], after=after, **flow)
    assert (await chat.wait_for("resumed"))["flow_id"] == accepted["flow_id"]
    return await chat.turn(accepted["flow_id"])


async def until_stored(house: House, flow_id: str, frames: int) -> None:
    """Wait until so many frames of a turn are in the store."""
    async with house.served.process.bus.subscribe(turn_topic(flow_id)) as inbox, asyncio.timeout(20):
        while True:
            async with house.served.database.read() as session:
                if len(await list_frames(session, flow_id, 0)) >= frames:
                    return
            await inbox.get()


async def test_after_a_cut_the_stream_goes_on_where_it_was(house: House) -> None:
    gate = Gate()
    house.model.play(in_two_halves(gate))
    first = await house.chat()
    accepted = await first.say()
    await first.until(lambda: len(first.of(accepted["flow_id"])) >= 10 or None)
    first.cut()
    had = first.of(accepted["flow_id"])
    second = await house.chat()
    await gate.reached.wait()
    gate.open()
    frames = had + await resume(second, accepted, had[-1]["n"], by_flow=False)
    assert text_of(frames) == TEXT
    assert types_of(frames)[-1] == "done"


async def test_two_tabs_see_the_same_frames_of_one_turn(house: House) -> None:
    gate = Gate()
    house.model.play(in_two_halves(gate))
    first, second = await house.chat(), await house.chat()
    accepted = await first.say()
    await gate.reached.wait()
    resuming = asyncio.create_task(resume(second, accepted, 0))
    await second.wait_for("text", 10)
    gate.open()
    assert await resuming == await first.turn(accepted["flow_id"])


async def test_a_finished_turn_can_be_read_again_from_any_frame(house: House) -> None:
    chat = await house.chat()
    house.model.play([*map(TextDelta, PIECES)])
    accepted = await chat.say()
    frames = await chat.turn(accepted["flow_id"])
    await house.served.ended(house.ann, accepted["flow_id"])
    other = await house.chat()
    assert await resume(other, accepted, 0) == frames
    third = await house.chat()
    assert await resume(third, accepted, 7) == frames[7:]


async def test_a_conversation_in_which_nothing_runs_has_nothing_to_resume(house: House) -> None:
    chat = await house.chat()
    where = (await chat.ask())[-1]["conversation_id"]
    await house.served.process.turns.aclose()
    await chat.send(type="resume", conversation_id=where)
    assert (await chat.wait_for("resumed"))["conversation_id"] == where


async def test_nobody_else_can_follow_a_running_turn(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("private"), gate])
    accepted = await (await house.chat()).say()
    await gate.reached.wait()
    chat = await house.chat(await house.served.person("Bob"))
    await chat.send(type="resume", conversation_id="any", flow_id=accepted["flow_id"])
    assert (await chat.wait_for("refused"))["code"] == "not_found"
    assert "private" not in str(chat.frames)
    gate.open()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_turn_is_resumed_and_stopped_from_another_replica(
    database_url: str, bus_url: str, tmp_path: Path
) -> None:
    gate = Gate()
    model = ScriptedModel(in_two_halves(gate), in_two_halves(Gate()))
    data = tmp_path / "data"
    async with (
        open_house(database_url, data, model, bus_url=bus_url) as house,
        serving_app(database_url, data, model, bus_url=bus_url) as elsewhere,
    ):
        chat = await house.chat()
        accepted = await chat.say()
        await gate.reached.wait()
        other = await elsewhere.chat(house.ann)
        resuming = asyncio.create_task(resume(other, accepted, 0, by_flow=False))
        await other.wait_for("text", 10)
        gate.open()
        frames = await resuming
        assert text_of(frames) == TEXT
        assert frames == await chat.turn(accepted["flow_id"])
        second = await chat.say()
        await chat.until(lambda: len(chat.of(second["flow_id"])) >= 20 or None)
        await other.send(type="stop", flow_id=second["flow_id"])
        assert (await chat.turn(second["flow_id"]))[-1]["status"] == "cancelled"


async def test_a_turn_whose_owner_is_gone_ends_for_whoever_follows_it(house: House) -> None:
    gate = Gate()
    house.model.play([*map(TextDelta, PIECES), gate])
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    await until_stored(house, accepted["flow_id"], 1 + len(PIECES))
    async with house.served.database.work() as work:
        values = {"status": "unknown", "sentence": "Failed: the server stopped.", "owner": "somebody else"}
        await work.session.execute(
            update(FlowHead).where(FlowHead.flow_id == accepted["flow_id"]).values(**values)
        )
    elsewhere = follow_stored(house.served.database, house.served.process.bus, accepted["flow_id"], 0)
    frames = [frame async for frame in elsewhere]
    gate.open()
    assert text_of(frames) == TEXT
    assert (types_of(frames)[-1], frames[-1]["status"]) == ("done", "unknown")


async def test_what_the_store_did_not_take_at_once_is_stored_when_it_does(house: House) -> None:
    gate = Gate()
    house.model.play(in_two_halves(gate))
    chat = await house.chat()
    accepted = await chat.say()
    await gate.reached.wait()
    await until_stored(house, accepted["flow_id"], 20)
    lane = house.served.process.engine.recorder.lane
    writer = lane._writer  # pyright: ignore[reportPrivateUsage] the store goes away under the lane
    lane._writer = NoWriter()  # pyright: ignore[reportPrivateUsage]
    gate.open()
    frames = await chat.turn(accepted["flow_id"])
    lane._writer = writer  # pyright: ignore[reportPrivateUsage]
    assert (frames[-1]["status"], frames[-1]["code"]) == ("failed", "database_unavailable")
    await until_stored(house, accepted["flow_id"], len(frames))
    other = await house.chat()
    assert await resume(other, accepted, 0) == frames


async def test_regenerating_answers_again_and_hides_the_first_answer(house: House) -> None:
    chat = await house.chat()
    house.model.play(says("One."), says("Two."), says("Three."))
    first = await chat.ask("Which?")
    await chat.send(type="regenerate", id="again", message_id=first[-1]["message_id"])
    accepted = await chat.wait_for("accepted", 2)
    second = await chat.turn(accepted["flow_id"])
    assert text_of(second) == "Two."
    path = f"/api/conversations/{first[-1]['conversation_id']}/messages"
    async with house.served.client(house.ann) as client:
        said = [item["text"] for item in (await client.get(path)).json()["items"]]
    assert said == ["Which?", "Two."]
    await chat.send(type="regenerate", id="late", message_id=first[-1]["message_id"])
    assert (await chat.wait_for("refused"))["code"] == "not_found"
    assert [len(request.messages) for request in house.model.requests] == [1, 1]


async def test_a_conversation_that_is_renamed_during_a_turn_keeps_its_new_name(house: House) -> None:
    gate = Gate()
    house.model.play([TextDelta("So "), gate])
    chat = await house.chat()
    accepted = await chat.say("A long question")
    await gate.reached.wait()
    path = f"/api/conversations/{accepted['conversation_id']}"
    async with house.served.client(house.ann) as client:
        assert (await client.patch(path, json={"title": "Short"})).json()["running_flow_id"]
        gate.open()
        assert (await chat.turn(accepted["flow_id"]))[-1]["status"] == "ok"
        found = (await client.get("/api/conversations")).json()["items"][0]
    assert (found["title"], found["running_flow_id"]) == ("Short", None)


async def test_deleting_a_conversation_stops_its_turn_and_leaves_the_flow(house: House) -> None:
    house.model.play(wants("shop__hold"), says("Never."))
    chat = await house.chat()
    accepted = await chat.say()
    await house.workshop.gate.reached.wait()
    path = f"/api/conversations/{accepted['conversation_id']}"
    async with house.served.client(house.ann) as client:
        assert (await client.delete(path)).status_code == 204
        assert (await client.get(f"{path}/messages")).status_code == 404
    assert (await chat.turn(accepted["flow_id"]))[-1]["status"] == "cancelled"
    head, checkpoints = await house.served.flow(accepted["flow_id"])
    assert (head.status, checkpoints[-1].kind) == ("cancelled", "done")
    await house.served.require_balanced()


async def test_the_model_is_told_what_was_said_before(house: House) -> None:
    chat = await house.chat()
    house.model.play(wants("shop__echo", text="tea"), says("There is tea."), says("Green."))
    where = (await chat.ask("Is there tea?"))[-1]["conversation_id"]
    await chat.ask("Which?", where)
    told = [type(message).__name__ for message in house.model.requests[-1].messages]
    assert told == ["UserMessage", "AssistantMessage", "ToolMessage", "AssistantMessage", "UserMessage"]


async def test_what_is_accepted_is_on_record_and_can_be_followed_from_anywhere(house: House) -> None:
    gate = Gate()
    house.model.play([gate, *says("Tea.")])
    accepted = await (await house.chat()).say("Is there tea?")
    head, _ = await house.served.flow(accepted["flow_id"])
    assert (head.status, head.title) == ("running", "Is there tea?")
    gate.open()


async def test_what_the_store_does_not_take_is_refused_not_accepted(house: House) -> None:
    chat = await house.chat()
    async with house.served.writes_held():
        await chat.send(type="say", id="lost", text="Is anybody there?")
        refusal = await chat.wait_for("refused")
    assert (refusal["id"], refusal["code"]) == ("lost", "database_unavailable")
