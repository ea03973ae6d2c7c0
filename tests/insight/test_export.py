"""Export: what leaves is what is stored, as far as the reader may see it, and no form of it does harm."""

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from omni2.conversations.steps import insert_conversation, insert_message
from omni2.flows.checkpoints import KINDS
from omni2.flows.models import FlowRecord
from omni2.flows.queries import Sight
from omni2.flows.schemas import FlowQuery
from omni2.flows.verify_routes import router as proof_routes
from omni2.insight import export, export_person
from omni2.insight.export import Wanted, export_flows
from omni2.insight.export_formats import MEDIA, as_line, replay_page
from omni2.insight.export_routes import router
from omni2.kernel.ids import new_id
from omni2.kernel.journal import JournalRow
from tests.support.proven import proven
from tests.support.stage import Person, Stage

HOSTILE = "=cmd|'/C calc'!A1</script><script>alert(1)</script><!--"
PATH = "/api/insight/export/flows"
FLOW = re.compile(
    rb'(?:,?|<script type="application/json" class="flow">)(?:{"flow_id":")?([0-9a-f-]{36})[",]'
)
DONE = ("exported", "exported", "went on with the export of")


@pytest.fixture
async def boss(stage: Stage, tmp_path: Path) -> AsyncIterator[Person]:
    """An administrator, beside a proof that the routes ask."""
    async with proven(stage.database, stage.lane, tmp_path / "keys") as stage.proof:
        yield await stage.person("Boss", "admin")


async def taken(stage: Stage, person: Person, **query: str) -> tuple[str, str]:
    """Return the content type and the text of an export."""
    async with stage.client(person, router) as client:
        answer = await client.get(PATH, params=query)
    assert answer.status_code == 200, answer.text
    return answer.headers["content-type"], answer.text


async def journaled(stage: Stage) -> list[str]:
    """Return what the journal says of exports."""
    query = select(JournalRow.sentence).where(JournalRow.kind == "flows.exported").order_by(JournalRow.key)
    async with stage.database.read() as session:
        return [*await session.scalars(query)]


async def test_a_line_a_flow_with_its_checkpoints_as_they_are_stored(stage: Stage, boss: Person) -> None:
    ann = await stage.person("Ann")
    flow_ids = [await stage.call(ann, "wiki") for _ in range(3)]
    kind, text = await taken(stage, boss)
    lines = [json.loads(line) for line in text.splitlines()]
    assert kind == "application/x-ndjson"
    assert [line["flow_id"] for line in lines] == flow_ids[::-1]
    assert [step["seq"] for step in lines[0]["checkpoints"]] == [1, 2, 3, 4]
    async with stage.database.read() as session:
        query = (
            select(FlowRecord.checkpoints)
            .where(FlowRecord.flow_id == flow_ids[-1])
            .order_by(FlowRecord.first_seq)
        )
        stored = [step for row in await session.scalars(query) for step in json.loads(row)]
    assert lines[0]["checkpoints"] == stored
    assert await journaled(stage) == ["boss@example.org exported all flows in sight as jsonl."]


async def test_a_member_takes_out_their_own_flows_alone(stage: Stage, boss: Person) -> None:
    ann = await stage.person("Ann")
    own = await stage.call(ann, "wiki")
    await stage.call(boss, "wiki")
    _, text = await taken(stage, ann)
    assert [json.loads(line)["flow_id"] for line in text.splitlines()] == [own]


async def test_content_that_may_not_be_seen_does_not_leave(stage: Stage, boss: Person) -> None:
    ann = await stage.person("Ann")
    await stage.call(ann, "wiki")
    sight = Sight(boss.user_id, all_flows=True, content=False)
    found = [flow async for flow in export_flows(stage.database, sight, Wanted(FlowQuery()))]
    line = as_line(found[0])
    assert b"secret plan" not in line
    assert b"[hidden]" in line
    assert [step["seq"] for step in json.loads(line)["checkpoints"]] == [1, 2, 3, 4]


