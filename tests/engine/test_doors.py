"""Whatever door a call comes through, it leaves the same checkpoints."""

from typing import Any

import pytest

from omni2.engine.requests import Asked, answer
from omni2.identity.principal import Door
from omni2.kernel.errors import Problem
from tests.engine.test_requests import OPENING, principal_of
from tests.support.house import House
from tests.support.scripted_model import says, wants

OWN = {"call_id", "iteration"}


async def steps(house: House, flow_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return kind, verdict and data of the call in a flow, without what differs by nature."""
    _, checkpoints = await house.served.flow(flow_id)
    return [
        (item.kind, item.verdict, item.data.model_dump(exclude=OWN))
        for item in checkpoints
        if item.kind in {"tool_call", "tool_result"}
    ]


async def by_chat(house: House, tool: str) -> str:
    """Let the model call a tool; return the flow."""
    house.model.play(wants(f"shop__{tool}", text="tea"), says("Done."))
    frames = await (await house.chat()).ask()
    return frames[0]["flow_id"]


async def by_request(house: House, tool: str, door: Door) -> str:
    """Call a tool directly; return the flow."""
    engine = house.served.process.engine
    asked = Asked("tool", "shop", tool, {"text": "tea"})
    return (await answer(engine, await principal_of(house), asked, door=door)).flow_id


@pytest.mark.parametrize("tool", ["echo", "fail", "secret_echo"])
async def test_a_call_leaves_the_same_steps_through_every_door(house: House, tool: str) -> None:
    chat = await by_chat(house, tool)
    mcp, api = await by_request(house, tool, "mcp"), await by_request(house, tool, "api")
    told = [await steps(house, flow_id) for flow_id in (chat, mcp, api)]
    assert told[0] == told[1] == told[2]
    for flow_id in (chat, mcp, api):
        assert (await house.kinds(flow_id))[:4] == OPENING


async def test_a_block_closes_every_door(house: House) -> None:
    principal = await principal_of(house)
    await house.block(house.ann)
    doors: tuple[Door, ...] = ("mcp", "api", "chat")
    for door in doors:
        with pytest.raises(Problem) as caught:
            await answer(house.served.process.engine, principal, Asked("tool", "shop", "echo", {}), door=door)
        assert (caught.value.code, caught.value.status) == ("blocked", 403)
    assert house.workshop.calls == []
