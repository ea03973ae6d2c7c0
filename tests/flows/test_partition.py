"""Months of steps on PostgreSQL: made ahead, each number once over all of them, dropped as a whole."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from omni2.conversations.erasing import Erasing
from omni2.flows.models import FlowHead
from omni2.flows.partition import Months, id_at, list_months, month_behind
from omni2.flows.retention import Keeper, keep_for
from omni2.flows.verify_flow import prove_flow
from omni2.kernel.duty import Duty
from omni2.kernel.ids import new_key, now
from tests.support.proven import WRITER, Office, office_of
from tests.support.services import Postgres
from tests.support.stage import Stage

WHERE = "SELECT tableoid::regclass::text, count(*) FROM flow_records GROUP BY 1 ORDER BY 1"
ROW = (
    "INSERT INTO flow_records (key, flow_id, user_id, first_seq, last_seq, at, checkpoints)"
    " VALUES (:key, :flow_id, 'u', 1, 1, 0, '[]')"
)


@pytest.fixture
def database_url(postgres: Postgres, postgres_template: str) -> Iterator[str]:
    """The URL of a fresh, migrated database of the kind that has months."""
    name = postgres.create(postgres_template)
    yield postgres.url(name)
    postgres.drop(name)


@pytest.fixture
async def office(stage: Stage, tmp_path: Path) -> AsyncIterator[Office]:
    office = office_of(stage.database, stage.lane, tmp_path / "keys")
    yield office
    await office.scan.aclose()


@pytest.fixture
def months(stage: Stage) -> Months:
    return Months(stage.database, Duty(stage.database, "months", lambda: WRITER))


async def stored(stage: Stage) -> dict[str, int]:
    """Return how many steps each partition holds."""
    async with stage.database.read() as session:
        return {row[0]: row[1] for row in await session.execute(text(WHERE))}


async def test_months_are_made_ahead_and_take_what_the_rest_has_of_them(stage: Stage, months: Months) -> None:
    async with stage.database.read() as session:
        (first,) = await list_months(session)
    assert first.begin is None
    later = month_behind(month_behind(first.end)) + timedelta(days=3)
    async with stage.database.work() as work:
        await work.session.execute(text(ROW), {"key": new_key(), "flow_id": f"{id_at(later)}-7000"})
        await work.session.execute(text(ROW), {"key": new_key(), "flow_id": "named by hand"})
    assert await stored(stage) == {"flow_records_rest": 2}
    assert len(await months.make()) == 2, "this month and what was before is there"
    assert await months.make() == []
    made = await months.make(later)
    assert made[0] == f"flow_records_{later:%Y%m}"
    assert await stored(stage) == {"flow_records_rest": 1, made[0]: 1}


async def test_each_number_stands_once_in_whatever_month_it_is_written(stage: Stage, months: Months) -> None:
    ann = await stage.person("Ann")
    await months.make()
    async with stage.database.read() as session:
        edge = (await list_months(session))[0].end
    with time_machine.travel(edge - timedelta(seconds=1), tick=False) as clock:
        async with stage.flow(ann, "Over the end of the month") as flow:
            clock.move_to(edge + timedelta(hours=1))
            await flow.end("ok")
    assert list((await stored(stage)).values()) == [2], "a flow is in the month in which it began"
    again = {"key": new_key(), "flow_id": flow.flow_id}
    with pytest.raises(IntegrityError):
        async with stage.database.work() as work:
            await work.session.execute(text(ROW), again)


async def test_retention_drops_whole_months_and_the_record_is_still_proven(
    stage: Stage, months: Months, office: Office
) -> None:
    ann = await stage.person("Ann")
    async with stage.database.read() as session:
        edge = (await list_months(session))[0].end
    made: list[str] = []
    for begin in (now(), edge + timedelta(days=2), edge + timedelta(days=40), edge + timedelta(days=50)):
        with time_machine.travel(begin):
            await months.make()
            for _ in range(3):
                made.append(await stage.call(ann, "wiki"))
            await office.notary.finish()
    async with stage.database.work() as work:
        await keep_for(work.session, "flows", 30)
    async with stage.database.work() as work:
        await work.session.execute(text("UPDATE retention SET ran_at = 0"))
    duty = Duty(stage.database, "retention", lambda: WRITER)
    keeper = Keeper(stage.database, office.notary, duty, "UTC", Erasing())
    with time_machine.travel(edge + timedelta(days=75)):
        assert await keeper.retain()
        assert await keeper.retain()
        assert len(await stored(stage)) == 1, "two months went as a whole"
        assert (await prove_flow(office.scan, made[1])).state == "unsealed"
        while await keeper.retain():
            pass
        await office.notary.finish()
        report = await office.report()
        assert report.fault is None
        assert report.rows == {"flow_records": 9, "flows": 3, "journal": report.rows["journal"]}
        assert sum(stump.rows for stump in report.cuts if stump.source == "records") > 0
        rule = next(rule for rule in await keeper.rules() if rule.subject == "flows")
        assert rule.removed == 9
    async with stage.database.read() as session:
        assert len((await session.scalars(select(FlowHead.flow_id))).all()) == 3
        assert [month.end > datetime(2026, 1, 1, tzinfo=UTC) for month in await list_months(session)]


async def test_a_month_in_which_a_flow_still_runs_is_kept(
    stage: Stage, months: Months, office: Office
) -> None:
    ann = await stage.person("Ann")
    await months.make()
    keeper = Keeper(
        stage.database, office.notary, Duty(stage.database, "retention", lambda: WRITER), "UTC", Erasing()
    )
    async with stage.flow(ann, "Still at it"):
        assert not await keeper.drop_month(now() + timedelta(days=400))
    await office.notary.finish()
    assert await keeper.drop_month(now() + timedelta(days=400))
    await office.notary.finish()
    assert await stored(stage) == {}
