"""Model adapters against real HTTP servers that speak the providers' streams."""

import asyncio
from contextlib import aclosing
from dataclasses import replace

import pytest

from omni2.kernel.errors import Problem
from omni2.upstream.models import Models
from omni2.upstream.ports import (
    AssistantMessage,
    ModelDone,
    ModelEvent,
    ModelRequest,
    ModelTarget,
    Provider,
    TextDelta,
    ToolMessage,
    ToolSpec,
    ToolWish,
    UserMessage,
)
from tests.support.fake_models import (
    FakeProvider,
    Status,
    Stream,
    anthropic_answer,
    anthropic_event,
    openai_chunk,
    openai_event,
    openai_text,
    openai_tool,
    openai_usage,
)
from tests.support.mcp_servers.raw_http import serving

SECRET = "sk-planted-secret"
TOOL = ToolSpec("shop__find_order", "Find", "Find an order", {"type": "object", "properties": {}})
ASK = ModelRequest((UserMessage("hello"),), (TOOL,), "Be brief.", 500)


def openai_like(*answers: Status | Stream) -> FakeProvider:
    return FakeProvider(answers, openai_event)


def reaching(url: str, provider: Provider = "openai_compatible", timeout_ms: int = 5_000) -> ModelTarget:
    base = url if provider == "anthropic" else f"{url}/v1"
    return ModelTarget(provider, "fake", base, SECRET, timeout_ms)


async def collect(target: ModelTarget, request: ModelRequest = ASK) -> list[ModelEvent]:
    models = Models()
    try:
        return [event async for event in models.stream(target, request)]
    finally:
        await models.aclose()


async def failure(target: ModelTarget) -> Problem:
    with pytest.raises(Problem) as caught:
        await collect(target)
    assert SECRET not in str(caught.value.members())
    assert "planted-secret-body" not in str(caught.value.members())
    return caught.value


async def test_openai_text_streams_in_pieces_and_ends_with_the_usage_that_the_provider_counted() -> None:
    provider = openai_like(
        Stream(
            [
                openai_chunk({"role": "assistant", "content": "Hel"}),
                openai_chunk({"content": "lo"}),
                openai_chunk({}, "stop"),
                openai_usage(100, 20, cached=40, reasoning=7),
                {},
            ]
        )
    )
    async with serving(provider) as url:
        events = await collect(reaching(url))
    assert events[:2] == [TextDelta("Hel"), TextDelta("lo")]
    done = events[2]
    assert isinstance(done, ModelDone)
    assert done.finish_reason == "stop"
    assert done.first_token_ms is not None
    usage = done.usage
    assert (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens) == (100, 20, 40)
    assert (usage.reasoning_tokens, usage.estimated) == (7, False)


async def test_openai_gets_the_tools_the_limit_the_key_and_the_whole_conversation() -> None:
    provider = openai_like(Stream(openai_text("ok")))
    wish = ToolWish("call_7", "shop__find_order", {"order_id": 1042})
    request = replace(
        ASK,
        messages=(
            UserMessage("where is it?"),
            AssistantMessage("Let me see.", (wish,)),
            ToolMessage("call_7", "shop__find_order", "shipped", is_error=False),
        ),
    )
    async with serving(provider) as url:
        await collect(reaching(url), request)
    sent = provider.requests[0]
    assert [message["role"] for message in sent["messages"]] == ["system", "user", "assistant", "tool"]
    assert sent["messages"][2]["tool_calls"][0]["id"] == "call_7"
    assert sent["messages"][3]["tool_call_id"] == "call_7"
    assert sent["tools"][0]["function"]["name"] == "shop__find_order"
    assert 500 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
    assert provider.headers[0]["authorization"] == f"Bearer {SECRET}"


async def test_two_tool_wishes_of_one_answer_are_both_delivered() -> None:
    provider = openai_like(
        Stream(
            [
                openai_tool(0, "a", "shop__find_order", '{"order_id": 1}'),
                openai_tool(1, "b", "shop__find_order", '{"order_id": 2}'),
                openai_chunk({}, "tool_calls"),
                openai_usage(10, 5),
                {},
            ]
        )
    )
    async with serving(provider) as url:
        events = await collect(reaching(url, "openai"))
    assert events[:2] == [
        ToolWish("a", "shop__find_order", {"order_id": 1}),
        ToolWish("b", "shop__find_order", {"order_id": 2}),
    ]
    assert isinstance(events[2], ModelDone)
    assert events[2].finish_reason == "tool_calls"


@pytest.mark.parametrize("arguments", ['{"order_id": ', "[1, 2]", '"text"'])
async def test_unreadable_arguments_are_a_wish_that_says_so(arguments: str) -> None:
    provider = openai_like(
        Stream([openai_tool(0, "a", "shop__find_order", arguments), openai_chunk({}, "tool_calls"), {}])
    )
    async with serving(provider) as url:
        events = await collect(reaching(url))
    wish = events[0]
    assert isinstance(wish, ToolWish)
    assert wish.arguments == {}
    assert wish.invalid is not None


async def test_missing_usage_is_estimated_and_says_so() -> None:
    provider = openai_like(
        Stream([openai_chunk({"role": "assistant", "content": "x" * 40}), openai_chunk({}, "stop"), {}])
    )
    async with serving(provider) as url:
        events = await collect(reaching(url))
    done = events[-1]
    assert isinstance(done, ModelDone)
    assert done.usage.estimated
    assert done.usage.output_tokens == 10
    assert done.usage.input_tokens > 0


