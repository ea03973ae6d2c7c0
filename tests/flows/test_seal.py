"""Sealing: whatever is recorded is in a signed chain soon after, once, whoever wrote it and whoever died."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import time_machine
from sqlalchemy import text

from omni2.flows import seal
from omni2.flows.checkpoints import AuthCheck
from omni2.flows.phase import Entry, Opening
from omni2.flows.seal_store import fetch_ends
from omni2.kernel import ids
from omni2.kernel.duty import Duty
from omni2.kernel.ids import new_id, new_key, now, to_micros
from omni2.kernel.journal import CONSOLE, write_journal
from tests.support.proven import Office, office_of
from tests.support.stage import Stage


@pytest.fixture
async def office(stage: Stage, tmp_path: Path) -> AsyncIterator[Office]:
    office = office_of(stage.database, stage.lane, tmp_path / "keys")
    yield office
    await office.scan.aclose()


async def test_all_that_is_recorded_is_sealed_and_verified(stage: Stage, office: Office) -> None:
    ann = await stage.person("Ann")
    for _ in range(3):
        await stage.call(ann, "wiki")
    running = stage.recorder.open(Opening(ann.user_id, "chat", "Still at it"))
    await running.write(Entry(AuthCheck(method="session")))
    await office.notary.finish()
    report = await office.report()
    assert (report.well, report.fault) == (True, None)
    assert report.rows["flow_records"] == 10
    assert report.rows["flows"] == 4
    assert report.rows["journal"] >= 1
    assert report.unsealed == 0
    await running.end("ok")
    await office.notary.finish()
    report = await office.report()
    assert (report.fault, report.unsealed) == (None, 0)


async def test_what_is_too_young_waits_and_is_no_fault(stage: Stage, office: Office) -> None:
    ann = await stage.person("Ann")
    await office.notary.finish()
    await stage.call(ann, "wiki")
    report = await office.report()
    assert report.well
    assert report.unsealed > 0


async def test_a_row_that_came_behind_greater_keys_is_sealed_when_it_is_looked_for(
    stage: Stage, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.person("Ann")
    early = new_key()
    await stage.person("Bob")
    await office.notary.finish()
    async with stage.database.work() as work:
        await work.session.execute(
            text(
                "INSERT INTO journal (key, journal_id, at, actor_name, kind, sentence)"
                " VALUES (:key, :id, :at, 'late', 'user.blocked', 'Late.')"
            ),
            {"key": early, "id": new_id(), "at": to_micros(now())},
        )
    await office.notary.finish()
    assert (await office.report()).unsealed == 1
    monkeypatch.setattr(seal, "LOOK_AGAIN_S", (-5,))
    await office.notary.finish()
    report = await office.report()
    assert (report.well, report.unsealed) == (True, 0)


async def test_another_process_goes_on_where_a_dead_one_stopped(
    stage: Stage, office: Office, tmp_path: Path
) -> None:
    ann = await stage.person("Ann")
    await stage.call(ann, "wiki")
    await office.notary.finish()
    await stage.call(ann, "wiki")
    heir = office_of(stage.database, stage.lane, tmp_path / "keys", new_id())
    await heir.notary.finish()
    ends = await fetch_ends(heir.scan)
    await heir.scan.aclose()
    assert (await office.report()).fault is None
    assert ends["records"].total == 6
    async with stage.database.read() as session:
        writers = set(await session.scalars(text("SELECT writer FROM seals")))
    assert len(writers) == 2


async def test_two_that_seal_at_once_seal_nothing_twice(stage: Stage, office: Office, tmp_path: Path) -> None:
    ann = await stage.person("Ann")
    rival = office_of(stage.database, stage.lane, tmp_path / "keys", new_id())
    await office.notary.finish()
    await rival.notary.finish()
    await stage.call(ann, "wiki")
    await office.notary.finish()
    with pytest.raises(Exception, match=r"refused|record_invalid"):
        await rival.notary.finish()
    await rival.notary.finish()
    await rival.scan.aclose()
    assert (await office.report()).well
    assert (await fetch_ends(office.scan))["records"].total == 3


async def test_a_duty_is_one_replicas_until_it_lets_it_go(stage: Stage) -> None:
    first = Duty(stage.database, "seal", lambda: "a")
    second = Duty(stage.database, "seal", lambda: "b")
    assert await first.held()
    assert await second.held() == stage.database.is_sqlite
    assert await first.held()


async def test_an_anchor_a_pass_says_where_every_chain_ends(stage: Stage, office: Office) -> None:
    ann = await stage.person("Ann")
    await stage.call(ann, "wiki")
    await office.notary.finish()
    await office.notary.finish()
    files = list(office.notary.anchors.folder.glob("*.jsonl"))
    lines = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    ends = await fetch_ends(office.scan)
    assert lines[-1]["ends"] == {
        source: [end.n, end.total, end.chain.hex()] for source, end in ends.items() if end.n
    }
    assert len(lines) == len({json.dumps(line["ends"]) for line in lines})
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


async def test_an_old_record_is_sealed_in_batches(
    stage: Stage, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "BATCH", 4)
    ann = await stage.person("Ann")
    for _ in range(5):
        await stage.call(ann, "wiki")
    async with stage.database.work() as work:
        for _ in range(5):
            write_journal(work, CONSOLE, "user.blocked", "Said.")
    await office.notary.finish()
    report = await office.report()
    assert (report.fault, report.rows["flow_records"], report.unsealed) == (None, 15, 0)
    assert report.links > 8
    assert report.sealed_at is not None
    assert now() - report.sealed_at < timedelta(minutes=1)


def forget_keys() -> None:
    """Be another process: its keys follow the clock, not those that were made here."""
    cast("dict[str, int]", vars(vars(ids)["_keys"]))["_last"] = 0


@pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(hours=3)])
async def test_a_clock_that_is_set_back_leaves_nothing_unsealed_and_nothing_looks_forged(
    stage: Stage, office: Office, back: timedelta
) -> None:
    ann = await stage.person("Ann")
    real = now()
    with time_machine.travel(real + back):
        await stage.call(ann, "wiki")
        await office.notary.finish()
        await stage.call(ann, "wiki")  # committed, and not sealed when the clock is set back
    await pass_on(office)
    await stage.call(ann, "wiki")  # the same process: its keys never go back
    forget_keys()
    await stage.call(ann, "wiki")  # another one: its keys stand among those that are sealed
    await stage.person("Bob")
    await pass_on(office)
    for later in (timedelta(seconds=70), timedelta(minutes=30)):
        with time_machine.travel(now() + later):
            report = await office.report()
            assert report.fault is None
            assert report.rows["flow_records"] == 12
            assert report.unsealed == 0
    await office.notary.finish()
    assert (await office.report()).fault is None


async def test_who_begins_to_seal_behind_a_clock_that_was_set_back_seals_what_comes_now(
    stage: Stage, office: Office, tmp_path: Path
) -> None:
    ann = await stage.person("Ann")
    with time_machine.travel(now() + timedelta(hours=2)):
        await stage.call(ann, "wiki")
        await office.notary.finish()
    forget_keys()
    heir = office_of(stage.database, stage.lane, tmp_path / "keys", new_id())
    await stage.call(ann, "wiki")
    await pass_on(heir)
    with time_machine.travel(now() + timedelta(minutes=5)):
        report = await heir.report()
    await heir.scan.aclose()
    assert (report.fault, report.unsealed) == (None, 0)


async def pass_on(office: Office) -> None:
    """Seal as a server does, pass by pass, until what stood when this was called must be sealed."""
    for _ in range(4):
        while await office.notary.seal():
            pass
        await asyncio.sleep(seal.BEHIND_S)
