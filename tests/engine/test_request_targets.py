"""Prompts, resources, completions and what servers ask back: on the same path, on the same record."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

import pytest
from pydantic import JsonValue

from omni2.engine.requests import Answered, Asked, answer
from omni2.kernel.errors import Problem
from omni2.upstream.ports import Resumed
from tests.engine.test_requests import OPENING, principal_of
from tests.support.app import grant
from tests.support.house import House
from tests.support.mcp_servers.bazaar import NOTE, Bazaar
from tests.support.mcp_servers.bazaar_http import serving_bazaar

DENIED = "no roots"


@dataclass
class Caller:
    """A client that answers an elicitation, or does not."""

    declines: bool = False
    reports: list[dict[str, JsonValue]] = field(default_factory=list[dict[str, JsonValue]])
    resumed: Resumed | None = None

    def supports(self, method: str) -> bool:
        """Say what can be asked."""
        return method == "elicitation/create"

    async def progress(self, params: dict[str, JsonValue]) -> None:
        """Remember it."""
        self.reports.append(params)

    async def log(self, params: dict[str, JsonValue]) -> None:
        """Hear nothing."""

    async def ask(
        self, requests: Mapping[str, dict[str, JsonValue]], state: JsonValue = None
    ) -> Mapping[str, JsonValue]:
        """Answer."""
        if self.declines:
            raise Problem("input_declined", 422, "The client declined.")
        return {key: {"action": "accept", "content": {"size": "XL"}} for key in requests}


@pytest.fixture(params=["old", "new"])
async def bazaar(request: pytest.FixtureRequest, house: House) -> AsyncIterator[Bazaar]:
    """A server of either era, added as `bazaar` and granted but for the tool `roots` and two notes."""
    inside = Bazaar()
    async with serving_bazaar(inside, request.param) as url:
        body = {"slug": "bazaar", "title": "Bazaar", "transport": "http", "url": f"{url}/mcp"}
        async with house.served.client(house.boss) as client:
            made = await client.post("/api/servers", json={**body, "allow_private": True})
        assert made.status_code == 201, made.text
        deny = ["roots", "resource:note://secret*"]
        await grant(house.served.database, "bazaar", ["*"], deny, DENIED)
        await house.served.process.mirror.refresh()
        yield inside


async def ask(house: House, asked: Asked, caller: Caller | None = None) -> Answered:
    """Ask as Ann."""
    return await answer(house.served.process.engine, await principal_of(house), asked, link=caller)


async def test_a_prompt_is_got_and_recorded_as_one(house: House, bazaar: Bazaar) -> None:
    del bazaar
    came = await ask(house, Asked("prompt", "bazaar", "visit", {"city": "Bergen"}))
    assert came.called.outcome is not None
    assert came.called.outcome.result is not None
    assert "messages" in came.called.outcome.result
    assert await house.kinds(came.flow_id) == [*OPENING, "tool_call", "tool_result", "done"]
    call = (await house.only(came.flow_id, "tool_call")).data.model_dump()
    result = (await house.only(came.flow_id, "tool_result")).data.model_dump()
    assert (call["target"], call["tool"], result["target"]) == ("prompt", "visit", "prompt")
    assert result["preview"] == "Plan a visit to Bergen."


async def test_a_resource_is_read_by_its_uri_also_by_a_template(house: House, bazaar: Bazaar) -> None:
    del bazaar
    listed = await ask(house, Asked("resource", "bazaar", NOTE, {}))
    fitting = await ask(house, Asked("resource", "bazaar", "note://monday", {}))
    denied = await ask(house, Asked("resource", "bazaar", "note://secret", {}))
    unknown = await ask(house, Asked("resource", "bazaar", "file:///etc/passwd", {}))
    assert [came.called.text for came in (listed, fitting)] == [f"at {NOTE}", "at note://monday"]
    assert [came.called.status for came in (denied, unknown)] == ["denied", "denied"]
    assert denied.called.rule == DENIED
    call = (await house.only(denied.flow_id, "tool_call")).data.model_dump()
    assert (call["target"], call["rule"]) == ("resource", DENIED)


async def test_words_are_completed_for_what_may_be_used(house: House, bazaar: Bazaar) -> None:
    del bazaar
    ref: dict[str, JsonValue] = {"type": "ref/prompt", "name": "bazaar__visit"}
    argument: JsonValue = {"name": "city", "value": "Berl"}
    asked = Asked("completion", "bazaar", "visit", {"ref": ref, "argument": argument})
    assert (await ask(house, asked)).called.text == "Berlin"
    template: dict[str, JsonValue] = {"type": "ref/resource", "uri": "note://{day}"}
    asked = Asked("completion", "bazaar", "note://{day}", {"ref": template, "argument": argument})
    assert (await ask(house, asked)).called.text == "Berlin"
    unknown = Asked("completion", "bazaar", "nothing", {"ref": ref, "argument": argument})
    assert (await ask(house, unknown)).called.status == "denied"


@pytest.mark.parametrize("declines", [False, True])
async def test_what_a_server_asks_back_is_on_record(house: House, bazaar: Bazaar, *, declines: bool) -> None:
    del bazaar
    came = await ask(house, Asked("tool", "bazaar", "elicit", {}), Caller(declines))
    assert (came.called.status == "ok") is not declines
    kinds = await house.kinds(came.flow_id)
    assert kinds == [*OPENING, "tool_call", "upstream_request", "tool_result", "done"]
    question = (await house.only(came.flow_id, "upstream_request")).data.model_dump()
    outcome = "input_declined" if declines else "accept"
    assert (question["server"], question["method"], question["outcome"]) == ("bazaar", "elicitation", outcome)


async def test_progress_reaches_the_caller_and_is_not_on_record(house: House, bazaar: Bazaar) -> None:
    del bazaar
    caller = Caller()
    came = await ask(house, Asked("tool", "bazaar", "count", {}), caller)
    assert [report["progress"] for report in caller.reports] == [1, 2, 3]
    assert await house.kinds(came.flow_id) == [*OPENING, "tool_call", "tool_result", "done"]


async def test_a_protocol_error_of_a_server_keeps_its_code(house: House, bazaar: Bazaar) -> None:
    del bazaar
    came = await ask(house, Asked("resource", "shop", "note://nowhere", {}))
    assert came.called.status == "denied"
    wrong = await ask(house, Asked("prompt", "bazaar", "visit", {"city": 7}))
    assert wrong.called.outcome is not None
    assert (wrong.called.status, wrong.called.outcome.code) == ("upstream_error", -32602)
