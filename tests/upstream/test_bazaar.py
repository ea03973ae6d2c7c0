"""Everything that the protocol has, with real servers of both eras, over HTTP and over pipes."""

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import JsonValue

from omni2.kernel.errors import Problem
from omni2.upstream.pool import SessionPool
from omni2.upstream.ports import CallOutcome, Resumed, ServerTarget, UpstreamCall
from tests.support.mcp_servers.bazaar import MIRRORED, NAMES, NOTE, Bazaar, Era
from tests.support.mcp_servers.bazaar_http import serving_bazaar
from tests.support.mcp_servers.raw_http import RawHttp, serving
from tests.support.pools import call_tool
from tests.upstream.targets import over_http, over_stdio

pytestmark = pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")

PROGRAM = (sys.executable, "-m", "tests.support.mcp_servers.bazaar")
ROOT = str(Path(__file__).parents[2])
ANSWERS: dict[str, JsonValue] = {
    "sampling/createMessage": {
        "role": "assistant",
        "content": {"type": "text", "text": "hello"},
        "model": "m",
        "stopReason": "endTurn",
    },
    "elicitation/create": {"action": "accept", "content": {"size": "XL"}},
    "roots/list": {"roots": [{"uri": "file:///home/ann", "name": "home"}]},
}


@dataclass
class Link:
    """A caller who answers everything, and remembers what came."""

    able: frozenset[str] = frozenset(ANSWERS)
    reports: list[dict[str, JsonValue]] = field(default_factory=list[dict[str, JsonValue]])
    logs: list[dict[str, JsonValue]] = field(default_factory=list[dict[str, JsonValue]])
    asked: list[str] = field(default_factory=list[str])
    refuses: bool = False
    resumed: Resumed | None = None

    def supports(self, method: str) -> bool:
        """Say what can be asked."""
        return method in self.able

    async def progress(self, params: dict[str, JsonValue]) -> None:
        """Remember it."""
        self.reports.append(params)

    async def log(self, params: dict[str, JsonValue]) -> None:
        """Remember it."""
        self.logs.append(params)

    async def ask(
        self, requests: Mapping[str, dict[str, JsonValue]], state: JsonValue = None
    ) -> Mapping[str, JsonValue]:
        """Answer, or refuse."""
        self.asked += [str(request["method"]) for request in requests.values()]
        if self.refuses:
            raise Problem("input_declined", 422, "The client declined: not today.")
        return {key: ANSWERS[str(request["method"])] for key, request in requests.items()}


@dataclass
class Place:
    """A server of one kind; `bazaar` is its inside where that can be reached."""

    target: ServerTarget
    bazaar: Bazaar | None


KINDS = ["http old", "http new", "pipes old", "pipes new"]


@pytest.fixture(params=KINDS)
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    kind: str = request.param
    era: Era = "new" if kind.endswith("new") else "old"
    if kind.startswith("pipes"):
        env = (("PYTHONPATH", ROOT), ("BAZAAR_ERA", era))
        yield Place(over_stdio(*PROGRAM, env=env, timeout_ms=20_000), None)
        return
    bazaar = Bazaar()
    async with serving_bazaar(bazaar, era) as url:
        yield Place(over_http(url, timeout_ms=20_000), bazaar)


@pytest.fixture
async def pool() -> AsyncIterator[SessionPool]:
    opened = SessionPool(stdio_commands=frozenset())
    yield opened
    await opened.aclose()


def tool(name: str, **arguments: JsonValue) -> UpstreamCall:
    return UpstreamCall("tools/call", {"name": name, "arguments": {**arguments}})


async def test_everything_that_a_server_offers_is_listed(pool: SessionPool, place: Place) -> None:
    catalogue = await pool.list_tools(place.target)
    await pool.aclose()
    assert tuple(found.name for found in catalogue.tools) == NAMES
    count = catalogue.tools[1]
    assert (count.title, count.output_schema is not None, count.meta) == ("Count", True, {"shelf": 1})
    assert count.icons[0]["src"] == "data:image/png;base64,AA=="
    assert [found.name for found in catalogue.prompts] == ["visit"]
    assert catalogue.prompts[0].arguments[0]["name"] == "city"
    assert [(found.uri, found.size) for found in catalogue.resources] == [(NOTE, 5)]
    assert [found.uri_template for found in catalogue.templates] == ["note://{day}"]
    assert {"tools", "prompts", "resources", "completions", "logging"} <= set(catalogue.capabilities)
    assert catalogue.instructions == "Haggle."


async def test_prompts_resources_and_completions_come_back_whole(pool: SessionPool, place: Place) -> None:
    calls = (
        UpstreamCall("prompts/get", {"name": "visit", "arguments": {"city": "Bergen"}}),
        UpstreamCall("resources/read", {"uri": NOTE}),
        UpstreamCall(
            "completion/complete",
            {"ref": {"type": "ref/prompt", "name": "visit"}, "argument": {"name": "city", "value": "Berg"}},
        ),
    )
    prompt, resource, completion = [await pool.request(place.target, call) for call in calls]
    await pool.aclose()
    assert (prompt.status, prompt.text) == ("ok", "Plan a visit to Bergen.")
    assert prompt.result is not None
    assert "messages" in prompt.result
    assert resource.text == f"at {NOTE}"
    assert completion.text == "Bergen"


async def test_a_raw_result_keeps_its_meta_and_the_trace_goes_along(pool: SessionPool, place: Place) -> None:
    call = UpstreamCall(
        "tools/call", {"name": "echo", "arguments": {"text": "tea"}}, {"traceparent": "00-abc-def-01"}
    )
    outcome = await pool.request(place.target, call, Link())
    await pool.aclose()
    assert outcome.text == "tea 00-abc-def-01"
    assert outcome.result is not None
    assert outcome.result["_meta"]["stall"] == 7  # pyright: ignore[reportArgumentType, reportCallIssue, reportIndexIssue, reportOptionalSubscript]


