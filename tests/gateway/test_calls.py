"""Tools at `/mcp`: listed as calls allow, called on the governed path, refused in words."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from mcp.shared.exceptions import MCPError

from tests.support.app import Person, eventually, grant
from tests.support.house import RULE, House, open_house
from tests.support.mcp_client import error_of, mcp_client, raw_client

ERAS = ["legacy", "2026-07-28"]
ECHO: dict[str, Any] = {"name": "shop__echo", "arguments": {"text": "hello"}}


async def kinds_of(house: House, person: Person) -> list[list[str]]:
    """Return the kinds of checkpoints of each flow of a person."""
    return [await house.kinds(flow.flow_id) for flow in await house.served.flows(person)]


@pytest.mark.parametrize("era", ERAS)
async def test_a_client_lists_and_calls_a_tool_in_one_flow(house: House, era: str) -> None:
    async with mcp_client(house, house.ann, era) as client:
        listed = await client.list_tools()
        assert [tool.name for tool in listed.tools] == ["shop__echo", "shop__fail", "shop__hold"]
        result = await client.call_tool("shop__echo", {"text": "hello"})
    assert not result.is_error
    assert [block.model_dump()["text"] for block in result.content] == ["echo: hello"]
    assert house.workshop.calls == [("echo", {"text": "hello"})]
    (kinds,) = await kinds_of(house, house.ann)
    assert [kind for kind in kinds if kind.startswith("tool_")] == ["tool_filter", "tool_call", "tool_result"]
    assert kinds[-1] == "done"


@pytest.mark.parametrize("era", ERAS)
async def test_at_the_address_of_one_server_names_are_its_own(house: House, era: str) -> None:
    async with mcp_client(house, house.ann, era, "shop") as client:
        assert [tool.name for tool in (await client.list_tools()).tools] == ["echo", "fail", "hold"]
        result = await client.call_tool("echo", {"text": "hello"})
        assert not result.is_error
        with pytest.raises(MCPError, match="Unknown tool: shop__echo"):
            await client.call_tool("shop__echo", {})


async def test_a_tool_that_fails_says_so_and_so_does_one_that_a_rule_denies(house: House) -> None:
    async with mcp_client(house, house.ann) as client:
        failed = await client.call_tool("shop__fail", {})
        denied = await client.call_tool("shop__secret_echo", {})
    assert failed.is_error
    assert failed.content[0].model_dump()["text"] == "It does not work."
    assert denied.is_error
    assert RULE in denied.content[0].model_dump()["text"]
    assert house.workshop.named("secret_echo") == []
    assert [flow.status for flow in await house.served.flows(house.ann)] == ["failed", "denied"]


async def test_a_server_of_which_nothing_may_be_used_is_answered_like_one_that_does_not_exist(
    sqlite_house: House,
) -> None:
    house = sqlite_house
    await grant(house.served.database, "shop", [], ["*"], "nothing here")
    await house.served.process.mirror.refresh()
    async with raw_client(house, house.ann) as client:
        hidden = await client.modern("tools/call", {"name": "shop__echo", "arguments": {}})
        absent = await client.modern("tools/call", {"name": "nowhere__echo", "arguments": {}})
        for answer, name in ((hidden, "shop__echo"), (absent, "nowhere__echo")):
            assert error_of(answer) == (400, -32602)
            assert answer.json()["error"] == {"code": -32602, "message": f"Unknown tool: {name}"}
        assert {*hidden.headers} == {*absent.headers}
        client.path = "/mcp/shop"
        closed = await client.modern("tools/list")
        client.path = "/mcp/nowhere"
        assert closed.json() == (await client.modern("tools/list")).json()
    first, second = await house.served.flows(house.ann)
    assert (first.status, second.status) == ("denied", "denied")
    assert (await house.only(first.flow_id, "tool_call")).data.model_dump()["rule"] == "nothing here"


async def test_an_answer_says_where_its_time_went(sqlite_house: House) -> None:
    async with raw_client(sqlite_house, sqlite_house.ann) as client:
        answer = await client.modern("tools/call", ECHO)
        assert [part.partition(";")[0] for part in answer.headers["server-timing"].split(", ")] == [
            *("auth", "checks", "record", "upstream", "total")
        ]
        asked = {**ECHO, "_meta": {"omni2/timing": True}}
        streamed = await client.modern("tools/call", asked, Accept="text/event-stream")
        assert streamed.headers["content-type"] == "text/event-stream"
        assert '"omni2/timing":{"auth_ms"' in streamed.text


async def test_results_of_the_newest_revision_carry_what_it_asks_for(sqlite_house: House) -> None:
    async with raw_client(sqlite_house, sqlite_house.ann) as client:
        discovered = (await client.modern("server/discover")).json()["result"]
        assert discovered["supportedVersions"] == ["2025-06-18", "2025-11-25", "2026-07-28"]
        listed = (await client.modern("tools/list")).json()["result"]
        for result in (discovered, listed):
            assert result["resultType"] == "complete"
            assert result["cacheScope"] == "private"
            assert result["ttlMs"] >= 0
            assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "omni2"
        called = (await client.modern("tools/call", ECHO)).json()["result"]
        assert (called["resultType"], "ttlMs" in called) == ("complete", False)
        assert error_of(await client.modern("ping")) == (404, -32601)
        assert error_of(await client.modern("tools/call", {})) == (400, -32602)
        await client.initialize()
        old = (await client.call("tools/call", ECHO)).json()["result"]
        assert "resultType" not in old
        assert error_of(await client.call("server/discover", {})) == (200, -32601)


async def test_lists_come_in_pages_whose_cursors_are_checked(
    sqlite_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omni2.gateway.shelf.PAGE", 2)
    async with raw_client(sqlite_house, sqlite_house.ann) as client:
        first = (await client.modern("tools/list")).json()["result"]
        second = (await client.modern("tools/list", {"cursor": first["nextCursor"]})).json()["result"]
        names = [tool["name"] for page in (first, second) for tool in page["tools"]]
        assert names == ["shop__echo", "shop__fail", "shop__hold"]
        assert "nextCursor" not in second
        for cursor in ("nonsense", "", 7, "W10=", first["nextCursor"][:-4]):
            assert error_of(await client.modern("tools/list", {"cursor": cursor})) == (400, -32602)
        assert error_of(await client.modern("prompts/list", {"cursor": first["nextCursor"]})) == (400, -32602)


async def test_leaving_the_response_cancels_the_call_and_that_is_on_record(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        waiting = asyncio.create_task(client.modern("tools/call", {"name": "shop__hold", "arguments": {}}))
        await house.workshop.gate.reached.wait()
        waiting.cancel()
        await asyncio.wait({waiting})
    async with asyncio.timeout(20):
        await house.workshop.disconnected.wait()
    await _ended(house, house.ann)
    assert [flow.status for flow in await house.served.flows(house.ann)] == ["cancelled"]


async def test_a_cancellation_ends_the_call_of_its_own_session_alone(house: House) -> None:
    async with raw_client(house, house.ann) as client, raw_client(house, house.ann) as other:
        await client.initialize()
        await other.initialize()
        held: dict[str, Any] = {"name": "shop__hold", "arguments": {}}
        waiting = asyncio.create_task(client.call("tools/call", held, 77))
        await house.workshop.gate.reached.wait()
        cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 77}}
        assert (await other.post(cancel)).status_code == 202
        assert error_of(await client.call("tools/call", held, 77)) == (200, -32600)
        assert not waiting.done()
        assert (await client.post(cancel)).status_code == 202
        assert error_of(await waiting) == (200, -32000)
    async with asyncio.timeout(20):
        await house.workshop.disconnected.wait()


async def test_a_block_ends_a_running_call_with_the_words_and_nothing_of_it_is_released(house: House) -> None:
    async with raw_client(house, house.ann) as client:
        waiting = asyncio.create_task(client.modern("tools/call", {"name": "shop__hold", "arguments": {}}))
        await house.workshop.gate.reached.wait()
        receipt = await house.block(house.ann, message="Stop, please.")
        house.workshop.gate.opened.set()
        answer = await waiting
    assert (answer.status_code, answer.json()["detail"]) == (403, "Stop, please.")
    assert "held" not in answer.text
    assert receipt["replicas"][0]["calls_cancelled"] == 1


async def test_a_result_that_is_ready_stays_here_when_the_block_comes_first(sqlite_house: House) -> None:
    house = sqlite_house

    async def block(name: str, arguments: dict[str, Any]) -> None:
        del name, arguments
        await house.block(house.ann, message="Stop, please.")

    house.workshop.on_call = block
    async with raw_client(house, house.ann) as client:
        answer = await client.modern("tools/call", ECHO)
    assert (answer.status_code, answer.json()["detail"]) == (403, "Stop, please.")
    assert "echo: hello" not in answer.text


async def test_lists_follow_the_grants_at_once(sqlite_house: House) -> None:
    house = sqlite_house
    async with raw_client(house, house.ann) as client:
        assert "shop__hold" in (await client.modern("tools/list")).text
        await grant(house.served.database, "shop", [], ["hold"], "no holding")
        await house.served.process.mirror.refresh()
        assert "shop__hold" not in (await client.modern("tools/list")).text


async def _ended(house: House, person: Person) -> None:
    """Wait until nothing of a person runs, and all of it is on record."""
    registry = house.served.process.registry
    await eventually(lambda: registry.count(person.user_id, "call") == 0)
    async with asyncio.timeout(20):
        while any(flow.status == "running" for flow in await house.served.flows(person)):  # noqa: ASYNC110
            await asyncio.sleep(0)


@pytest.fixture
async def sqlite_house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(sqlite_url, tmp_path / "data") as house:
        yield house


@pytest.mark.parametrize(
    ("given", "code", "data"),
    [
        ({"code": -32602, "message": "no", "data": {"field": "size"}}, -32602, {"field": "size"}),
        ({"code": -32042, "message": "sign in", "data": {"elicitations": []}}, -32042, {"elicitations": []}),
        ({"code": -32700, "message": "no", "data": {"line": 7}}, -32603, None),
        ({"code": -32021, "message": "no", "data": {"requiredCapabilities": 7}}, -32021, None),
    ],
)
async def test_what_a_server_says_beside_an_error_reaches_the_client(
    sqlite_house: House, given: dict[str, Any], code: int, data: Any
) -> None:
    sqlite_house.workshop.fault = given
    async with mcp_client(sqlite_house, sqlite_house.ann) as client:
        with pytest.raises(MCPError) as caught:
            await client.call_tool("shop__echo", {"text": "hello"})
    assert (caught.value.error.code, caught.value.error.data) == (code, data)
