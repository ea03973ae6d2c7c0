"""Made-up flows are like recorded ones, and a query finds among them what looking at each would find."""

from collections.abc import Callable
from typing import Any

import pytest

from bench.flows_generate import generate
from omni2.conversations.history import words_of
from omni2.flows import scanning
from omni2.flows.checkpoints import CHECKPOINTS
from omni2.flows.routes import router
from tests.support.lanes import catch_up
from tests.support.stage import Stage, every_page

FLOWS = 300
Row = dict[str, Any]


def _says(row: Row, steps: list[Any], words: str) -> bool:
    texts = [row["title"], row["sentence"], row["said"]]
    for step in steps:
        data = step.data
        if data.kind == "tool_call":
            texts += [f"{data.server}.{data.tool}", *map(str, data.arguments.values())]
        if data.kind == "tool_result":
            texts.append(data.preview)
    return any(words in text.lower() for text in texts)


def _called(steps: list[Any], server: str) -> bool:
    return any(step.kind == "tool_call" and step.data.server == server for step in steps)


QUERIES: dict[str, Callable[[Row, list[Any]], bool]] = {
    "status:denied,failed": lambda row, steps: row["status"] in {"denied", "failed"},
    "server:wiki": lambda row, steps: _called(steps, "wiki"),
    "-server:wiki source:mcp": lambda row, steps: not _called(steps, "wiki") and row["source"] == "mcp",
    "cost:>0.005": lambda row, steps: row["cost_micros"] > 5_000,
    "cost:>0.0005 -status:ok": lambda row, steps: row["cost_micros"] > 500 and row["status"] != "ok",
    "duration:>2s": lambda row, steps: row["duration_ms"] > 2_000,
    "duration:<100ms": lambda row, steps: row["duration_ms"] < 100,
    "text:invoice": lambda row, steps: _says(row, steps, "invoice"),
    "text:invoice server:wiki": lambda row, steps: _says(row, steps, "invoice") and _called(steps, "wiki"),
    'text:"refund" -source:mcp': lambda row, steps: _says(row, steps, "refund") and row["source"] == "chat",
    "kind:error": lambda row, steps: any(step.kind == "error" for step in steps),
    "model:gpt-5": lambda row, steps: any(step.data.model == "gpt-5" for step in steps if "llm" in step.kind),
    "steps:>16": lambda row, steps: row["steps"] > 16,
}


async def test_every_query_finds_what_looking_at_each_flow_would_find(
    stage: Stage, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "FIRST_PIECE", 37)
    await generate(database_url, FLOWS, seed=7)
    assert await catch_up(stage.database, words_of) == FLOWS
    boss = await stage.person("Boss", "admin")
    async with stage.client(boss, router) as client:
        rows = await every_page(client, "/api/flows", limit=200)
        assert len(rows) == FLOWS
        steps: dict[str, list[Any]] = {}
        for row in rows:
            items = await every_page(client, f"/api/flows/{row['flow_id']}/checkpoints", limit=500)
            steps[row["flow_id"]] = CHECKPOINTS.validate_python(items)
            assert [step.seq for step in steps[row["flow_id"]]] == list(range(1, row["steps"] + 1))
        async with stage.database.read() as session:
            said = await words_of(session, list(steps))
        for row in rows:
            row["said"] = said.get(row["flow_id"], "").lower()
        for q, holds in QUERIES.items():
            expected = [row["flow_id"] for row in rows if holds(row, steps[row["flow_id"]])]
            assert expected, q
            found = await every_page(client, "/api/flows", q=q, limit=37)
            assert [row["flow_id"] for row in found] == expected, q
