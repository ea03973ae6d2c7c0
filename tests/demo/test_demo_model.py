"""The demo model over the real demo servers: what it understands, and what it honestly does not."""

import ast
import re
from dataclasses import replace

import pytest

from omni2.demo import SUGGESTED_PROMPTS
from omni2.upstream.demo_model import DemoModel
from omni2.upstream.demo_talk import INTRODUCTION
from omni2.upstream.ports import (
    AssistantMessage,
    ModelDone,
    ModelRequest,
    TextDelta,
    ToolMessage,
    ToolSpec,
    ToolWish,
    UserMessage,
)
from tests.demo.talk import TARGET, Talk

pytestmark = pytest.mark.asyncio(loop_scope="module")

Calls = list[tuple[str, dict[str, object]]]
ORDER: Calls = [("shop__find_order", {"order_id": 1042})]
LOW: Calls = [("shop__low_stock", {})]
TOKYO: Calls = [("time__get_current_time", {"timezone": "Asia/Tokyo"})]


@pytest.mark.parametrize(
    ("question", "calls", "words"),
    [
        ("What time is it in Tokyo?", TOKYO, ["Tokyo"]),
        (
            "Where is order 1042 and what did it cost?",
            ORDER,
            ["Order 1042", "**shipped**", "EUR**"],
        ),
        ("Which products are low on stock?", LOW, ["Folding umbrella", "| --- |"]),
        (
            "Show the open support tickets",
            [("shop__list_tickets", {"status": "open"})],
            ["Refund not received"],
        ),
        (
            'Create a ticket with subject "Broken mug" and high priority',
            [("shop__create_ticket", {"subject": "Broken mug", "priority": "high"})],
            ["Broken mug", "high", "open"],
        ),
        (
            "Create a ticket about order 1042: the parcel is late",
            [("shop__create_ticket", {"subject": "order 1042: the parcel is late", "order_id": 1042})],
            ["1042"],
        ),
        (
            "List the last 5 shipped orders",
            [("shop__list_orders", {"status": "shipped", "limit": 5})],
            ["shipped"],
        ),
        ("How much did we sell in the last 7 days?", [("shop__sales_summary", {"days": 7})], ["EUR"]),
        ("Do you have mugs?", [("shop__search_products", {"query": "mugs"})], ["Stoneware mug, blue"]),
        (
            "Which products have fewer than 5 in stock?",
            [("shop__low_stock", {"threshold": 5})],
            ["Glass|lamp"],
        ),
        (
            "If it is 14:00 in Tokyo, what time is it in London?",
            [
                (
                    "time__convert_time",
                    {"source_timezone": "Asia/Tokyo", "time": "14:00", "target_timezone": "Europe/London"},
                )
            ],
            ["05:00"],
        ),
        (
            "What time is it in Tokyo and which products are low on stock?",
            TOKYO + LOW,
            ["Tokyo", "Folding umbrella"],
        ),
        (
            "Show order 1040 and order 1041",
            [("shop__find_order", {"order_id": 1040}), ("shop__find_order", {"order_id": 1041})],
            ["1040", "1041"],
        ),
    ],
)
async def test_a_question_gets_the_right_calls_and_an_answer_from_their_results(
    talk: Talk, question: str, calls: Calls, words: list[str]
) -> None:
    answer = await talk.ask(question)
    assert talk.calls == calls
    for word in words:
        assert re.search(word.replace("*", r"\*").replace("| --- |", r"\| --- \|"), answer), word


async def test_every_suggested_prompt_works(talk: Talk) -> None:
    for prompt in SUGGESTED_PROMPTS:
        answer = await talk.ask(prompt)
        assert talk.calls
        assert "could not" not in answer
        assert INTRODUCTION not in answer


async def test_the_calls_of_one_answer_have_ids_of_their_own(talk: Talk) -> None:
    await talk.ask("What time is it in Tokyo and in Paris?")
    await talk.ask("And in London?")
    ids = [
        wish.call_id
        for message in talk.messages
        if isinstance(message, AssistantMessage)
        for wish in message.tool_calls
    ]
    assert len(ids) == len(set(ids)) == 3


async def test_a_follow_up_reuses_what_was_named_before(talk: Talk) -> None:
    await talk.ask("Where is order 1042?")
    answer = await talk.ask("and its status?")
    assert talk.calls == [("shop__find_order", {"order_id": 1042})]
    assert "status **shipped**" in answer
    await talk.ask("What about 1043?")
    assert talk.calls == [("shop__find_order", {"order_id": 1043})]
    await talk.ask("What time is it in Tokyo?")
    await talk.ask("And in Paris?")
    assert talk.calls == [("time__get_current_time", {"timezone": "Europe/Paris"})]


async def test_it_remembers_the_questions(talk: Talk) -> None:
    await talk.ask("What time is it in Tokyo?")
    answer = await talk.ask("What did I ask before?")
    assert "1. What time is it in Tokyo?" in answer
    assert not talk.calls


