"""A request of a client: one flow, two commits; nothing runs or leaves before it is on record."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from omni2.access.compiled import Access
from omni2.access.compiled import Person as AccessPerson
from omni2.engine.requests import Answered, Asked, answer, refuse
from omni2.engine.views import View
from omni2.flows.checkpoints import AuthCheck
from omni2.flows.recorder import Recorder
from omni2.identity.credentials import create_token
from omni2.identity.principal import Principal
from omni2.identity.schemas import TokenCreate
from omni2.kernel.errors import Problem
from omni2.kernel.journal import CONSOLE
from omni2.kernel.lane import Lane, Row, Step
from omni2.usage.budgets import Budgets, Window
from tests.engine.test_doubt import FailingLane, When, price_echo
from tests.support.app import Person, grant
from tests.support.house import RULE, House

OPENING = ["auth_check", "block_check", "mcp_access_check", "tool_filter"]
PRICE = 700


async def principal_of(house: House, person: Person | None = None) -> Principal:
    """Return who calls, as known by a token."""
    return await house.served.process.authenticator.by_token((person or house.ann).token)


async def ask(house: House, name: str, **arguments: Any) -> Answered:
    """Call a tool of the shop as Ann."""
    engine = house.served.process.engine
    return await answer(engine, await principal_of(house), Asked("tool", "shop", name, arguments))


class CountingLane:
    """The real lane, which counts the units that wait for it."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self.units = 0

    async def commit(self, steps: Sequence[Step]) -> list[Row | None]:
        """Commit and count."""
        self.units += 1
        return await self._lane.commit(steps)


async def test_a_tool_call_leaves_exactly_these_checkpoints_in_two_commits(house: House) -> None:
    engine = house.served.process.engine
    lane = CountingLane(engine.recorder.lane)
    recorder = Recorder(lane, engine.recorder.lease, engine.bus)  # pyright: ignore[reportArgumentType]
    asked = Asked("tool", "shop", "echo", {"text": "tea"}, client="cursor 1.2 (2025-11-25)")
    came = await answer(replace(engine, recorder=recorder), await principal_of(house), asked)
    assert lane.units == 2
    assert await house.kinds(came.flow_id) == [*OPENING, "tool_call", "tool_result", "done"]
    head, checkpoints = await house.served.flow(came.flow_id)
    assert (head.source, head.status, head.tool_calls) == ("mcp", "ok", 1)
    assert (came.called.status, came.called.text) == ("ok", "echo: tea")
    assert came.called.outcome is not None
    assert came.called.outcome.result is not None
    assert came.called.outcome.result["content"] == [{"type": "text", "text": "echo: tea"}]
    assert checkpoints[0].data.model_dump()["client"] == "cursor 1.2 (2025-11-25)"
    access = checkpoints[2].data.model_dump()
    assert (access["server"], access["allowed"]) == ("shop", True)
    assert came.timing.total_ms >= came.timing.upstream_ms > 0
    await house.served.require_balanced()


async def test_the_intent_of_a_request_is_durable_before_the_server_sees_it(house: House) -> None:
    seen: list[list[str]] = []

    async def look(name: str, arguments: dict[str, Any]) -> None:
        del name, arguments
        flow = (await house.served.flows(house.ann))[-1]
        seen.append(await house.kinds(flow.flow_id))

    house.workshop.on_call = look
    await ask(house, "echo", text="tea")
    assert seen == [[*OPENING, "tool_call"]]


async def test_a_denied_request_is_an_answer_with_its_rule_and_reaches_no_server(house: House) -> None:
    came = await ask(house, "secret_echo", text="tea")
    assert house.workshop.calls == []
    assert (came.called.status, came.called.rule) == ("denied", RULE)
    assert await house.kinds(came.flow_id) == [*OPENING, "tool_call", "done"]
    head, _ = await house.served.flow(came.flow_id)
    assert head.status == "denied"
    assert head.sentence.startswith("Denied: You may not use shop.secret_echo")


NOWHERE = [("nowhere", "dig"), ("shop", "no_such"), ("no\x00where", "a\x00")]


async def test_what_does_not_exist_is_denied_in_a_flow(house: House, subtests: pytest.Subtests) -> None:
    for server, name in NOWHERE:
        with subtests.test(server=server):
            engine = house.served.process.engine
            came = await answer(engine, await principal_of(house), Asked("tool", server, name, {}))
            assert came.called.status == "denied"
            head, checkpoints = await house.served.flow(came.flow_id)
            assert head.status == "denied"
            assert checkpoints[2].verdict == ("passed" if server == "shop" else "denied")


