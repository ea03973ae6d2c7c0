"""Watching live: what a watcher is told is what is stored, whatever happens on the way; and who may watch."""

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from omni2.insight import watch_inbox
from omni2.upstream.ports import TextDelta
from tests.support.app import eventually
from tests.support.clients import ChatClient, Frame
from tests.support.house import House, open_house
from tests.support.scripted_model import Gate, says, wants
from tests.support.watchers import PATH, SleepyWatcher, Watcher, monitor, stored, watching


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(database_url, tmp_path / "data") as house:
        yield house


@pytest.fixture
async def plain(sqlite_template: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A house on SQLite alone, for what the database has no part in."""
    path = tmp_path / "omni2.db"
    shutil.copy(sqlite_template, path)
    async with open_house(f"sqlite+aiosqlite:///{path}", tmp_path / "data") as house:
        yield house


async def require_stored(house: House, watcher: Watcher, flow_id: str) -> None:
    """Assert that the watcher has a flow exactly as the interface gives it."""
    steps = await watcher.end_of(flow_id)
    head, items = await stored(house.served, house.boss, flow_id)
    assert steps == items
    assert watcher.heads[flow_id] == head


async def test_a_turn_is_told_step_by_step_while_it_runs_exactly_as_it_is_stored(house: House) -> None:
    house.model.play(wants("shop__hold"), says("Done."))
    async with watching(house.served, house.boss, house.ann) as watcher:
        chat = await house.chat()
        flow_id = (await chat.say())["flow_id"]
        await house.workshop.gate.reached.wait()
        await watcher.client.until(lambda: "tool_call" in kinds(watcher, flow_id) or None)
        assert watcher.heads[flow_id]["status"] == "running"
        assert {frame["state"] for frame in watcher.of("presence")} <= {"offline", "idle", "thinking"}
        house.workshop.gate.opened.set()
        await chat.turn(flow_id)
        await require_stored(house, watcher, flow_id)
        assert watcher.flow(flow_id)[-1]["kind"] == "done"


def kinds(watcher: Watcher, flow_id: str) -> list[str]:
    return [step["kind"] for step in watcher.flow(flow_id)]


async def test_who_asks_for_it_is_told_several_frames_as_one_and_misses_nothing(house: House) -> None:
    async with watching(house.served, house.boss, house.ann) as watcher:
        take, packs = watcher.client.on_frame, list[int]()
        assert take is not None

        def unpack(frame: Frame) -> None:
            inner = frame.get("frames", [frame])
            packs.append(len(inner))
            for one in inner:
                take(one)

        watcher.client.on_frame = unpack
        await watcher.client.send(type="watch", user_ids=[house.ann.user_id], packed=True)
        flow_id = (await (await house.chat()).ask())[-1]["flow_id"]
        await require_stored(house, watcher, flow_id)
        assert max(packs) > 1


async def test_who_comes_late_or_comes_back_has_all_of_it_and_nothing_twice(house: House) -> None:
    gate = Gate()
    chat = await house.chat()
    first = (await chat.ask())[-1]["flow_id"]
    house.model.play([TextDelta("half "), gate, TextDelta("whole")])
    async with watching(house.served, house.boss, house.ann) as watcher:
        running = (await chat.say())["flow_id"]
        await gate.reached.wait()
        await watcher.client.until(lambda: "llm_thinking" in kinds(watcher, running) or None)
        have = watcher.have()
        watcher.client.cut()
        gate.open()
        await chat.turn(running)
        back = await Watcher.connect(house.served, house.boss)
        await back.watch(house.ann, have=have)
        seen = [step["seq"] for frame in back.of("snapshot") for step in steps_of(frame, running)]
        assert min(seen) == have[running] + 1
        watcher.steps[running].update({step["seq"]: step for step in back.steps[running].values()})
        _, items = await stored(house.served, house.boss, running)
        assert watcher.flow(running) == items
        assert back.heads[first]["status"] == "ok"


def steps_of(snapshot: dict[str, list[dict[str, dict[str, str]]]], flow_id: str) -> list[dict[str, int]]:
    return [
        step
        for item in snapshot["flows"]
        if item["flow"]["flow_id"] == flow_id
        for step in item["checkpoints"]
    ]  # pyright: ignore[reportReturnType]


async def test_without_monitoring_a_watch_is_refused_and_it_ends_with_it(house: House) -> None:
    watcher = await Watcher.connect(house.served, house.boss)
    await watcher.client.send(type="watch", user_ids=[house.ann.user_id])
    refused = await watcher.client.wait_for("refused")
    assert (refused["code"], refused["user_id"]) == ("not_monitored", house.ann.user_id)
    await monitor(house.served, house.boss, house.ann)
    await watcher.watch(house.ann)
    async with house.served.client(house.boss) as client:
        assert (await client.delete(f"/api/users/{house.ann.user_id}/monitoring")).status_code == 204
        assert (await client.delete(f"/api/users/{house.ann.user_id}/monitoring")).status_code == 409
    assert (await watcher.client.wait_for("refused", 2))["code"] == "not_monitored"
    await (await house.chat()).ask()
    await watcher.client.send(type="ping")
    await watcher.client.wait_for("pong")
    assert watcher.of("checkpoint") == []


async def test_who_watches_whom_and_who_is_monitored_until_when_is_on_record(plain: House) -> None:
    auditor = await plain.served.person("Audrey", "auditor")
    async with watching(plain.served, plain.boss, plain.ann), plain.served.client(plain.boss) as client:
        other = await Watcher.connect(plain.served, auditor)
        await other.watch(plain.ann)
        listed = (await client.get("/api/monitoring")).json()["items"]
        assert [(item["email"], item["by"]) for item in listed] == [("ann@example.org", "boss@example.org")]
        assert listed[0]["watchers"] == ["audrey@example.org", "boss@example.org"]
        journal = (await client.get("/api/journal")).json()["items"]
        told = [(row["actor_email"], row["kind"]) for row in journal if row["subject"] == plain.ann.user_id]
        assert told[:3] == [
            ("audrey@example.org", "user.watched"),
            ("boss@example.org", "user.watched"),
            ("boss@example.org", "monitoring.started"),
        ]
    async with plain.served.client(auditor) as client:
        answer = await client.put(
            f"/api/users/{plain.ann.user_id}/monitoring", json={"until": "2999-01-01T00:00:00Z"}
        )
        assert answer.status_code == 403


async def test_the_end_of_a_watch_is_on_record_however_it_came(plain: House) -> None:
    async with plain.served.client(plain.boss) as client:

        async def ends(expected: int) -> None:
            while True:
                journal = (await client.get("/api/journal", params={"kind": "user.watch_ended"})).json()[
                    "items"
                ]
                if len(journal) >= expected:
                    break
            assert len(journal) == expected
            sentence = journal[0]["sentence"]
            assert re.fullmatch(r"Stopped watching ann@example.org live after \d+ s.", sentence)
            assert (journal[0]["actor_email"], journal[0]["subject"]) == (
                "boss@example.org",
                plain.ann.user_id,
            )

        async with watching(plain.served, plain.boss, plain.ann) as watcher:
            await watcher.client.send(type="unwatch", user_ids=[plain.ann.user_id])
            await ends(1)
            await watcher.watch(plain.ann)
            await watcher.client.aclose()
            await ends(2)
        async with watching(plain.served, plain.boss, plain.ann):
            await client.delete(f"/api/users/{plain.ann.user_id}/monitoring")
            await ends(3)


async def test_members_and_those_who_lose_the_role_see_nothing(plain: House) -> None:
    member = await ChatClient.connect(plain.served.url, plain.served.credentials(plain.ann), path=PATH)
    assert await member.closed() == 4403
    assert member.frames[-1]["code"] == "forbidden"
    deputy = await plain.served.person("Deputy", "admin")
    await monitor(plain.served, plain.boss, plain.ann)
    watcher = await Watcher.connect(plain.served, deputy)
    await watcher.watch(plain.ann)
    async with plain.served.client(plain.boss) as client:
        answer = await client.patch(f"/api/users/{deputy.user_id}", json={"role": "member"})
        assert answer.status_code == 200
    await (await plain.chat()).ask()
    assert await watcher.client.closed() == 4403
    assert watcher.of("checkpoint") == []


async def test_pause_leaves_out_and_counts_and_play_catches_up(plain: House) -> None:
    async with watching(plain.served, plain.boss, plain.ann) as watcher:
        await watcher.client.send(type="pause")
        await watcher.client.send(type="ping")
        await watcher.client.wait_for("pong")
        chat = await plain.chat()
        flow_id = (await chat.ask())[-1]["flow_id"]
        gap = await watcher.client.wait_for("gap")
        assert gap["user_id"] == plain.ann.user_id
        assert watcher.of("checkpoint") == []
        await watcher.client.send(type="play")
        await watcher.watch(plain.ann, have=watcher.have())
        await require_stored(plain, watcher, flow_id)


async def test_a_watcher_that_never_reads_holds_nobody_up_and_is_bounded(
    plain: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_inbox, "LIMIT_BYTES", 20_000)
    monkeypatch.setattr(watch_inbox, "ROOM_BYTES", 10_000)
    async with watching(plain.served, plain.boss, plain.ann) as watcher:
        sleepy = await SleepyWatcher.connect(plain.served.url, plain.served.credentials(plain.boss))
        await sleepy.read_until(b"\r\n\r\n")
        await sleepy.send(type="watch", user_ids=[plain.ann.user_id])
        await eventually(lambda: len(plain.served.process.watch.feed.watchers_of(plain.ann.user_id)) == 2)
        chat = await plain.chat()
        asked = [(await chat.ask())[-1]["flow_id"] for _ in range(6)]
        missing = asyncio.create_task(catch_up(watcher, plain))
        for flow_id in asked:
            await require_stored(plain, watcher, flow_id)
        missing.cancel()
        assert len(plain.served.process.watch.feed.watchers_of(plain.ann.user_id)) == 2
        sleepy.reset()
        await eventually(lambda: len(plain.served.process.watch.feed.watchers_of(plain.ann.user_id)) == 1)


async def catch_up(watcher: Watcher, house: House) -> None:
    """Do as the page does: after a gap ask for what is missing."""
    for number in range(1, 1_000):
        await watcher.client.wait_for("gap", number)
        have = {flow_id: contiguous(steps) for flow_id, steps in watcher.steps.items()}
        await watcher.client.send(type="watch", user_ids=[house.ann.user_id], have=have)


def contiguous(steps: dict[int, dict[str, str]]) -> int:
    return next(seq - 1 for seq in range(1, len(steps) + 2) if seq not in steps)


async def test_topics_bring_activity_servers_alerts_and_receipts(plain: House) -> None:
    watcher = await Watcher.connect(plain.served, plain.boss)
    await watcher.client.send(type="follow", topics=["activity", "servers", "alerts", "receipts"])
    assert (await watcher.client.wait_for("server_state"))["slug"] == "shop"
    assert (await watcher.client.wait_for("alerts"))["items"] is not None
    await (await plain.chat()).ask("Where is my order?")
    await watcher.client.until(
        lambda: any("Where is my order?" in str(frame) for frame in watcher.of("activity")) or None
    )
    await plain.block(plain.ann)
    receipt = await watcher.client.wait_for("receipt")
    assert receipt["user_id"] == plain.ann.user_id
    assert receipt["replica"]["confirmed"]


async def test_lists_of_people_are_each_watchers_own(plain: House) -> None:
    async with plain.served.client(plain.boss) as client:
        kept = await client.post(
            "/api/watch-lists", json={"name": "Support", "user_ids": [plain.ann.user_id]}
        )
        assert kept.status_code == 200, kept.text
        again = await client.post("/api/watch-lists", json={"name": "Support", "user_ids": ["a", "b", "a"]})
        assert again.json()["list_id"] == kept.json()["list_id"]
        assert (await client.get("/api/watch-lists")).json()["items"] == [
            {"list_id": kept.json()["list_id"], "name": "Support", "user_ids": ["a", "b"]}
        ]
        other = await plain.served.person("Deputy", "admin")
        async with plain.served.client(other) as foreign:
            assert (await foreign.get("/api/watch-lists")).json() == {"items": []}
            gone = await foreign.delete(f"/api/watch-lists/{kept.json()['list_id']}")
            assert gone.status_code == 404
        assert (await client.delete(f"/api/watch-lists/{kept.json()['list_id']}")).status_code == 204


async def test_malformed_frames_are_refused_by_their_code_and_the_watch_goes_on(plain: House) -> None:
    async with watching(plain.served, plain.boss, plain.ann) as watcher:
        many = [f"u{number}" for number in range(201)]
        for number, (text, code) in enumerate(
            (
                ('{"type": "say"}', "unknown_type"),
                ('{"type": "watch", "user_ids": []}', "invalid_frame"),
                (json.dumps({"type": "watch", "user_ids": many}), "invalid_frame"),
                ('{"type": "watch", "user_ids": ["u"], "have": {"f": -1}}', "invalid_frame"),
                ('{"type": "watch", "user_ids": ["\\u0000"]}', "invalid_request"),
                ('{"type": "follow", "topics": ["secrets"]}', "invalid_frame"),
                ("[" * 400, "invalid_json"),
            ),
            start=1,
        ):
            await watcher.client.socket.send(text)
            refused = await watcher.client.wait_for("refused", number)
            assert refused["code"] in {code, "not_monitored"}, (text[:60], refused)
        flow_id = (await (await plain.chat()).ask())[-1]["flow_id"]
        await require_stored(plain, watcher, flow_id)


async def test_a_block_ends_the_watch_of_who_is_blocked_with_the_words(plain: House) -> None:
    deputy = await plain.served.person("Deputy", "admin")
    async with watching(plain.served, deputy, plain.ann) as watcher:
        await plain.block(deputy)
        assert await watcher.client.closed() == 4403
        assert watcher.client.frames[-1] == {"type": "blocked", "message": "Please see me."}
