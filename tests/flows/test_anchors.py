"""Anchors outside: what a webhook receives proves the record, and who does not take them is told of."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from omni2.app.routes_health import router as health
from omni2.flows import anchor_hook
from omni2.flows.anchor_routes import router
from omni2.flows.seal_anchor import read_anchors
from omni2.flows.seal_keys import PUBLIC_FILE, Witness, load_witness
from omni2.flows.verify import Walk, verify
from omni2.flows.verify_watch import Proof
from omni2.kernel.errors import Problem
from omni2.kernel.journal import JournalRow
from tests.support.proven import proven
from tests.support.raw_server import Wire, scripted
from tests.support.stage import Person, Stage

PATH = "/api/journal/anchors"


class Outside:
    """A place outside that appends what it is sent; with `status` other than 200 it takes nothing."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.heads: list[bytes] = []
        self.status = b"200 OK"

    async def __call__(self, wire: Wire) -> None:
        head, body = await wire.request()
        self.heads.append(head)
        if self.status.startswith(b"200"):
            self.lines.append(body)
        await wire.send(b"HTTP/1.1 " + self.status + b"\r\ncontent-length: 0\r\n\r\n")


@pytest.fixture
async def proof(stage: Stage, tmp_path: Path) -> AsyncIterator[Proof]:
    async with proven(stage.database, stage.lane, tmp_path / "keys") as stage.proof:
        yield stage.proof


@pytest.fixture
async def boss(stage: Stage, proof: Proof) -> Person:
    return await stage.person("Boss", "admin")


async def test_what_a_webhook_received_proves_the_record_and_finds_what_was_written_anew(
    stage: Stage, proof: Proof, boss: Person, tmp_path: Path
) -> None:
    outside = Outside()
    async with scripted(outside) as url, stage.client(boss, router) as client:
        where = f"http://127.0.0.1:{url.port}/anchors?key=7"
        answer = await client.put(PATH, json={"url": where, "allow_private": True})
        assert answer.json()["state"] == "ok"
        for _ in range(3):
            await stage.call(boss, "wiki")
            await proof.notary.finish()
            proof.courier.offer(await proof.notary.line())
            await proof.courier.deliver()
            await proof.courier.deliver()
    assert len(outside.lines) == 4, "no line is sent twice"
    fields = dict(line.split(b": ", 1) for line in outside.heads[-1].split(b"\r\n") if b": " in line)
    key = Witness([base64.b64decode(fields[b"omni2-key"])])
    assert key.confirms(outside.lines[-1], fields[b"omni2-signature"].decode())
    received = tmp_path / "received.jsonl"
    received.write_bytes(b"\r\n\r\n".join([outside.lines[2], *outside.lines[:2], outside.lines[3]]))
    witness = load_witness(tmp_path / "keys" / PUBLIC_FILE)
    anchors = read_anchors([received], witness)
    assert (await verify(Walk(proof.notary.scan, witness, anchors))).fault is None
    async with stage.database.work() as work:
        await work.session.execute(text("DELETE FROM seals WHERE source = 'records' AND n > 1"))
    fault = (await verify(Walk(proof.notary.scan, witness, anchors))).fault
    assert fault is not None
    assert "cut short" in fault
    forged = outside.lines[3].replace(b'"signature":"', b'"signature":"AAAA')
    received.write_bytes(b"\n".join([*outside.lines[:3], forged]))
    assert [anchor.signed for anchor in read_anchors([received], witness)].count(False) == 1


async def test_a_webhook_that_takes_nothing_is_told_of_and_asked_again(
    stage: Stage, proof: Proof, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchor_hook, "LOOK_EVERY_S", 0.0)
    outside = Outside()
    outside.status = b"500 Broken"
    async with scripted(outside) as url, stage.client(boss, router, health) as client:
        assert (await client.get(PATH)).json()["state"] == "off"
        assert (await client.post(f"{PATH}/send")).status_code == 404
        where = {"url": f"http://127.0.0.1:{url.port}/", "allow_private": True}
        failed = (await client.put(PATH, json=where)).json()
        assert (failed["state"], failed["failures"]) == ("failing", 1)
        assert "HTTP 500" in failed["words"]
        told = (await client.get("/api/health")).json()
        assert (told["status"], told["anchors"]) == ("degraded", "failing")
        await proof.courier.run()
        assert len(outside.heads) == 1, "it is left alone for a while"
        nowhere = {"url": "http://127.0.0.1:9/", "allow_private": True}
        assert "Nothing answers" in (await client.put(PATH, json=nowhere)).json()["words"]
        assert (await client.put(PATH, json=where)).json()["failures"] == 1
        outside.status = b"302 Found\r\nlocation: http://127.0.0.1:1/"
        assert "HTTP 302" in (await client.post(f"{PATH}/send")).json()["words"]
        outside.status = b"200 OK"
        assert (await client.post(f"{PATH}/send")).json()["state"] == "ok"
        told = (await client.get("/api/health")).json()
        assert (told["status"], told["anchors"]) == ("ok", "ok")
        assert (await client.put(PATH, json={"url": None})).json()["state"] == "off"
    async with stage.database.read() as session:
        rows = await session.scalars(
            select(JournalRow.kind).where(JournalRow.kind.startswith("anchors.")).order_by(JournalRow.key)
        )
        assert [kind.removeprefix("anchors.") for kind in rows] == [
            "changed",
            "failing",
            "changed",
            "failing",
            "changed",
            "failing",
            "sent",
            "changed",
        ]


async def test_anchors_go_nowhere_that_servers_may_not_be(stage: Stage, proof: Proof, boss: Person) -> None:
    async with stage.client(boss, router) as client:
        for url in (
            "http://169.254.169.254/latest",
            "http://metadata.goog/",
            "http://10.0.0.1/",
            "http://127.0.0.1:9/",
            "http://user:secret@example.org/",
            "file:///etc/passwd",
        ):
            answer = await client.put(PATH, json={"url": url})
            assert (answer.status_code, answer.json()["code"]) == (422, "url_refused"), url
        private = await client.put(PATH, json={"url": "http://169.254.169.254/", "allow_private": True})
        assert private.status_code == 422
        assert (await client.get(PATH)).json()["url"] is None
    with pytest.raises(Problem, match="url_refused"):
        await proof.courier.poster.send("http://127.0.0.1:9/", b"{}", {}, allow_private=False)


async def test_auditors_see_where_anchors_go_and_only_administrators_change_it(
    stage: Stage, proof: Proof, boss: Person
) -> None:
    auditor, member = await stage.person("Ada", "auditor"), await stage.person("Mel")
    del proof, boss
    async with stage.client(auditor, router) as client:
        assert (await client.get(PATH)).status_code == 200
        assert (await client.put(PATH, json={"url": None})).status_code == 403
    async with stage.client(member, router) as client:
        assert (await client.get(PATH)).status_code == 403