async def test_a_priced_request_is_reserved_settled_and_shown_with_what_is_left(house: House) -> None:
    await price_echo(house)
    await house.budget(house.ann, 1_000)
    came = await ask(house, "echo", text="tea")
    assert await house.kinds(came.flow_id) == [
        *(*OPENING, "usage_check", "tool_call", "tool_result", "usage_settled", "done")
    ]
    settled = (await house.only(came.flow_id, "usage_settled")).data.model_dump()
    assert (settled["charged_micros"], settled["remaining_micros"]) == (PRICE, 300)
    head, _ = await house.served.flow(came.flow_id)
    assert head.cost_micros == PRICE
    with pytest.raises(Problem) as caught:
        await ask(house, "echo", text="more")
    assert caught.value.code == "budget_exhausted"
    assert house.workshop.named("echo") == [{"text": "tea"}]
    assert [flow.status for flow in await house.served.flows(house.ann)] == ["ok", "denied"]
    await house.served.require_balanced()


class Unread(Budgets):
    """Budgets that nobody may read."""

    async def window(self, user_id: str) -> Window:
        """Fail the test."""
        raise AssertionError(user_id)


async def test_a_priced_request_reads_nothing_either(house: House) -> None:
    await price_echo(house)
    engine = house.served.process.engine
    lane = CountingLane(engine.recorder.lane)
    recorder = Recorder(lane, engine.recorder.lease, engine.bus)  # pyright: ignore[reportArgumentType]
    budgets = Unread(house.served.database, "UTC", engine.budgets.default_micros)
    unread = replace(engine, recorder=recorder, budgets=budgets)
    came = await answer(unread, await principal_of(house), Asked("tool", "shop", "echo", {"text": "tea"}))
    assert (came.called.status, lane.units) == ("ok", 2)
    check = (await house.only(came.flow_id, "usage_check")).data.model_dump()
    assert check["budgets"][0]["reserved_micros"] == PRICE
    await house.served.require_balanced()


async def test_a_tool_error_is_an_answer_and_the_flow_has_failed(house: House) -> None:
    came = await ask(house, "fail")
    assert (came.called.status, came.called.text) == ("tool_error", "It does not work.")
    head, _ = await house.served.flow(came.flow_id)
    assert (head.status, head.sentence) == ("failed", "shop.fail answered with an error.")


TRACES = [
    (f"00-{'ab' * 16}-{'cd' * 8}-01", f"00-{'ab' * 16}-{'cd' * 8}-01"),
    (f"00-{'0' * 32}-{'cd' * 8}-01", None),
    ("00-AB-cd-01", None),
    ("x" * 4_000, None),
]


async def test_the_trace_that_a_client_names_is_on_record(house: House, subtests: pytest.Subtests) -> None:
    for told, kept in TRACES:
        with subtests.test(told=told):
            asked = Asked("tool", "shop", "echo", {"text": "tea"}, meta={"traceparent": told})
            came = await answer(house.served.process.engine, await principal_of(house), asked)
            data = (await house.only(came.flow_id, "auth_check")).data
            assert isinstance(data, AuthCheck)
            assert data.traceparent == kept


async def test_the_head_of_a_request_says_what_was_asked_and_what_came_of_it(house: House) -> None:
    came = await ask(house, "echo", text="tea")
    head, _ = await house.served.flow(came.flow_id)
    assert head.sentence == "shop.echo answered."


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_store_that_fails_lets_nothing_out_and_charges_only_what_ran(
    house: House, at: int, when: When
) -> None:
    await price_echo(house)
    engine = house.served.process.engine
    lane = FailingLane(engine.recorder.lane, at, when)
    recorder = Recorder(lane, engine.recorder.lease, engine.bus)  # pyright: ignore[reportArgumentType]
    failing = replace(engine, recorder=recorder)
    with pytest.raises(Problem) as caught:
        await answer(failing, await principal_of(house), Asked("tool", "shop", "echo", {"text": "tea"}))
    assert caught.value.status == 503
    assert ("Nothing was done" in caught.value.detail) == (at == 1)
    await recorder.retry_closings()
    flows = await house.served.flows(house.ann)
    assert [flow.status for flow in flows] == ["failed" if at == 1 else "ok"]
    kinds = await house.kinds(flows[0].flow_id)
    assert kinds[-1] == "done"
    assert len(house.workshop.calls) == (0 if at == 1 else 1)
    assert [entry.micros for entry in await house.served.ledger(house.ann)] == ([] if at == 1 else [PRICE])
    await house.served.require_balanced()


async def test_a_caller_that_goes_away_is_on_record_and_pays_for_what_was_sent(house: House) -> None:
    async with house.served.client(house.boss) as client:
        path = f"/api/servers/{house.server_id}/tools/hold"
        assert (await client.patch(path, json={"price_micros": PRICE})).status_code == 200
    task = asyncio.create_task(ask(house, "hold"))
    await house.workshop.gate.reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    flow = (await house.served.flows(house.ann))[0]
    assert flow.status == "cancelled"
    assert await house.kinds(flow.flow_id) == [
        *(*OPENING, "usage_check", "tool_call", "tool_result", "usage_settled", "done")
    ]
    assert [entry.micros for entry in await house.served.ledger(house.ann)] == [PRICE]
    await house.served.require_balanced()
    async with house.served.client(house.boss) as client:
        shop = (await client.get(f"/api/servers/{house.server_id}")).json()
    assert (shop["calls_today"], shop["errors_today"], shop["p50_ms"]) == (1, 0, None)


