"""Retention and erasure: what is too old goes, the proof stays, and what stays is still proven."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from omni2.flows.models import FlowHead, FlowRecord
from omni2.flows.retention import Keeper, keep_for, next_night
from omni2.flows.retention_routes import router
from omni2.kernel.duty import Duty
from omni2.kernel.ids import now
from tests.support.proven import WRITER, Office, office_of
from tests.support.stage import Stage


@pytest.fixture
async def office(stage: Stage, tmp_path: Path) -> AsyncIterator[Office]:
    office = office_of(stage.database, stage.lane, tmp_path / "keys")
    yield office
    await office.scan.aclose()


@pytest.fixture
def keeper(stage: Stage, office: Office) -> Keeper:
    return Keeper(stage.database, office.notary, Duty(stage.database, "retention", lambda: WRITER), "UTC")


async def stored(stage: Stage) -> str:
    """Return all that is stored of flows, as one text."""
    async with stage.database.read() as session:
        heads = await session.scalars(select(FlowHead.title))
        records = await session.scalars(select(FlowRecord.checkpoints))
        return "\n".join([*heads, *records])


async def test_content_is_erased_and_the_record_still_verifies(
    stage: Stage, office: Office, keeper: Keeper
) -> None:
    ann = await stage.person("Ann")
    for _ in range(3):
        await stage.call(ann, "wiki")
    await office.notary.finish()
    before = await office.report()
    assert "secret plan" in await stored(stage)
    while await keeper.apply("content", now() + timedelta(seconds=1)):
        pass
    assert "secret plan" not in await stored(stage)
    assert "wiki.echo" not in await stored(stage)
    await office.notary.finish()
    report = await office.report()
    assert (report.fault, report.rows["flow_records"]) == (None, before.rows["flow_records"])
    async with stage.database.work() as work:
        await work.session.execute(text("UPDATE flow_records SET user_id = 'x' WHERE last_seq = 1"))
    assert (await office.report()).fault is not None


async def test_flows_that_are_too_old_go_and_their_absence_is_proven(
    stage: Stage, office: Office, keeper: Keeper
) -> None:
    ann = await stage.person("Ann")
    for _ in range(3):
        await stage.call(ann, "wiki")
    await office.notary.finish()
    boundary = now()
    kept = await stage.call(ann, "wiki")
    await office.notary.finish()
    assert await keeper.apply("flows", boundary) == 3
    assert await keeper.apply("flows", boundary) == 0
    assert await keeper.apply("journal", boundary) > 0
    await office.notary.finish()
    report = await office.report()
    assert (report.fault, report.rows["flows"], report.rows.get("journal", 0)) == (None, 1, 0)
    async with stage.database.work() as work:
        await work.session.execute(text("DELETE FROM flow_records WHERE first_seq = 1"))
    fault = (await office.report()).fault
    assert fault is not None
    assert "missing" in fault
    async with stage.database.read() as session:
        assert list(await session.scalars(select(FlowHead.flow_id))) == [kept]


async def test_a_run_waits_for_the_night_and_says_what_it_removed(
    stage: Stage, office: Office, keeper: Keeper
) -> None:
    ann = await stage.person("Ann")
    await stage.call(ann, "wiki")
    async with stage.database.work() as work:
        await work.session.execute(text("UPDATE flows SET ended_at = 0"))
    await office.notary.finish()
    async with stage.database.work() as work:
        await keep_for(work.session, "flows", 30)
    rule = next(rule for rule in await keeper.rules() if rule.subject == "flows")
    assert (rule.days, rule.ran_at, rule.removed) == (30, None, None)
    assert rule.next_run_at is not None
    assert rule.next_run_at == next_night(rule.next_run_at - timedelta(hours=1), ZoneInfo("UTC"))
    async with stage.database.work() as work:
        await work.session.execute(text("UPDATE retention SET ran_at = 0"))
    assert await keeper.retain()
    assert await keeper.retain()
    assert not await keeper.retain()
    rule = next(rule for rule in await keeper.rules() if rule.subject == "flows")
    assert rule.removed == 1
    await office.notary.finish()
    assert (await office.report()).fault is None


async def test_what_a_person_did_can_be_erased(stage: Stage, office: Office, keeper: Keeper) -> None:
    boss, ann, bob = await stage.person("Boss", "admin"), await stage.person("Ann"), await stage.person("Bob")
    await stage.call(ann, "wiki")
    await stage.call(bob, "wiki")
    await office.notary.finish()
    async with stage.client(boss, router) as client:
        preview = (await client.get(f"/api/users/{ann.user_id}/erase")).json()
        assert (preview["flows"], preview["under_way"]) == (1, False)
        assert (await client.post(f"/api/users/{ann.user_id}/erase")).status_code == 202
        assert (await client.get(f"/api/users/{ann.user_id}/erase")).json()["under_way"]
        while await keeper.erase_user(ann.user_id):
            pass
        preview = (await client.get(f"/api/users/{ann.user_id}/erase")).json()
    assert (preview["flows"], preview["under_way"]) == (0, False)
    assert (await stored(stage)).count("secret plan") == 1
    await office.notary.finish()
    assert (await office.report()).fault is None
    async with stage.client(ann, router) as client:
        assert (await client.post(f"/api/users/{bob.user_id}/erase")).status_code == 403
