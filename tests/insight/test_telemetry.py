"""OpenTelemetry: every flow arrives at a collector once it is sealed, as spans, without anybody's words."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import pytest
from aiohttp import web

from omni2.flows.checkpoints import AuthCheck, LlmComplete, LlmThinking, ToolCall, UsageCheck
from omni2.flows.phase import Entry, Opening
from omni2.insight.telemetry import Sender, headers_of
from omni2.insight.telemetry_spans import trace_id
from tests.support.proven import Office, office_of
from tests.support.stage import Stage


@dataclass
class Collector:
    """Takes OTLP over HTTP in JSON; `broken` answers 503."""

    url: str = ""
    broken: bool = False
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[str | None] = field(default_factory=list["str | None"])

    async def take(self, request: web.Request) -> web.Response:
        """Keep what came."""
        if self.broken:
            return web.Response(status=503)
        self.bodies.append(json.loads(await request.read()))
        self.headers.append(request.headers.get("x-key"))
        return web.json_response({})

    @property
    def spans(self) -> list[dict[str, Any]]:
        """All spans, in order."""
        return [
            span
            for body in self.bodies
            for resource in body["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]


@pytest.fixture
async def collector() -> AsyncIterator[Collector]:
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    collector.url = f"http://{host}:{port}"
    yield collector
    await runner.cleanup()


@pytest.fixture
async def office(stage: Stage, tmp_path: Path) -> AsyncIterator[Office]:
    office = office_of(stage.database, stage.lane, tmp_path / "keys")
    yield office
    await office.scan.aclose()


def facts(span: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a span or event as a plain mapping."""
    return {item["key"]: next(iter(item["value"].values())) for item in span["attributes"]}


async def record(stage: Stage) -> str:
    """Record a chat with a model call, a denied tool and a tool that failed; return its id."""
    ann = await stage.person("Ann")
    async with stage.flow(ann, "My secret question") as flow:
        flow.note(Entry(UsageCheck(budgets=[], requested_micros=1, reserved_micros=1)))
        asked = LlmThinking(provider="openai", model="gpt-x", iteration=1, messages=1, tools_offered=2)
        answered = LlmComplete(
            model="gpt-x", input_tokens=12, output_tokens=3, cost_micros=5, price_version="1",
            finish_reason="tool_calls", first_token_ms=1.0,
        )  # fmt: skip
        denied = ToolCall(
            server="wiki", tool="delete", call_id="c0", arguments={"a": "my words"}, rule="read only"
        )
        await flow.write(Entry(asked), Entry(answered, duration_ms=40.0), Entry(denied, "denied"))
        await flow.end("ok")
    await stage.call(ann, "wiki", "timeout")
    return flow.flow_id


async def test_flows_arrive_as_spans_and_no_words_with_them(
    stage: Stage, office: Office, collector: Collector
) -> None:
    sender = Sender(stage.database, collector.url, headers_of("x-key=abc"), "1", content=False)
    assert await sender.send_next() == 0
    flow_id = await record(stage)
    await office.notary.finish()
    assert await sender.send_next() == 2
    assert await sender.send_next() == 0
    await sender.scan.aclose()
    spans = [span for span in collector.spans if span["traceId"] == trace_id(flow_id)]
    assert [span["name"] for span in spans] == ["invoke_agent omni2", "chat gpt-x", "execute_tool delete"]
    root, chat, denied = spans
    assert {span["parentSpanId"] for span in spans[1:]} == {root["spanId"]}
    assert [event["name"] for event in root["events"]] == ["auth_check", "usage_check"]
    assert facts(chat)["gen_ai.usage.input_tokens"] == "12"
    assert int(chat["endTimeUnixNano"]) - int(chat["startTimeUnixNano"]) == 40_000_000
    assert (facts(denied)["error.type"], facts(denied)["omni2.rule"]) == ("denied", "read only")
    assert denied["status"]["code"] == 2
    failed = collector.spans[-1]
    assert (failed["name"], facts(failed)["mcp.method.name"]) == ("execute_tool echo", "tools/call")
    assert facts(failed)["error.type"] == "timeout"
    assert collector.headers == ["abc"]
    told = json.dumps(collector.bodies)
    assert not [word for word in ("secret", "my words", "plan") if word in told]


async def test_a_flow_joins_the_trace_that_its_caller_named(
    stage: Stage, office: Office, collector: Collector
) -> None:
    sender = Sender(stage.database, collector.url, {}, "1", content=False)
    await sender.send_next()
    ann, trace, span = await stage.person("Ann"), "ab" * 16, "cd" * 8
    async with stage.recorder.open(Opening(ann.user_id, "mcp", "shop.echo")) as flow:
        await flow.write(Entry(AuthCheck(method="token", traceparent=f"00-{trace}-{span}-01")))
        await flow.end("ok")
    await office.notary.finish()
    await sender.send_next()
    await sender.scan.aclose()
    assert [(one["traceId"], one["parentSpanId"]) for one in collector.spans] == [(trace, span)]


async def test_content_leaves_only_where_that_is_wanted(
    stage: Stage, office: Office, collector: Collector
) -> None:
    sender = Sender(stage.database, collector.url, {}, "1", content=True)
    await sender.send_next()
    await record(stage)
    await office.notary.finish()
    await sender.send_next()
    await sender.scan.aclose()
    told = json.dumps(collector.bodies)
    assert "My secret question" in told
    assert "secret plan" in told


async def test_what_a_collector_did_not_take_is_sent_again(
    stage: Stage, office: Office, collector: Collector
) -> None:
    sender = Sender(stage.database, collector.url, {}, "1", content=False)
    await sender.send_next()
    await record(stage)
    await office.notary.finish()
    collector.broken = True
    with pytest.raises(httpx2.HTTPStatusError):
        await sender.send_next()
    collector.broken = False
    assert await sender.send_next() == 2
    await sender.scan.aclose()
    assert len({span["traceId"] for span in collector.spans}) == 2