async def test_a_block_ends_a_running_request_with_the_words_of_the_admin(house: House) -> None:
    task = asyncio.create_task(ask(house, "hold"))
    await house.workshop.gate.reached.wait()
    receipt = await house.block(house.ann)
    with pytest.raises(Problem) as caught:
        await task
    assert (caught.value.code, caught.value.detail) == ("blocked", "Please see me.")
    assert receipt["calls_cancelled"] == 1
    flow = (await house.served.flows(house.ann))[0]
    assert flow.status == "blocked"
    assert (await house.kinds(flow.flow_id))[-2:] == ["blocked", "done"]


async def test_a_blocked_user_is_refused_before_anything_is_asked(house: House) -> None:
    principal = await principal_of(house)
    await house.block(house.ann)
    with pytest.raises(Problem) as caught:
        await answer(house.served.process.engine, principal, Asked("tool", "shop", "echo", {}))
    assert caught.value.code == "blocked"
    assert house.workshop.calls == []
    assert [flow.status for flow in await house.served.flows(house.ann)] == ["blocked"]


async def test_a_token_without_the_door_is_refused(house: House) -> None:
    body = TokenCreate(name="chat only", scopes=["chat"])
    _, token = await create_token(house.served.database, house.ann.user, body, CONSOLE)
    principal = await house.served.process.authenticator.by_token(token)
    with pytest.raises(Problem) as caught:
        await answer(house.served.process.engine, principal, Asked("tool", "shop", "echo", {}))
    assert caught.value.code == "insufficient_scope"
    assert [flow.status for flow in await house.served.flows(house.ann)] == ["denied"]


async def test_refusals_of_a_known_user_are_on_record_at_most_once_a_second_and_counted(house: House) -> None:
    engine, principal = house.served.process.engine, await principal_of(house)
    problem = Problem("insufficient_scope", 403, "This token does not open mcp.")
    for _ in range(4):
        await refuse(engine, principal, "tools/list", problem)
    flows = await house.served.flows(house.ann)
    assert [(flow.title, flow.status, flow.source) for flow in flows] == [("tools/list", "denied", "mcp")]
    assert await house.kinds(flows[0].flow_id) == ["auth_check", "error", "done"]
    engine.refusals[principal.user_id] = (float("-inf"), engine.refusals[principal.user_id][1])
    await refuse(engine, principal, "tools/list", problem)
    last = (await house.served.flows(house.ann))[-1]
    error = await house.only(last.flow_id, "error")
    assert error.data.model_dump()["detail"].endswith("3 more requests were refused just before.")


class GrantedMeanwhile:
    """The real views, of which the second takes a read; meanwhile somebody grants the shop to all."""

    def __init__(self, house: House) -> None:
        self._house = house
        self.looks = 0

    def of(self, principal: Principal, client: str | None = None) -> View | None:
        """Return what somebody may use now; at the second look it has to be read."""
        view = self._house.served.process.engine.views.of(principal, client)
        self.looks += view is not None
        return None if self.looks == 2 else view


class GrantingBook:
    """The real access, which more is granted of right before it is read."""

    def __init__(self, house: House, meanwhile: GrantedMeanwhile) -> None:
        self._house = house
        self._meanwhile = meanwhile
        self.snapshot_step = house.served.process.access.snapshot_step
        self.mark_stored = house.served.process.access.mark_stored

    async def of(self, person: AccessPerson) -> Access:
        """Return what somebody may use, at the second look behind the grant."""
        if self._meanwhile.looks == 2:
            await grant(self._house.served.database, "shop", ["*"], [], "too late")
            await self._house.served.process.mirror.refresh()
        return await self._house.served.process.access.of(person)


async def test_what_the_checks_denied_stays_denied_whatever_is_granted_meanwhile(house: House) -> None:
    async with house.served.client(house.boss) as admin:
        await admin.delete(f"/api/grants/{house.grant_id}")
    meanwhile = GrantedMeanwhile(house)
    engine = replace(
        house.served.process.engine,
        views=meanwhile,  # pyright: ignore[reportArgumentType]
        access=GrantingBook(house, meanwhile),  # pyright: ignore[reportArgumentType]
    )
    asked = Asked("tool", "shop", "echo", {"text": "tea"})
    came = await answer(engine, await principal_of(house), asked)
    head, _ = await house.served.flow(came.flow_id)
    checked = await house.only(came.flow_id, "mcp_access_check")
    assert (came.called.status, head.status, checked.verdict) == ("denied", "denied", "denied")
    assert house.workshop.calls == []
    assert (await ask(house, "echo")).called.status == "ok"