async def test_arguments_that_a_schema_wants_in_headers_are_repeated_there(
    pool: SessionPool, place: Place
) -> None:
    params: dict[str, JsonValue] = {"name": "mirror", "arguments": {"region": "Gr\u00f6nland"}}
    call = UpstreamCall("tools/call", params, schema=("digest", MIRRORED))
    outcome = await pool.request(place.target, call)
    await pool.aclose()
    assert (outcome.status, outcome.text) == ("ok", "Gr\u00f6nland")


async def test_progress_and_log_messages_reach_the_caller(pool: SessionPool, place: Place) -> None:
    link = Link()
    counted = await pool.request(place.target, tool("count"), link)
    await pool.request(place.target, tool("talk"), link)
    await pool.aclose()
    assert counted.structured == {"n": 3}
    assert [report["progress"] for report in link.reports] == [1, 2, 3]
    assert all("progressToken" not in report for report in link.reports)
    assert [(log["level"], log["data"]) for log in link.logs] == [("info", "on it")]


@pytest.mark.parametrize(
    ("name", "method", "answer"),
    [
        ("sample", "sampling/createMessage", "hello"),
        ("elicit", "elicitation/create", "accept: XL"),
        ("roots", "roots/list", "file:///home/ann"),
    ],
)
async def test_what_a_server_asks_back_is_put_to_its_caller(
    pool: SessionPool, place: Place, name: str, method: str, answer: str
) -> None:
    link = Link()
    outcome = await pool.request(place.target, tool(name), link)
    await pool.aclose()
    assert (outcome.status, outcome.text) == ("ok", answer)
    assert link.asked == [method]


@pytest.mark.parametrize(
    "link", [None, Link(able=frozenset()), Link(refuses=True)], ids=["none", "unable", "no"]
)
async def test_a_question_that_nobody_answers_fails_its_call_alone(
    pool: SessionPool, place: Place, link: Link | None
) -> None:
    outcome = await pool.request(place.target, tool("elicit"), link)
    again = await pool.request(place.target, tool("echo", text="fine"), link)
    await pool.aclose()
    assert outcome.status in {"tool_error", "upstream_error"}
    assert again.text == "fine"


async def test_a_cancelled_call_ends_at_the_server_too(pool: SessionPool, place: Place) -> None:
    task = asyncio.create_task(pool.request(place.target, tool("wait"), Link()))
    if place.bazaar is None:
        assert (await pool.request(place.target, tool("echo"))).status == "ok"
    else:
        await asyncio.wait_for(place.bazaar.waiting.wait(), 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    if place.bazaar is not None:
        await asyncio.wait_for(place.bazaar.cancelled.wait(), 10)
    assert (await pool.request(place.target, tool("echo", text="on"))).text == "on"
    await pool.aclose()


async def test_over_pipes_a_question_that_could_be_anyones_is_put_to_nobody(pool: SessionPool) -> None:
    target = over_stdio(*PROGRAM, env=(("PYTHONPATH", ROOT),), timeout_ms=20_000)
    ann, bob = Link(), Link()
    busy = asyncio.create_task(pool.request(target, tool("wait"), ann))
    assert (await pool.request(target, tool("echo"), bob)).status == "ok"
    outcome: CallOutcome = await pool.request(target, tool("elicit"), bob)
    busy.cancel()
    await asyncio.wait({busy})
    await pool.aclose()
    assert outcome.status in {"tool_error", "upstream_error"}
    assert (ann.asked, bob.asked) == ([], [])


async def test_changes_of_lists_and_resources_are_heard(place: Place) -> None:
    changed, updated = asyncio.Event(), asyncio.Queue[str]()
    pool = SessionPool(stdio_commands=frozenset(), on_tools_changed=lambda server_id: changed.set())
    try:
        await pool.subscribe(place.target, NOTE, updated.put_nowait)
        if place.bazaar is not None:
            await heard(place.bazaar)
        await pool.request(place.target, tool("change"), Link())
        await asyncio.wait_for(changed.wait(), 20)
        assert await asyncio.wait_for(updated.get(), 20) == NOTE
        await pool.unsubscribe(place.target, NOTE, updated.put_nowait)
        await pool.set_level(place.target, "warning")
        if place.bazaar is not None:
            assert place.bazaar.subscribed == []
    finally:
        await pool.aclose()


async def heard(bazaar: Bazaar) -> None:
    """Wait until the standing request has arrived, where there is one, or the subscription."""
    async with asyncio.timeout(10):
        while not bazaar.subscribed and not bazaar.listeners:  # noqa: ASYNC110 the bus tells nobody
            await asyncio.sleep(0)


async def test_a_new_session_hears_of_what_the_one_before_it_did() -> None:
    bazaar, updated = Bazaar(), asyncio.Queue[str]()
    pool = SessionPool(stdio_commands=frozenset())
    async with serving_bazaar(bazaar, "old") as url:
        await pool.subscribe(over_http(url), NOTE, updated.put_nowait)
        await pool.drop("s1")
        await pool.request(over_http(url), tool("echo"))
        assert bazaar.subscribed == [NOTE, NOTE]
        await pool.aclose()


async def test_with_isolation_every_user_has_a_session_of_their_own() -> None:
    pool = SessionPool(stdio_commands=frozenset())
    app = RawHttp()
    async with serving(app) as url:
        for user_id in ("ann", "bob", "ann"):
            await call_tool(pool, over_http(url, isolation="per_user", user_id=user_id), "echo", {})
        await pool.aclose()
    assert app.methods["initialize"] == 2