async def test_a_destructive_tool_is_wished_for_only_when_it_is_asked_for(talk: Talk) -> None:
    await talk.ask("Where is order 1055?")
    assert talk.calls == [("shop__find_order", {"order_id": 1055})]
    answer = await talk.ask("Cancel it")
    assert talk.calls == [("shop__cancel_order", {"order_id": 1055})]
    assert "cancelled" in answer
    answer = await talk.ask("Cancel order 1042")
    assert "can no longer be cancelled" in answer


async def test_a_missing_argument_is_asked_for(talk: Talk) -> None:
    answer = await talk.ask("What time is it?")
    assert not talk.calls
    assert "timezone" in answer


@pytest.mark.parametrize(
    "question", ["What is the capital of France?", "Write a poem", "delete everything", "??"]
)
async def test_what_it_cannot_do_it_says_plainly(talk: Talk, question: str) -> None:
    answer = await talk.ask(question)
    assert not talk.calls
    assert INTRODUCTION in answer
    assert "`shop__find_order`" in answer


@pytest.mark.parametrize("question", ["hello", "Hi there!", "What can you do?", "help"])
async def test_it_introduces_itself_as_what_it_is(talk: Talk, question: str) -> None:
    answer = await talk.ask(question)
    assert INTRODUCTION in answer
    assert "`time__get_current_time`" in answer


async def test_the_code_example_is_a_python_program(talk: Talk) -> None:
    answer = await talk.ask("Show me a code example of calling the MCP endpoint")
    block = re.search(r"```python\n(.*?)```", answer, re.DOTALL)
    assert block is not None
    ast.parse(block.group(1))
    assert "session.call_tool" in block.group(1)


async def test_a_tool_that_is_not_offered_is_missed_in_words(talk: Talk) -> None:
    talk.tools = tuple(tool for tool in talk.tools if not tool.name.startswith("shop__"))
    answer = await talk.ask("Where is order 1042?")
    assert not talk.calls
    assert "a tool that looks up orders" in answer
    assert "shop__" not in answer


async def test_a_denial_is_explained() -> None:
    wish = ToolWish("call_1", "shop__cancel_order", {"order_id": 1})
    denied = ToolMessage("call_1", wish.name, "Denied by the rule 'no cancelling'.", is_error=True)
    text = await _reply(UserMessage("Cancel order 1"), AssistantMessage("", (wish,)), denied)
    assert "was not allowed" in text
    assert "no cancelling" in text


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ('{"orders": []}', "**Orders:** none."),
        ('["a", "b"]', "- a\n- b"),
        ("plain words", "plain words"),
        ("", "had nothing to say"),
        ('{"a|b": "c|d"}', "c\\|d"),
        ("42", "**42**"),
    ],
)
async def test_any_shape_of_result_is_shown(result: str, expected: str) -> None:
    wish = ToolWish("call_1", "x__thing", {})
    answered = ToolMessage("call_1", "x__thing", result, is_error=False)
    assert expected in await _reply(UserMessage("thing?"), AssistantMessage("", (wish,)), answered)


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object", "properties": []},
        {"type": "object", "properties": {"a": True}, "required": 7},
        {"type": "object", "properties": {"a": {"anyOf": "x"}, "b": {"enum": []}, "c": {"type": ["x"]}}},
        {
            "type": "object",
            "properties": {"a": {"type": "array", "items": {"type": "array"}}},
            "required": ["a"],
        },
    ],
)
async def test_a_hostile_schema_breaks_nothing(schema: dict[str, object]) -> None:
    tool = ToolSpec("x__weird", None, "weird \x00 thing", schema)  # pyright: ignore[reportArgumentType]
    request = ModelRequest((UserMessage("do the weird thing 5"),), (tool,), None, 1_000)
    assert [event async for event in DemoModel(delay_ms=0).stream(TARGET, request)]


async def test_the_same_request_gets_the_same_answer_in_many_small_pieces() -> None:
    request = ModelRequest((UserMessage("hello"),), (), None, 1_000)
    first = [event async for event in DemoModel(delay_ms=0).stream(TARGET, request)]
    second = [event async for event in DemoModel(delay_ms=0).stream(TARGET, request)]
    assert [event for event in first if isinstance(event, TextDelta)] == [
        event for event in second if isinstance(event, TextDelta)
    ]
    assert len(first) > 10


async def test_an_answer_is_no_longer_than_the_limit() -> None:
    request = ModelRequest((UserMessage("hello"),), (), None, 5)
    events = [event async for event in DemoModel(delay_ms=0).stream(TARGET, request)]
    done = events[-1]
    assert isinstance(done, ModelDone)
    assert done.finish_reason == "length"
    assert done.usage.output_tokens <= 5


async def _reply(*messages: UserMessage | AssistantMessage | ToolMessage) -> str:
    request = replace(ModelRequest((), (), None, 1_000), messages=messages)
    events = [event async for event in DemoModel(delay_ms=0).stream(TARGET, request)]
    return "".join(event.text for event in events if isinstance(event, TextDelta))
