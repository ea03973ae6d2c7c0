"""Prompts, resources, templates and completions at `/mcp`, by the same rules as tools."""

from collections.abc import AsyncIterator
from pathlib import Path

import mcp_types as types
import pytest
from mcp.shared.exceptions import MCPError

from tests.support.app import grant
from tests.support.house import House
from tests.support.mcp_client import error_of, mcp_client, raw_client
from tests.support.mcp_yard import YARD, open_yard

ERAS = ["legacy", "2026-07-28"]


@pytest.fixture
async def house(sqlite_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_yard(sqlite_url, tmp_path / "data") as house:
        yield house


@pytest.mark.parametrize("era", ERAS)
async def test_prompts_are_listed_and_got_under_the_names_of_the_address(house: House, era: str) -> None:
    for slug, name in (("", "yard__test_prompt_with_arguments"), (YARD, "test_prompt_with_arguments")):
        async with mcp_client(house, house.ann, era, slug) as client:
            listed = {prompt.name: prompt for prompt in (await client.list_prompts()).prompts}
            assert len(listed) == 5
            assert [one.name for one in listed[name].arguments or []] == ["arg1", "arg2"]
            got = await client.get_prompt(name, {"arg1": "a", "arg2": "b"})
            assert got.messages[0].content.model_dump()["text"] == "Prompt with arguments: arg1='a', arg2='b'"
            with pytest.raises(MCPError, match="Unknown prompt: invented"):
                await client.get_prompt("invented")
    titles = [flow.title for flow in await house.served.flows(house.ann)]
    assert titles.count("yard.test_prompt_with_arguments") == 2


@pytest.mark.parametrize("era", ERAS)
async def test_resources_keep_their_uris_and_are_found_by_their_owner(house: House, era: str) -> None:
    async with mcp_client(house, house.ann, era) as client:
        listed = [str(one.uri) for one in (await client.list_resources()).resources]
        assert listed == ["test://static-binary", "test://static-text", "test://watched-resource"]
        templates = (await client.list_resource_templates()).resource_templates
        assert [one.uri_template for one in templates] == ["test://template/{id}/data"]
        text = await client.read_resource("test://static-text")
        assert text.contents[0].model_dump()["text"] == "This is the content of the static text resource."
        made = await client.read_resource("test://template/7/data")
        assert '"7"' in made.contents[0].model_dump()["text"]
        with pytest.raises(MCPError, match="Resource not found"):
            await client.read_resource("test://nobody")
    flows = await house.served.flows(house.ann)
    assert [flow.status for flow in flows] == ["ok", "ok", "denied"]
    call = await house.only(flows[0].flow_id, "tool_call")
    assert call.data.model_dump()["target"] == "resource"


@pytest.mark.parametrize("era", ERAS)
async def test_arguments_of_prompts_and_templates_are_completed(house: House, era: str) -> None:
    async with mcp_client(house, house.ann, era) as client:
        prompt = {"type": "ref/prompt", "name": "yard__test_prompt_with_arguments"}
        template = {"type": "ref/resource", "uri": "test://template/{id}/data"}
        for ref in (prompt, template):
            answer = await client.session.complete(_reference(ref), {"name": "arg1", "value": "par"})
            assert answer.completion.values == ["paris", "park", "party"]


async def test_what_a_rule_denies_is_neither_listed_nor_given(house: House) -> None:
    await grant(house.served.database, YARD, [], ["prompt:*image", "resource:test://static-*"], "no pictures")
    await house.served.process.mirror.refresh()
    async with raw_client(house, house.ann) as client:
        assert "test_prompt_with_image" not in (await client.modern("prompts/list")).text
        assert "static-text" not in (await client.modern("resources/list")).text
        prompt = await client.modern("prompts/get", {"name": "yard__test_prompt_with_image"})
        resource = await client.modern("resources/read", {"uri": "test://static-text"})
        for answer in (prompt, resource):
            assert error_of(answer) == (400, -32602)
            assert answer.json()["error"]["data"]["rule"] == "no pictures"


async def test_headers_that_repeat_arguments_must_equal_them(house: House) -> None:
    call = {"name": "yard__test_custom_headers", "arguments": {"region": "eu", "priority": 7, "query": "x"}}
    right = {"Mcp-Param-Region": "eu", "Mcp-Param-Priority": "7"}
    async with raw_client(house, house.ann) as client:
        assert (await client.modern("tools/call", call, **right)).status_code == 200
        assert (
            await client.modern("tools/call", call, **{**right, "Mcp-Param-Priority": "7.0"})
        ).status_code == 200
        for wrong in (
            {"Mcp-Param-Region": "us"},
            {"Mcp-Param-Region": None},
            {"Mcp-Param-Priority": "8"},
            {"Mcp-Param-Region": "=?base64?!?="},
        ):
            assert error_of(await client.modern("tools/call", call, **{**right, **wrong})) == (400, -32020), (
                wrong
            )


def _reference(ref: dict[str, str]) -> types.PromptReference | types.ResourceTemplateReference:
    if ref["type"] == "ref/prompt":
        return types.PromptReference(name=ref["name"])
    return types.ResourceTemplateReference(uri=ref["uri"])
