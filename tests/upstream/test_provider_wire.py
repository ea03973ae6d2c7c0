"""The wire to a model: no word of the environment, no change of mind of a name, no answer without an end."""

import socket
from typing import Any

import pytest

from omni2.kernel.errors import Problem
from omni2.upstream.models import Models
from omni2.upstream.ports import ModelEvent, ModelRequest, ModelTarget, Provider, UserMessage
from tests.support.fake_models import (
    Event,
    FakeProvider,
    Status,
    Stream,
    anthropic_answer,
    anthropic_event,
    openai_chunk,
    openai_event,
    openai_text,
    openai_tool,
)
from tests.support.mcp_servers.raw_http import serving

KEY = "key-that-the-admin-set"
PLANTED = "planted-in-the-environment"
CUSTOM = f"Authorization: Bearer {PLANTED}\nX-Api-Key: {PLANTED}\nX-Evil: {PLANTED}\nHost: {PLANTED}"
ENVIRONMENT = {
    **dict.fromkeys(("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"), PLANTED),
    **dict.fromkeys(("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_WORKSPACE_ID"), PLANTED),
    **dict.fromkeys(("OPENAI_BASE_URL", "ANTHROPIC_BASE_URL"), "http://127.0.0.1:9/planted"),
    **dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy"), "http://127.0.0.1:9"),
    **dict.fromkeys(("OPENAI_CUSTOM_HEADERS", "ANTHROPIC_CUSTOM_HEADERS"), CUSTOM),
    **dict.fromkeys(("NO_PROXY", "no_proxy"), ""),
}
ASK = ModelRequest((UserMessage("hello"),), (), None, 16)


def target_at(url: str, provider: Provider = "openai_compatible", key: str | None = KEY) -> ModelTarget:
    return ModelTarget(provider, "fake", url if provider == "anthropic" else f"{url}/v1", key, 5_000)


async def collect(target: ModelTarget) -> list[ModelEvent]:
    models = Models()
    try:
        return [event async for event in models.stream(target, ASK)]
    finally:
        await models.aclose()


async def failure(answer: Stream | Status) -> Problem:
    async with serving(FakeProvider([answer], openai_event)) as url:
        with pytest.raises(Problem) as caught:
            await collect(target_at(url))
    return caught.value


@pytest.mark.parametrize("key", [KEY, None])
@pytest.mark.parametrize("provider", ["openai", "openai_compatible", "anthropic"])
async def test_no_credential_address_or_proxy_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, provider: Provider, key: str | None
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    if provider == "anthropic":
        fake = FakeProvider([Stream(anthropic_answer("ok"))], anthropic_event, models=["fake"])
    else:
        fake = FakeProvider([Stream(openai_text("ok"))], openai_event, models=["fake"])
    models = Models()
    async with serving(fake) as url:
        target = target_at(url, provider, key)
        assert [event async for event in models.stream(target, ASK)]
        assert await models.list_models(target) == ["fake"]
        await models.aclose()
    assert PLANTED not in str(fake.headers)
    for headers in fake.headers:
        assert headers.get("authorization") == (f"Bearer {KEY}" if key else None)
        assert (headers["user-agent"], headers["host"]) == ("omni2", url.removeprefix("http://"))


async def test_a_name_that_changes_its_mind_after_the_check_is_not_followed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = iter(["93.184.215.14"])

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        address = next(answers, "169.254.169.254")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(Problem) as caught:
        await collect(target_at("http://models.example.test"))
    assert caught.value.code == "url_refused"


async def test_a_redirect_takes_no_key_elsewhere() -> None:
    other = FakeProvider([Stream(openai_text("ok"))], openai_event)
    async with serving(other) as elsewhere:
        away = Status(307, headers=((b"location", f"{elsewhere}/v1/chat/completions".encode()),))
        problem = await failure(away)
    assert problem.code.startswith("model_")
    assert other.headers == []


def thinking(size: int) -> Event:
    return openai_chunk({"role": "assistant", "reasoning_content": "x" * size})


def calls(count: int, size: int) -> list[Event]:
    return [openai_tool(n, f"c{n}", "shop__find", '{"a": "' + "x" * size + '"}') for n in range(count)]


@pytest.mark.parametrize(
    ("events", "code"),
    [
        ([openai_chunk({"role": "assistant", "content": "x" * 60_000})] * 5, "answer_too_large"),
        ([thinking(60_000)] * 5, "answer_too_large"),
        (calls(1, 300_000), "answer_too_large"),
        (calls(60, 5_000), "answer_too_large"),
        (calls(65, 1), "too_many_calls"),
    ],
)
async def test_an_answer_is_bounded_in_words_thoughts_and_calls(events: list[Event], code: str) -> None:
    problem = await failure(Stream(events, "hang"))
    assert (problem.code, problem.status) == (code, 502)


async def test_as_many_calls_as_are_allowed_come_through() -> None:
    events = [*calls(64, 1), openai_chunk({}, "tool_calls"), {}]
    async with serving(FakeProvider([Stream(events)], openai_event)) as url:
        assert len(await collect(target_at(url))) == 65


async def test_an_answer_that_is_one_line_without_an_end_is_cut_off() -> None:
    async def endless(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        headers = [(b"content-type", b"text/event-stream")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b"x" * 1024 * 1024, "more_body": True})

    async with serving(endless) as url:
        with pytest.raises(Problem) as caught:
            await collect(target_at(url))
    assert caught.value.code == "answer_too_large"


async def test_a_compressed_answer_that_was_not_asked_for_is_refused() -> None:
    packed = Status(200, b"\x1f\x8b" + b"\0" * 100, ((b"content-encoding", b"gzip"),))
    assert (await failure(packed)).code == "model_failed"
