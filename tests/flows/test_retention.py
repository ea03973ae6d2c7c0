"""Retention and erasure: what is too old goes, the proof stays, and what stays is still proven."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import JsonValue
from sqlalchemy import select, text

from omni2.conversations.erasing import Erasing
from omni2.conversations.models import Conversation, Message
from omni2.conversations.steps import insert_conversation, insert_message
from omni2.flows import retention_cut, seal
from omni2.flows.anchor_hook import Courier
from omni2.flows.models import FlowHead, FlowRecord
from omni2.flows.retention import Keeper, keep_for, next_night
from omni2.flows.retention_routes import router
from omni2.flows.seal_stump import stump_words
from omni2.flows.verify_watch import Checker, Proof
from omni2.identity.teams import add_member, create_team, list_members
from omni2.kernel.duty import Duty
from omni2.kernel.ids import new_id, now
from omni2.kernel.journal import CONSOLE, JournalRow
from omni2.upstream.posting import Post
from tests.support.proven import WRITER, Office, office_of
from tests.support.source import ROOT
from tests.support.stage import Person, Stage

POLICY = "flows are kept for 30 days"


@pytest.fixture
async def office(stage: Stage, tmp_path: Path) -> AsyncIterator[Office]:
    office = office_of(stage.database, stage.lane, tmp_path / "keys")
    yield office
    await office.scan.aclose()


@pytest.fixture
def keeper(stage: Stage, office: Office) -> Keeper:
    duty = Duty(stage.database, "retention", lambda: WRITER)
    return Keeper(stage.database, office.notary, duty, "UTC", Erasing())


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
    assert next(rule for rule in await keeper.rules() if rule.subject == "flows").removing == 1
    while await keeper.retain():
        pass
    rule = next(rule for rule in await keeper.rules() if rule.subject == "flows")
    assert rule.removed == 1
    await office.notary.finish()
    assert (await office.report()).fault is None


async def talk(stage: Stage, person: Person, flow_id: str) -> None:
    """Store a conversation of a question, a call and an answer that was said in a flow."""
    talk_id = new_id()
    call: dict[str, JsonValue] = {"call_id": "c", "server": "wiki", "tool": "echo", "status": "ok"}
    call |= {"arguments": {"text": "a secret plan"}, "preview": "plan", "text": "the whole secret plan"}
    wish: JsonValue = [{"call_id": "c", "name": "echo", "arguments": {"text": "a secret plan"}}]
    told: list[tuple[tuple[str, str], dict[str, JsonValue]]] = [
        (("user", "Tell me a secret plan"), {}),
        (("tool", ""), call),
        (("assistant", "It is a secret plan"), {"tool_calls": wish}),
    ]
    messages = [insert_message(new_id(), talk_id, words, data, flow_id) for words, data in told]
    await stage.lane.commit([insert_conversation(talk_id, person.user_id, "A secret plan"), *messages])


async def said(stage: Stage, person: Person) -> str:
    """Return all that is stored of what a person said, as one text."""
    async with stage.database.read() as session:
        talks = select(Conversation).where(Conversation.user_id == person.user_id)
        rows = (await session.scalars(talks)).all()
        found = select(Message).where(Message.conversation_id.in_([row.conversation_id for row in rows]))
        messages = (await session.scalars(found)).all()
        return "\n".join([row.title for row in rows] + [f"{row.text} {row.data}" for row in messages])


async def test_what_a_person_did_and_said_can_be_erased(
    stage: Stage, office: Office, keeper: Keeper, tmp_path: Path
) -> None:
    boss, ann, bob = await stage.person("Boss", "admin"), await stage.person("Ann"), await stage.person("Bob")
    for person in (ann, bob):
        await talk(stage, person, await stage.call(person, "wiki"))
    await talk(stage, ann, new_id())
    await office.notary.finish()
    checker = Checker(stage.database, tmp_path / "keys", tmp_path, lambda: WRITER)
    courier = Courier(stage.database, office.notary.signer, Post())
    stage.proof = Proof(office.notary, checker, keeper, courier)
    team = await create_team(stage.database, "Support", CONSOLE)
    for person in (ann, bob):
        await add_member(stage.database, team.team_id, person.user_id, CONSOLE)
    async with stage.client(boss, router) as client:
        preview = (await client.get(f"/api/users/{ann.user_id}/erase")).json()
        assert (preview["flows"], preview["conversations"], preview["under_way"]) == (1, 2, False)
        assert "the content of 1 flow and 2 conversations of ann@example.org" in preview["words"]
        assert preview["words"].endswith(" They leave 1 team.")
        assert (await client.post(f"/api/users/{ann.user_id}/erase")).status_code == 202
        assert (await client.get(f"/api/users/{ann.user_id}/erase")).json()["under_way"]
        while await keeper.erase_user(ann.user_id):
            pass
        preview = (await client.get(f"/api/users/{ann.user_id}/erase")).json()
    assert (preview["flows"], preview["conversations"], preview["under_way"]) == (0, 0, False)
    assert (await stored(stage)).count("secret plan") == 1
    assert "plan" not in await said(stage, ann)
    assert (await said(stage, bob)).count("secret plan") == 6
    await office.notary.finish()
    assert (await office.report()).fault is None
    async with stage.client(ann, router) as client:
        assert (await client.post(f"/api/users/{bob.user_id}/erase")).status_code == 403
    async with stage.database.read() as session:
        told = await session.scalars(select(JournalRow.sentence).where(JournalRow.kind == "user.erasing"))
        assert list(told) == [
            "boss@example.org had the content of 1 flow and 2 conversations of ann@example.org erased."
        ]
        members = await list_members(session, team.team_id)
        assert [user.user_id for _, user in members] == [bob.user_id]


async def test_content_that_is_too_old_goes_from_conversations_as_well(
    stage: Stage, office: Office, keeper: Keeper
) -> None:
    ann = await stage.person("Ann")
    await talk(stage, ann, await stage.call(ann, "wiki"))
    boundary = now()
    await talk(stage, ann, await stage.call(ann, "wiki"))
    await office.notary.finish()
    while await keeper.apply("content", boundary):
        pass
    assert (await said(stage, ann)).count("secret plan") == 6


async def removed_and_cut(keeper: Keeper, office: Office, before: datetime) -> None:
    """Remove every flow that ended before a time, seal that, and cut the chains."""
    while await keeper.apply("flows", before):
        pass
    await office.notary.finish()
    while await keeper.cut("flows", POLICY):
        pass


async def test_behind_a_cut_a_signed_stump_stays_and_the_rest_is_still_proven(
    stage: Stage, office: Office, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "BATCH", 3)
    monkeypatch.setattr(retention_cut, "LINKS_AT_ONCE", 2)
    ann = await stage.person("Ann")
    for _ in range(4):
        await stage.call(ann, "wiki")
        await office.notary.finish()
    boundary = now()
    await stage.call(ann, "wiki")
    await office.notary.finish()
    before = await office.report()
    await removed_and_cut(keeper, office, boundary)
    report = await office.report()
    assert report.fault is None
    assert report.links < before.links
    steps = [stump for stump in report.cuts if stump.source == "records"]
    assert len(steps) > 1
    assert sum(stump.rows for stump in steps) == 12
    assert [stump.from_n for stump in steps[1:]] == [stump.n + 1 for stump in steps[:-1]]
    assert all(stump.policy == POLICY and stump.first_key <= stump.last_key for stump in steps)
    await stage.call(ann, "wiki")
    await office.notary.finish()
    assert (await office.report()).fault is None


MANIPULATIONS = {
    "DELETE FROM seal_stumps": "no stump says",
    "DELETE FROM seal_stumps WHERE from_n = 1": "stump over link 1 is missing",
    "UPDATE seal_stumps SET rows_cut = rows_cut + 1": "is not signed",
    "UPDATE seal_stumps SET policy = 'flows are kept for 1 days'": "is not signed",
    "UPDATE seal_stumps SET last_key = last_key + 9": "is not signed",
    "UPDATE seal_stumps SET n = n + 1000": "is not signed",
    "UPDATE seal_stumps SET chain = 'x'": "cannot be read",
    "DELETE FROM seals WHERE source = 'records' AND n = (SELECT MAX(n) + 1 FROM seal_stumps"
    " WHERE source = 'records')": "is missing",
    "DELETE FROM flow_records": "missing",
}
TOUCHED = ("seal_stumps", "seals", "flow_records")


async def test_a_forged_or_missing_stump_and_theft_behind_it_are_found(
    stage: Stage, office: Office, keeper: Keeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, "BATCH", 3)
    monkeypatch.setattr(retention_cut, "LINKS_AT_ONCE", 1)
    ann = await stage.person("Ann")
    for _ in range(3):
        await stage.call(ann, "wiki")
        await office.notary.finish()
    boundary = now()
    await stage.call(ann, "wiki")
    await office.notary.finish()
    await removed_and_cut(keeper, office, boundary)
    async with stage.database.work() as work:
        for table in TOUCHED:
            await work.session.execute(text(f"CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
    for act, found in MANIPULATIONS.items():
        assert (await office.report()).fault is None
        async with stage.database.work() as work:
            await work.session.execute(text(act))
        fault = (await office.report(anchored=False)).fault
        assert fault is not None, act
        assert found in fault, f"{act}: {fault}"
        async with stage.database.work() as work:
            for table in TOUCHED:
                await work.session.execute(text(f"DELETE FROM {table}"))
                await work.session.execute(text(f"INSERT INTO {table} SELECT * FROM kept_{table}"))


async def test_what_was_stolen_is_never_cut_as_if_retention_had_removed_it(
    stage: Stage, office: Office, keeper: Keeper
) -> None:
    ann = await stage.person("Ann")
    for _ in range(2):
        await stage.call(ann, "wiki")
        await office.notary.finish()
    async with stage.database.work() as work:
        for table in ("flow_records", "flows"):
            await work.session.execute(text(f"DELETE FROM {table}"))
    while await keeper.cut("flows", POLICY):
        pass
    report = await office.report()
    assert report.cuts == []
    assert report.fault is not None
    assert "missing" in report.fault


async def test_a_stump_that_the_anchors_contradict_is_found(
    stage: Stage, office: Office, keeper: Keeper
) -> None:
    """Also whoever holds the key cannot pretend that a chain stood otherwise when it was cut."""
    ann = await stage.person("Ann")
    for _ in range(3):
        await stage.call(ann, "wiki")
        await office.notary.finish()
    await removed_and_cut(keeper, office, now())
    cut = next(stump for stump in (await office.report()).cuts if stump.source == "records")
    forged = replace(cut, chain=bytes(32))
    signature = office.notary.signer.sign(stump_words(forged))
    async with stage.database.work() as work:
        await work.session.execute(
            text("UPDATE seal_stumps SET chain = :chain, signature = :signature WHERE source = 'records'"),
            {"chain": forged.chain.hex(), "signature": signature},
        )
    fault = (await office.report()).fault
    assert fault is not None
    assert "written anew" in fault


@pytest.mark.slow
async def test_a_run_that_is_killed_leaves_a_record_that_verifies_and_is_taken_up_again(
    stage: Stage, office: Office, keeper: Keeper, tmp_path: Path
) -> None:
    ann = await stage.person("Ann")
    for _ in range(30):
        await stage.call(ann, "wiki")
    async with stage.database.work() as work:
        await work.session.execute(text("UPDATE flows SET ended_at = 1 WHERE status != 'running'"))
        await keep_for(work.session, "flows", 30)
    async with stage.database.work() as work:
        await work.session.execute(text("UPDATE retention SET ran_at = 0"))
    await office.notary.finish()
    kills, gone = 0, 0
    while gone < 30 and kills < 40:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.flows.retention_child"),
            *(stage.database.url.render_as_string(hide_password=False), str(tmp_path / "keys")),
            cwd=ROOT,
            env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
            stdout=asyncio.subprocess.PIPE,
        )
        assert child.stdout is not None
        await child.stdout.readline()
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        kills += 1
        office.notary.forget()
        report = await office.report(strict=False)
        assert report.fault is None, f"behind kill {kills}: {report.fault}"
        gone = 30 - report.rows.get("flows", 0)
    assert kills > 1
    while await keeper.retain():
        pass
    await office.notary.finish()
    rule = next(rule for rule in await keeper.rules() if rule.subject == "flows")
    assert (rule.removed, rule.removing) == (30, 0), "also what killed processes removed is counted"
    report = await office.report()
    assert report.fault is None
    assert sum(stump.rows for stump in report.cuts if stump.source == "records") > 0