async def five_flows(stage: Stage, boss: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Record flows, one of them with words that are hard to cut, to be exported in pages of two."""
    monkeypatch.setattr(export, "FLOWS_AT_ONCE", 2)
    for _ in range(2):
        await stage.call(boss, "wiki")
    async with stage.flow(
        boss, f'{HOSTILE}\r\n"#flows 9\n{{"flow_id":"\n00000000-0000-0000-0000-000000000000,'
    ):
        pass
    for _ in range(2):
        await stage.call(boss, "wiki")


def whole_flows(form: str, part: bytes) -> list[tuple[str, int]]:
    """Return the flows that are whole in what came of a file: their ids, and where each ends."""
    found: list[tuple[str, int]] = []
    line = 0
    for place, byte in enumerate(part):
        if byte != ord("\n") or (form == "csv" and part[line:place].count(b'"') % 2):
            continue
        if name := FLOW.match(part[line : line + 120]):
            found.append((name[1].decode(), place + 1))
        line = place + 1
    return found


async def test_a_file_that_was_cut_off_anywhere_is_made_whole_by_its_rest(
    stage: Stage, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await five_flows(stage, boss, monkeypatch)
    assert stage.proof is not None
    await stage.proof.notary.finish()
    files = {form: (await taken(stage, boss, format=form))[1].encode() for form in MEDIA}
    await stage.call(boss, "wiki")  # comes too late to be in a file, and moves nothing in it
    for form, whole in files.items():
        flows = whole_flows(form, whole)
        assert len(flows) == 5
        rest = {name: (await taken(stage, boss, format=form, after=name))[1].encode() for name, _ in flows}
        for place in range(0, len(whole), 61):
            came = whole_flows(form, whole[:place])
            assert came == flows[: len(came)]
            assert not came or whole[: came[-1][1]] + rest[came[-1][0]] == whole


async def test_a_last_line_tells_how_many_flows_came_to_whoever_asks(
    stage: Stage, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await five_flows(stage, boss, monkeypatch)
    sentences: list[str] = []
    for form in MEDIA:
        _, plain = await taken(stage, boss, format=form)
        _, told = await taken(stage, boss, format=form, tally="true")
        assert told[len(plain) :] == "#flows 5\n"
        third, _ = whole_flows(form, plain.encode())[2]
        _, rest = await taken(stage, boss, format=form, tally="true", after=third)
        assert rest.endswith("\n#flows 2\n")
        sentences += [f"boss@example.org {did} all flows in sight as {form}." for did in DONE]
    assert await journaled(stage) == sentences


async def test_picked_flows_go_on_as_well(
    stage: Stage, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "FLOWS_AT_ONCE", 2)
    flow_ids = [await stage.call(boss, "wiki") for _ in range(5)]
    picked = ",".join(flow_ids[i] for i in (4, 0, 2, 1))
    _, whole = await taken(stage, boss, flow=picked)
    lines = whole.splitlines()
    assert [json.loads(line)["flow_id"] for line in lines] == [flow_ids[i] for i in (0, 1, 2, 4)]
    _, rest = await taken(stage, boss, flow=picked, after=flow_ids[1])
    assert rest.splitlines() == lines[2:]
    async with stage.client(boss, router) as client:
        assert (await client.get(PATH, params={"after": new_id()})).status_code == 404


async def test_a_table_holds_no_formula(stage: Stage, boss: Person) -> None:
    async with stage.flow(boss, HOSTILE):
        pass
    _, text = await taken(stage, boss, format="csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert rows[0]["title"] == f"'{HOSTILE}"
    assert not any((cell or "").startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


async def test_a_replay_holds_what_is_hostile_as_data_alone(stage: Stage, boss: Person) -> None:
    async with stage.flow(boss, HOSTILE):
        pass
    _, text = await taken(stage, boss, format="html")
    data = re.findall(r'<script type="application/json" class="flow">(.*?)</script>', text, re.DOTALL)
    assert [json.loads(each)["title"] for each in data] == [HOSTILE]
    assert text.count("<script") == 2
    assert "alert(1)" not in text.replace(data[0], "")
    assert "default-src 'none'" in text
    assert "http://" not in text.replace(data[0], "")
    assert "https://" not in text.replace(data[0], "")


def test_a_replay_has_a_name_and_words_for_every_kind() -> None:
    script = replay_page().decode()
    titles, _, rest = script.partition("const titles = {")[2].partition("}")
    words = rest.partition("const says = {")[2].partition("\n}\n")[0]
    for kind in KINDS:
        assert f"{kind}: " in titles
        assert f"\n  {kind}: (data" in words


async def test_the_proof_is_told_of_the_record_and_of_a_flow(stage: Stage, boss: Person) -> None:
    flow_id = await stage.call(boss, "wiki")
    assert stage.proof is not None
    async with stage.client(boss, proof_routes) as client:
        before = (await client.get(f"/api/flows/{flow_id}/proof")).json()
        assert before["state"] == "unsealed"
        assert (await client.get("/api/journal/verify")).json()["state"] == "unchecked"
        await stage.proof.notary.finish()
        assert (await client.get(f"/api/flows/{flow_id}/proof")).json()["state"] == "verified"
        assert (await stage.proof.checker.check()).fault is None
        assert (await client.get("/api/journal/verify")).json()["state"] == "verified"
        assert (await client.post("/api/journal/verify")).status_code == 202
        async with stage.database.work() as work:
            records = await work.session.scalars(select(FlowRecord).where(FlowRecord.flow_id == flow_id))
            records.all()[0].checkpoints = "[]"
        told = (await client.get(f"/api/flows/{flow_id}/proof")).json()
        assert (told["state"], "changed" in told["words"]) == ("broken", True)


async def test_all_that_a_person_did_and_said_is_taken_out_by_them_or_whoever_may_read_content(
    stage: Stage, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export_person, "TALKS_AT_ONCE", 2)
    ann, bob = await stage.person("Ann"), await stage.person("Bob")
    for number in range(3):
        flow_id = await stage.call(ann, "wiki")
        talk_id = new_id()
        messages = [
            insert_message(new_id(), talk_id, ("user", f"Question {number}"), {}, flow_id),
            insert_message(new_id(), talk_id, ("assistant", f"Answer {number}"), {}, flow_id),
        ]
        await stage.lane.commit([insert_conversation(talk_id, ann.user_id, "Words"), *messages])
    path = f"/api/insight/export/users/{ann.user_id}"
    for person in (boss, ann):
        async with stage.client(person, router) as client:
            lines = [json.loads(line) for line in (await client.get(path)).text.splitlines()]
        assert (lines[0]["email"], lines[0]["omni2_person"]) == ("ann@example.org", 1)
        talks = [[each["text"] for each in line["messages"]] for line in lines if "messages" in line]
        assert talks == [[f"Question {number}", f"Answer {number}"] for number in range(3)]
        flows = [line for line in lines if "checkpoints" in line]
        assert len(flows) == 3
        assert "a secret plan" in json.dumps(flows)
    async with stage.client(bob, router) as client:
        assert (await client.get(path)).status_code == 403
    async with stage.database.read() as session:
        rows = await session.scalars(select(JournalRow.sentence).where(JournalRow.kind == "user.exported"))
        assert "boss@example.org exported all that ann@example.org did and said." in list(rows)
