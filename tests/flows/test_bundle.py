"""Bundles: what was exported is taken in elsewhere, proven by what it carries, and never becomes ours."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from sqlalchemy import func, select

from omni2.flows import bundle
from omni2.flows.bundle_routes import router
from omni2.flows.models import FlowHead
from omni2.insight.export_routes import router as export_routes
from tests.support.proven import proven
from tests.support.stage import Person, Stage

ROUTES = (router, export_routes)
JSON = {"content-type": "application/json"}


@pytest.fixture
async def boss(stage: Stage, tmp_path: Path) -> AsyncIterator[Person]:
    async with proven(stage.database, stage.lane, tmp_path / "keys") as stage.proof:
        yield await stage.person("Boss", "admin")


async def exported(stage: Stage, boss: Person, form: str) -> bytes:
    """Return two sealed flows, exported."""
    for _ in range(2):
        await stage.call(boss, "wiki")
    assert stage.proof is not None
    await stage.proof.notary.finish()
    async with stage.client(boss, *ROUTES) as client:
        return (await client.get("/api/insight/export/flows", params={"format": form})).content


async def taken_in(stage: Stage, boss: Person, body: bytes) -> dict[str, Any]:
    """Import it and return what is said of it."""
    async with stage.client(boss, *ROUTES) as client:
        answer = await client.post("/api/bundles", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_bundle_is_proven_by_what_it_carries_and_read_as_it_was(stage: Stage, boss: Person) -> None:
    body = await exported(stage, boss, "json")
    taken = await taken_in(stage, boss, body)
    assert (taken["proof"], taken["flows"], taken["steps"]) == ("verified", 2, 8)
    original = json.loads(body)["flows"][0]
    async with stage.client(boss, *ROUTES) as client:
        page = (await client.get(f"/api/bundles/{taken['bundle_id']}/flows")).json()
        path = f"/api/bundles/{taken['bundle_id']}/flows/{original['flow_id']}"
        flow = (await client.get(path)).json()
        assert len((await client.get("/api/bundles")).json()["items"]) == 1
        assert (await client.delete(f"/api/bundles/{taken['bundle_id']}")).status_code == 204
        assert (await client.get(path)).status_code == 404
    assert page["items"][0]["flow_id"] == original["flow_id"]
    assert flow["checkpoints"] == original["checkpoints"]
    async with stage.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(FlowHead)) == 2


async def test_a_bundle_that_was_changed_on_its_way_says_where(stage: Stage, boss: Person) -> None:
    body = await exported(stage, boss, "json")
    whole = json.loads(body)
    whole["flows"][1]["checkpoints"][2]["verdict"] = "denied"
    taken = await taken_in(stage, boss, json.dumps(whole, separators=(",", ":")).encode())
    assert taken["proof"] == "broken"
    assert whole["flows"][1]["flow_id"] in taken["words"]
    forged = body.replace(b'"signature":"', b'"signature":"AAAA')
    assert (await taken_in(stage, boss, forged))["proof"] == "broken"


async def test_a_bundle_that_was_cut_off_and_went_on_is_proven_like_any_other(
    stage: Stage, boss: Person
) -> None:
    for _ in range(2):
        await exported(stage, boss, "json")  # two links, with two flows each
    body = await exported(stage, boss, "json")
    lines = body.splitlines(keepends=True)
    async with stage.client(boss, *ROUTES) as client:
        asked = {"format": "json", "after": json.loads(lines[2].lstrip(b","))["flow_id"]}
        rest = (await client.get("/api/insight/export/flows", params=asked)).content
    joined = b"".join(lines[:3]) + rest
    assert len(json.loads(joined)["links"]) == 3
    assert (await taken_in(stage, boss, joined))["proof"] == "verified"
    without = json.loads(joined)
    del without["links"][2]
    told = await taken_in(stage, boss, json.dumps(without).encode())
    assert (told["proof"], told["words"]) == ("none", "It carries no proof of all its flows.")


async def test_lines_are_taken_in_without_a_proof_and_nonsense_not_at_all(stage: Stage, boss: Person) -> None:
    body = await exported(stage, boss, "jsonl")
    assert (await taken_in(stage, boss, body))["proof"] == "none"
    headers = {"content-type": "application/json"}
    async with stage.client(boss, *ROUTES) as client:
        for nonsense in (
            b"",
            b"[]",
            b"{",
            b'{"omni2_bundle":1}',
            b'{"a":1}',
            body.replace(b'"seq":2', b'"seq":7'),
        ):
            answer = await client.post("/api/bundles", content=nonsense, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (422, "bundle_invalid")
    ann = await stage.person("Ann")
    async with stage.client(ann, *ROUTES) as client:
        assert (await client.post("/api/bundles", content=body, headers=headers)).status_code == 403


async def sent(client: AsyncClient, body: bytes, size: int, mark: str = "7") -> dict[str, Any]:
    """Send a file in parts from wherever it stands, and have it proven; return what is said of it."""
    begin = {"name": "big.json", "size": len(body), "mark": mark}
    told = (await client.post("/api/bundles/uploads", json=begin)).json()
    path = f"/api/bundles/uploads/{told['bundle_id']}"
    while told["state"] == "open":
        at = told["received"]
        answer = await client.put(path, params={"offset": at}, content=body[at : at + size], headers=JSON)
        if answer.status_code != 200:
            return answer.json()
        told = answer.json()
    while told["state"] != "whole":
        told = (await client.post(f"{path}/prove")).json()
    return told


async def test_a_bundle_comes_in_parts_of_any_size_and_is_proven_page_by_page(
    stage: Stage, boss: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundle, "PROVEN_AT_ONCE", 1)
    body = await exported(stage, boss, "json")
    spread = json.dumps(json.loads(body), indent=1).encode()
    changed = body.replace(b"secret plan", "gro\u00dfer \u20ac-Plan".encode())
    async with stage.client(boss, *ROUTES) as client:
        assert (await sent(client, spread, 397))["proof"] == "verified"
        assert (await sent(client, changed, 261))["proof"] == "broken"
        told = await sent(client, body, 1_000)
        path = f"/api/bundles/{told['bundle_id']}/flows"
        page = (await client.get(path, params={"limit": 1})).json()
        rest = (await client.get(path, params={"limit": 1, "after": page["next"]})).json()
    assert (told["flows"], told["steps"], told["proof"]) == (2, 8, "verified")
    assert len({page["items"][0]["flow_id"], rest["items"][0]["flow_id"]}) == 2
    assert rest["next"] is None


async def test_an_upload_that_was_cut_off_goes_on_where_it_stood(stage: Stage, boss: Person) -> None:
    body = await exported(stage, boss, "json")
    begin = {"name": "big.json", "size": len(body), "mark": "7"}
    half = len(body) // 2
    async with stage.client(boss, *ROUTES) as client:
        first = (await client.post("/api/bundles/uploads", json=begin)).json()
        path = f"/api/bundles/uploads/{first['bundle_id']}"
        await client.put(path, params={"offset": 0}, content=body[:half], headers=JSON)
        again = await client.put(path, params={"offset": 0}, content=body[:half], headers=JSON)
        assert (again.status_code, again.json()["received"]) == (409, half)
        told = await sent(client, body, 5_000)
        assert (told["bundle_id"], told["proof"]) == (first["bundle_id"], "verified")
        other = (await client.post("/api/bundles/uploads", json={**begin, "mark": "8"})).json()
        assert other["bundle_id"] != first["bundle_id"]


async def test_a_file_that_is_not_whole_or_no_bundle_is_refused_by_what_is_wrong(
    stage: Stage, boss: Person
) -> None:
    body = await exported(stage, boss, "json")
    cut = body[: body.index(b'"links"')]
    broken = body.replace(b'"seq":2,', b'"seq":2;', 1)
    async with stage.client(boss, *ROUTES) as client:
        for nonsense, words in ((cut, "middle"), (broken, "neither"), (body + b"more", "neither")):
            told = await sent(client, nonsense, 1_000, mark=words + str(len(nonsense)))
            assert told["code"] == "bundle_invalid", words
            assert words in told["detail"]
