"""The index takes nothing up that is erased or removed between its reading and its writing."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from omni2.conversations.erasing import Erasing
from omni2.flows.checkpoints import ToolCall
from omni2.flows.indexer import Indexer
from omni2.flows.models import FlowDoc, FlowTerm
from omni2.flows.phase import Entry
from omni2.flows.retention import Keeper
from omni2.flows.retention_preview import Subject
from omni2.kernel.duty import Duty
from omni2.kernel.ids import now
from tests.support.lanes import catch_up, writer_of
from tests.support.proven import WRITER, office_of
from tests.support.stage import Stage


@pytest.mark.parametrize(("subject", "left"), [("content", 1), ("flows", 0)])
async def test_what_goes_while_it_is_being_indexed_is_not_found_afterwards(
    stage: Stage, tmp_path: Path, subject: Subject, left: int
) -> None:
    async with stage.flow(await stage.person("Ann"), "A question") as flow:
        call = ToolCall(server="wiki", tool="echo", call_id="c1", arguments={"text": "a secret plan"})
        await flow.write(Entry(call))
        await flow.end("ok")
    office = office_of(stage.database, stage.lane, tmp_path / "keys")
    await office.notary.finish()
    duty = Duty(stage.database, "retention", lambda: WRITER)
    keeper = Keeper(stage.database, office.notary, duty, "UTC", Erasing())
    passed: list[int] = []

    async def said(session: AsyncSession, flow_ids: Sequence[str]) -> Mapping[str, str]:
        """Return nothing: it is what comes to pass between the reading and the writing."""
        del session, flow_ids
        if not passed:
            passed.append(await keeper.apply(subject, now() + timedelta(seconds=1)))
        return {}

    indexer = Indexer(stage.database, writer_of(stage.database), said=said)
    await indexer.open()
    await indexer.catch_up()
    await indexer.aclose()
    assert passed == [1]
    await catch_up(stage.database)
    async with stage.database.read() as session:
        words = (await session.scalars(select(FlowDoc.words))).all()
        counted = await session.scalars(select(FlowTerm.flows).where(FlowTerm.name == "status"))
        assert sum(counted) == left
    assert len(words) == left
    assert "secret plan" not in "".join(words).casefold()
    await office.scan.aclose()
