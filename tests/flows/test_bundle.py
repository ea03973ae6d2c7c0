"""Bundles: what was exported is taken in elsewhere, proven by what it carries, and never becomes ours."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from omni2.flows.bundle_routes import router
from omni2.flows.models import FlowHead
from omni2.insight.export_routes import router as export_routes
from tests.support.proven import proven
from tests.support.stage import Person, Stage

ROUTES = (router, export_routes)


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
    bundle = await taken_in(stage, boss, body)
    assert (bundle["proof"], bundle["flows"], bundle["steps"]) == ("verified", 2, 8)
    original = json.loads(body)["flows"][0]
    async with stage.client(boss, *ROUTES) as client:
        page = (await client.get(f"/api/bundles/{bundle['bundle_id']}/flows")).json()
        path = f"/api/bundles/{bundle['bundle_id']}/flows/{original['flow_id']}"
        flow = (await client.get(path)).json()
        assert len((await client.get("/api/bundles")).json()["items"]) == 1
        assert (await client.delete(f"/api/bundles/{bundle['bundle_id']}")).status_code == 204
        assert (await client.get(path)).status_code == 404
    assert page["items"][0]["flow_id"] == original["flow_id"]
    assert flow["checkpoints"] == original["checkpoints"]
    async with stage.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(FlowHead)) == 2


async def test_a_bundle_that_was_changed_on_its_way_says_where(stage: Stage, boss: Person) -> None:
    body = await exported(stage, boss, "json")
    whole = json.loads(body)
    whole["flows"][1]["checkpoints"][2]["verdict"] = "denied"
    bundle = await taken_in(stage, boss, json.dumps(whole, separators=(",", ":")).encode())
    assert bundle["proof"] == "broken"
    assert whole["flows"][1]["flow_id"] in bundle["words"]
    forged = body.replace(b'"signature":"', b'"signature":"AAAA')
    assert (await taken_in(stage, boss, forged))["proof"] == "broken"


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