async def test_anthropic_streams_text_a_tool_wish_and_its_usage() -> None:
    tool = {"id": "toolu_1", "name": "shop__find_order", "input": {"order_id": 1042}}
    provider = FakeProvider([Stream(anthropic_answer("Looking.", tool))], anthropic_event)
    async with serving(provider) as url:
        events = await collect(reaching(url, "anthropic"))
    assert events[:2] == [TextDelta("Looking."), ToolWish("toolu_1", "shop__find_order", {"order_id": 1042})]
    done = events[2]
    assert isinstance(done, ModelDone)
    assert done.finish_reason == "tool_calls"
    assert (done.usage.output_tokens, done.usage.cache_read_tokens, done.usage.cache_write_tokens) == (
        9,
        5,
        2,
    )
    assert SECRET in provider.headers[0].get("authorization", "") + provider.headers[0].get("x-api-key", "")


async def test_a_rate_limit_is_waited_out_and_the_second_attempt_answers() -> None:
    provider = openai_like(Status(429, headers=((b"retry-after", b"0"),)), Stream(openai_text("ok")))
    async with serving(provider) as url:
        events = await collect(reaching(url))
    assert events[0] == TextDelta("ok")
    assert len(provider.requests) == 2


async def test_a_long_retry_after_is_reported_instead_of_waited_for() -> None:
    provider = openai_like(Status(429, headers=((b"retry-after", b"60"),)))
    async with serving(provider) as url:
        problem = await failure(reaching(url))
    assert problem.code == "model_rate_limited"
    assert problem.extra["retry_after_ms"] == 60_000
    assert len(provider.requests) == 1


async def test_a_provider_that_keeps_failing_is_asked_three_times() -> None:
    provider = openai_like(Status(500))
    async with serving(provider) as url:
        problem = await failure(reaching(url))
    assert problem.code == "model_failed"
    assert len(provider.requests) == 3


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "model_auth_failed"), (403, "model_auth_failed"), (400, "model_refused"), (404, "model_refused")],
)
async def test_a_refusal_is_final_and_its_body_stays_inside(status: int, code: str) -> None:
    provider = openai_like(Status(status))
    async with serving(provider) as url:
        problem = await failure(reaching(url))
    assert problem.code == code
    assert len(provider.requests) == 1


async def test_an_address_where_nothing_listens_is_unreachable() -> None:
    async with serving(openai_like(Status(500))) as url:
        pass
    assert (await failure(reaching(url))).code == "model_unreachable"


@pytest.mark.parametrize("events", [[], [openai_chunk({"role": "assistant", "content": "Hel"})]])
async def test_a_silent_provider_times_out_before_and_after_the_first_event(events: list[object]) -> None:
    provider = FakeProvider([Stream(events, "hang")], openai_event)  # pyright: ignore[reportArgumentType]
    async with serving(provider) as url:
        problem = await failure(reaching(url, timeout_ms=1_500))
        await asyncio.wait_for(provider.disconnected.wait(), 5)
    assert problem.code == "model_timeout"
    assert len(provider.requests) == 1


@pytest.mark.parametrize("ending", ["cut", "end"])
async def test_a_stream_that_breaks_off_is_a_failure_and_never_repeated(ending: str) -> None:
    provider = openai_like(Stream([openai_chunk({"role": "assistant", "content": "Hel"})], ending))
    seen: list[ModelEvent] = []
    models = Models()
    async with serving(provider) as url:
        with pytest.raises(Problem) as caught:
            seen.extend([event async for event in models.stream(reaching(url), ASK)])
        await models.aclose()
    assert caught.value.code == "model_failed"
    assert len(provider.requests) == 1


async def test_closing_the_stream_closes_the_connection_to_the_provider() -> None:
    provider = openai_like(Stream([openai_chunk({"role": "assistant", "content": "Hel"})], "hang"))
    models = Models()
    async with serving(provider) as url:
        async with aclosing(models.stream(reaching(url), ASK)) as events:  # pyright: ignore[reportArgumentType]
            async for event in events:
                assert event == TextDelta("Hel")
                break
        await asyncio.wait_for(provider.disconnected.wait(), 5)
        await models.aclose()


async def test_cancelling_the_reader_closes_the_connection_to_the_provider() -> None:
    provider = openai_like(Stream([], "hang"))
    async with serving(provider) as url:
        task = asyncio.create_task(collect(reaching(url)))
        await provider.hanging.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(provider.disconnected.wait(), 5)


@pytest.mark.parametrize(
    "body", [b"not json", b'{"choices": null}', b'{"choices": [{"delta": []}]}', b'[{"x": 1}]']
)
async def test_nonsense_in_the_stream_is_a_failure_in_words(body: bytes) -> None:
    provider = FakeProvider([Stream([{}])], lambda event: b"data: " + body + b"\n\n")
    async with serving(provider) as url:
        problem = await failure(reaching(url))
    assert problem.code in {"model_failed", "model_refused"}


async def test_probing_a_model_makes_one_tiny_request() -> None:
    provider = openai_like(Stream(openai_text("ready")))
    models = Models()
    async with serving(provider) as url:
        assert await models.probe_model(reaching(url)) > 0
        await models.aclose()
    assert len(provider.requests) == 1


async def test_the_models_of_a_provider_are_listed_by_name() -> None:
    provider = FakeProvider([Status(500)], openai_event, models=["b-model", "a-model", "bad name\n"])
    models = Models()
    async with serving(provider) as url:
        assert await models.list_models(reaching(url)) == ["a-model", "b-model"]
        assert await models.list_models(reaching(url, "anthropic")) == ["a-model", "b-model"]
        await models.aclose()
    assert provider.paths == ["/v1/models", "/v1/models"]
    assert SECRET in provider.headers[1].get("authorization", "")


async def test_a_missing_extra_is_said_in_words() -> None:
    target = ModelTarget("google", "gemini", "http://127.0.0.1:9", SECRET, 1_000)
    problem = await failure(target)
    assert problem.code in {"model_failed", "model_unreachable"}
