"""Servers that ask back: progress, log, sampling, elicitation, roots, between any two revisions."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import mcp_types as types
import orjson
import pytest

from omni2.gateway import parking
from tests.gateway.asked import CAPABILITIES, ELICIT, answered, start
from tests.support.app import eventually
from tests.support.house import House
from tests.support.mcp_client import error_of, mcp_client, raw_client
from tests.support.mcp_yard import open_yard

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")
ERAS = ["legacy", "2026-07-28"]


@pytest.fixture(params=["an older server", "a newest server"])
async def house(request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_yard(sqlite_url, tmp_path / "data", newest="newest" in request.param) as house:
        yield house


@pytest.fixture
async def yard(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_yard(sqlite_url, tmp_path / "data") as house:
        yield house


async def sample(context: object, params: types.CreateMessageRequestParams) -> types.CreateMessageResult:
    del context, params
    return types.CreateMessageResult(
        role="assistant", content=types.TextContent(text="I am a model."), model="scripted"
    )


async def elicit(context: object, params: object) -> types.ElicitResult:
    del context, params
    return types.ElicitResult(
        action="accept", content={"username": "ann", "email": "ann@example.org", "name": "Ann"}
    )


async def decline(context: object, params: object) -> types.ElicitResult:
    del context, params
    return types.ElicitResult(action="decline")


async def roots(context: object) -> types.ListRootsResult:
    del context
    return types.ListRootsResult(
        roots=[types.Root.model_validate({"uri": "file:///garden", "name": "garden"})]
    )


async def test_a_capability_that_the_caller_lacks_is_named(sqlite_url: str, tmp_path: Path) -> None:
    async with (
        open_yard(sqlite_url, tmp_path / "data", newest=True) as house,
        raw_client(house, house.ann) as client,
    ):
        answer = await client.modern("tools/call", {"name": "yard__test_missing_capability", "arguments": {}})
    assert error_of(answer) == (400, -32021)
    assert answer.json()["error"]["data"] == {"requiredCapabilities": {"sampling": {}}}


def text_of(result: types.CallToolResult) -> str:
    return " ".join(str(block.model_dump().get("text")) for block in result.content)


@pytest.mark.parametrize("era", ERAS)
async def test_progress_and_log_reach_the_caller_whatever_the_two_revisions(house: House, era: str) -> None:
    seen: list[float] = []
    logged: list[str] = []

    async def progressed(progress: float, total: float | None, message: str | None) -> None:
        del total, message
        seen.append(progress)

    async def log(params: types.LoggingMessageNotificationParams) -> None:
        logged.append(str(params.data))

    async with mcp_client(house, house.ann, era, logging_callback=log, log_level="debug") as client:
        result = await client.call_tool("yard__test_tool_with_progress", {}, progress_callback=progressed)
        assert text_of(result) == "Tool with progress executed successfully"
        assert seen == [0, 50, 100]
        await client.call_tool("yard__test_tool_with_logging", {})
        if era == "legacy":
            assert len(logged) == 3


@pytest.mark.parametrize("era", ERAS)
async def test_a_server_asks_the_model_and_the_user_of_the_caller(house: House, era: str) -> None:
    answers: dict[str, Any] = {
        "sampling_callback": sample,
        "elicitation_callback": elicit,
        "list_roots_callback": roots,
    }
    async with mcp_client(house, house.ann, era, **answers) as client:
        sampled = await client.call_tool("yard__test_sampling", {"prompt": "Who are you?"})
        assert "I am a model." in text_of(sampled)
        asked = await client.call_tool("yard__test_elicitation", {"message": "Who are you?"})
        assert "accept" in text_of(asked)
    for flow in await house.served.flows(house.ann):
        assert flow.status == "ok"
        kinds = await house.kinds(flow.flow_id)
        assert "upstream_request" in kinds


@pytest.mark.parametrize("era", ERAS)
async def test_a_user_who_declines_is_heard_by_the_server(yard: House, era: str) -> None:
    async with mcp_client(yard, yard.ann, era, elicitation_callback=decline) as client:
        asked = await client.call_tool("yard__test_elicitation", {"message": "Who are you?"})
        assert "decline" in text_of(asked)


async def test_a_question_ends_the_response_and_the_retry_goes_on_with_the_same_call(yard: House) -> None:
    async with raw_client(yard, yard.ann) as client:
        asked = await start(client)
        (request,) = asked["inputRequests"].values()
        assert request["method"] == "elicitation/create"
        assert request["params"]["message"] == "Who?"
        done = await client.modern("tools/call", answered(asked))
        assert done.json()["result"]["resultType"] == "complete"
        assert "accept" in done.text
        assert error_of(await client.modern("tools/call", answered(asked))) == (400, -32602)
    assert len(await yard.served.flows(yard.ann)) == 1
    assert yard.served.process.gateway.handlers.parking.count == 0


async def test_a_state_is_worth_nothing_with_other_words_by_another_person_or_when_forged(
    yard: House,
) -> None:
    async with raw_client(yard, yard.ann) as client, raw_client(yard, yard.boss) as other:
        asked = await start(client)
        params = answered(asked)
        wrong: tuple[dict[str, Any], ...] = (
            {**params, "arguments": {"message": "Whom?"}},
            {**params, "name": "yard__test_sampling"},
            {**params, "requestState": "v1.AAAA"},
            {**params, "requestState": asked["requestState"][:-4] + "AAAA"},
            {**params, "requestState": asked["requestState"] + "AAAA"},
            {**params, "requestState": 7},
            {**params, "inputResponses": []},
        )
        for changed in wrong:
            assert error_of(await client.modern("tools/call", changed)) == (400, -32602), changed
        assert error_of(await other.modern("tools/call", params)) == (400, -32602)
        client.path, bare = "/mcp/yard", {**params, "name": "test_elicitation"}
        assert error_of(await client.modern("tools/call", bare)) == (400, -32602)
        client.path = "/mcp"
        assert "accept" in (await client.modern("tools/call", params)).text


async def test_what_a_retry_leaves_out_is_asked_again(yard: House) -> None:
    async with raw_client(yard, yard.ann) as client:
        asked = await start(client)
        again = await client.modern("tools/call", {**answered(asked), "inputResponses": {"other": {}}})
        result = again.json()["result"]
        assert result["inputRequests"] == asked["inputRequests"]
        assert result["requestState"] != asked["requestState"]
        assert "accept" in (await client.modern("tools/call", answered(result))).text


async def test_calls_that_wait_are_bounded_in_number_and_end_with_a_block(
    yard: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "USER_LIMIT", 1)
    waiting = yard.served.process.gateway.handlers.parking
    async with raw_client(yard, yard.ann) as client:
        asked = await start(client)
        refused = await client.modern("tools/call", {**ELICIT, "_meta": CAPABILITIES})
        assert refused.json()["result"]["isError"]
        assert "Too many calls wait" in refused.text
        await yard.block(yard.ann)
        await eventually(lambda: waiting.count == 0)
        assert (await client.modern("tools/call", answered(asked))).status_code == 403
        await yard.unblock(yard.ann)
        assert error_of(await client.modern("tools/call", answered(asked))) == (400, -32602)
    assert {flow.status for flow in await yard.served.flows(yard.ann)} <= {"blocked", "cancelled", "denied"}


async def test_a_question_that_nobody_answers_ends_the_call(
    yard: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parking, "ASK_WITHIN_S", 0.05)
    waiting = yard.served.process.gateway.handlers.parking
    async with raw_client(yard, yard.ann) as client:
        asked = await start(client)
        await eventually(lambda: waiting.count == 0)
        assert error_of(await client.modern("tools/call", answered(asked))) == (400, -32602)


async def test_questions_to_an_older_client_are_answered_in_its_own_session_alone(yard: House) -> None:
    async with raw_client(yard, yard.ann) as client, raw_client(yard, yard.ann) as other:
        await client.initialize(elicitation={})
        await other.initialize(elicitation={})
        lines = asyncio.Queue[dict[str, Any]]()

        async def call() -> None:
            body = {"jsonrpc": "2.0", "id": 9, "method": "tools/call", "params": ELICIT}
            headers = {**client.headers, "Accept": "application/json, text/event-stream"}
            async with client.http.stream("POST", "/mcp", json=body, headers=headers) as response:
                assert response.headers["content-type"] == "text/event-stream"
                async for line in response.aiter_lines():
                    if line.startswith("data:"):
                        lines.put_nowait(orjson.loads(line[5:]))

        calling = asyncio.create_task(call())
        async with asyncio.timeout(20):
            question = await lines.get()
            assert question["method"] == "elicitation/create"
            given = {"jsonrpc": "2.0", "id": question["id"], "result": {"action": "decline"}}
            assert (await other.post(given)).status_code == 202
            accepted = {**given, "result": {"action": "accept", "content": {"username": "a", "email": "b"}}}
            assert (await client.post(accepted)).status_code == 202
            done = await lines.get()
            await calling
        assert (done["id"], "accept" in str(done["result"])) == (9, True)
